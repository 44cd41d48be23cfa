"""Threagile: ``risks.json`` (threagile.io). Titles hold HTML, which is taken out; it names no time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS: Final = frozenset({"category", "risk_status", "severity", "synthetic_id"})
_SEVERITIES: Final[Mapping[str, str]] = {
    "critical": "critical",
    "high": "high",
    "elevated": "high",
    "medium": "medium",
    "low": "low",
}
_STATUSES: Final[Mapping[str, str]] = {
    "unchecked": "open",
    "in-discussion": "open",
    "accepted": "accepted",
    "in-progress": "in_progress",
    "mitigated": "mitigated",
    "false-positive": "false_positive",
}
_TAG: Final = re.compile(r"<[^<>]{0,200}>")


def recognise(value: Any) -> bool:
    """Whether this is a list of Threagile's risks."""
    return isinstance(value, list) and bool(value) and all(isinstance(i, dict) and i.keys() >= _KEYS for i in value)


def read(value: Any) -> Reading:
    """Read all risks."""
    risks = [_risk(item, place) for item, place in fields.each(value, "")]
    facts = {"tool": "threagile", "risks": risks, "risk_count": len(risks), "complete": True}
    return Reading(kind="risk", format="threagile", facts=facts, producer="threagile", media_type="application/json")


def _risk(item: dict[str, Any], place: str) -> dict[str, Any]:
    title = _TAG.sub("", fields.optional_text(item, "title", place)).strip()
    return {
        "id": fields.text(item, "synthetic_id", place),
        "severity": _word(item, "severity", _SEVERITIES, place),
        "status": _word(item, "risk_status", _STATUSES, place),
        "locator": place,
        **fields.known(title=title),
    }


def _word(item: dict[str, Any], key: str, words: Mapping[str, str], place: str) -> str:
    word = fields.text(item, key, place)
    if word not in words:
        hint = f"one of {', '.join(words)}"
        raise MalformedError(f"{word!r} is not known", where=f"{place}/{key}", hint=hint, code="threagile.word")
    return words[word]


COLLECTOR: Final = JsonFormat(format="threagile", kind="risk", recognise=recognise, reader=read)
