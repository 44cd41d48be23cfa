"""GitLab: a release or a list of them (docs.gitlab.com, "Releases API"). One that is planned is a draft."""

from __future__ import annotations

from typing import Any, Final

from gatekeeper.collect import _notes
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

_KEYS: Final = frozenset({"tag_name", "description", "released_at"})


def recognise(value: Any) -> bool:
    """Whether this is one or more releases."""
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(isinstance(i, dict) and i.keys() >= _KEYS and "draft" not in i for i in items)


def read(value: Any) -> Reading:
    """Read all releases."""
    placed = list(fields.each(value, "")) if isinstance(value, list) else [(fields.document(value), "")]
    releases = [_release(item, place) for item, place in placed]
    facts = {"releases": releases, "release_count": len(releases), "complete": True}
    return Reading(
        kind="release_notes", format="gitlab-releases", facts=facts, producer="gitlab", media_type="application/json"
    )


def _release(item: dict[str, Any], place: str) -> dict[str, Any]:
    name = fields.optional_text(fields.optional_mapping(item, "author", place), "username", f"{place}/author")
    version = fields.text(item, "tag_name", place)
    return {
        "version": version,
        "state": "draft" if item.get("upcoming_release") else "published",
        "prerelease": _notes.is_prerelease(version),
        "locator": place or "/",
        **_notes.described(fields.optional_text(item, "description", place)),
        **fields.known(
            title=fields.optional_text(item, "name", place),
            published_at=fields.instant(item, "released_at", place),
            author=f"gitlab:{name}" if name else "",
        ),
    }


COLLECTOR: Final = JsonFormat(format="gitlab-releases", kind="release_notes", recognise=recognise, reader=read)
