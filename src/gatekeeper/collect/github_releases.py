"""GitHub: a release, a list of them, or the webhook event about one (docs.github.com, REST API, "Releases").

Who read the notes before they were published GitHub does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _notes
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS: Final = frozenset({"tag_name", "draft", "prerelease"})
_GONE: Final = frozenset({"deleted", "unpublished"})


def recognise(value: Any) -> bool:
    """Whether this is one or more releases."""
    if isinstance(value, list):
        return bool(value) and all(_is_release(item) for item in value)
    return _is_release(value) or (isinstance(value, dict) and _is_release(value.get("release")))


def read(value: Any) -> Reading:
    """Read all releases."""
    action = fields.optional_text(value, "action", "") if isinstance(value, dict) else ""
    releases = [_release(item, place, gone=action in _GONE) for item, place in _releases(value)]
    facts = {"releases": releases, "release_count": len(releases), "complete": True}
    return Reading(
        kind="release_notes", format="github-releases", facts=facts, producer="github", media_type="application/json"
    )


def _is_release(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= _KEYS


def _releases(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, list):
        yield from fields.each(value, "")
    elif _is_release(value):
        yield value, ""
    else:
        yield fields.mapping(value, "release", ""), "/release"


def _release(item: dict[str, Any], place: str, *, gone: bool) -> dict[str, Any]:
    draft, prerelease = (_flag(item, name, place) for name in ("draft", "prerelease"))
    login = fields.optional_text(fields.optional_mapping(item, "author", place), "login", f"{place}/author")
    return {
        "version": fields.text(item, "tag_name", place),
        "state": "yanked" if gone else "draft" if draft else "published",
        "prerelease": prerelease,
        "locator": place or "/",
        **_notes.described(fields.optional_text(item, "body", place)),
        **fields.known(
            title=fields.optional_text(item, "name", place),
            published_at=fields.instant(item, "published_at", place),
            author=f"github:{login}" if login else "",
        ),
    }


def _flag(item: dict[str, Any], name: str, place: str) -> bool:
    if not isinstance(item[name], bool):
        raise fields.wrong(item[name], "a boolean", f"{place}/{name}")
    return bool(item[name])


COLLECTOR: Final = JsonFormat(format="github-releases", kind="release_notes", recognise=recognise, reader=read)
