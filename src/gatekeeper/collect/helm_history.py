"""Helm: ``helm history RELEASE -o json``. Each revision that went back to another is a rollback that was really done.

What it says is that versions were changed, in which environment nobody knows, and not what was checked: digests,
duration and whether data is whole are absent, and rules that need them stay unanswered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS: Final = frozenset({"revision", "updated", "status", "chart", "description"})
_BACK: Final = re.compile(r"Rollback to (\d{1,9})", re.ASCII)
_OUTCOMES: Final[Mapping[str, str]] = {
    "deployed": "succeeded",
    "superseded": "succeeded",
    "failed": "failed",
    "pending-rollback": "unfinished",
    "uninstalled": "unfinished",
    "uninstalling": "unfinished",
    "unknown": "unfinished",
}


def recognise(value: Any) -> bool:
    """Whether this is the history of a release."""
    return isinstance(value, list) and bool(value) and all(isinstance(i, dict) and i.keys() >= _KEYS for i in value)


def read(value: Any) -> Reading:
    """Read a history."""
    revisions = {fields.whole(item, "revision", place): (item, place) for item, place in fields.each(value, "")}
    if len(revisions) != len(value):
        raise MalformedError("a revision is there twice", where="/", code="helm.revision")
    rehearsals = [
        _rehearsal(number, revisions)
        for number, (item, place) in sorted(revisions.items())
        if _BACK.match(fields.optional_text(item, "description", place))
    ]
    facts = {
        "tool": "helm",
        "rehearsals": rehearsals,
        "rehearsal_count": len(rehearsals),
        "complete": all(rehearsal["outcome"] != "unfinished" for rehearsal in rehearsals),
    }
    return Reading(kind="rollback", format="helm-history", facts=facts, producer="helm", media_type="application/json")


def _rehearsal(number: int, revisions: Mapping[int, tuple[dict[str, Any], str]]) -> dict[str, Any]:
    item, place = revisions[number]
    before, before_place = revisions.get(number - 1, ({}, ""))
    status = fields.text(item, "status", place)
    if status not in _OUTCOMES:
        raise MalformedError(f"the status {status!r} is not known", where=f"{place}/status", code="helm.status")
    return {
        "outcome": _OUTCOMES[status],
        "locator": place,
        **fields.known(
            from_version=_version(before, before_place),
            to_version=_version(item, place),
            finished_at=fields.instant(item, "updated", place),
        ),
    }


def _version(item: dict[str, Any], place: str) -> str:
    return fields.optional_text(item, "app_version", place) or fields.optional_text(item, "chart", place)


COLLECTOR: Final = JsonFormat(format="helm-history", kind="rollback", recognise=recognise, reader=read)
