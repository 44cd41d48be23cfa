"""OSCAL: risks of a plan of action and milestones, or of assessment results (NIST OSCAL 1.x, JSON).

OSCAL fixes no words for how bad a risk is: each tool has facets of its own. A facet called ``risk``, ``severity`` or
``impact`` with a word that is known counts, the worst of them; without one the severity is unknown. Findings that are
not satisfied and name no risk are risks of unknown severity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAN: Final = "plan-of-action-and-milestones"
_RESULTS: Final = "assessment-results"
_STATUSES: Final[Mapping[str, str]] = {
    "open": "open",
    "investigating": "open",
    "remediating": "in_progress",
    "deviation-requested": "open",
    "deviation-approved": "accepted",
    "closed": "mitigated",
}
_FACETS: Final = frozenset({"impact", "risk", "severity"})
_SEVERITIES: Final = ("critical", "high", "medium", "low")
_WORDS: Final[Mapping[str, str]] = {
    **{word: word for word in _SEVERITIES},
    "moderate": "medium",
    "very high": "critical",
}

_Placed = tuple[dict[str, Any], str]


def recognise(value: Any) -> bool:
    """Whether this is one of the two models."""
    return isinstance(value, dict) and any(isinstance(value.get(name), dict) for name in (_PLAN, _RESULTS))


def read(value: Any) -> Reading:
    """Read the risks of a document."""
    name = _PLAN if _PLAN in value else _RESULTS
    model, place = fields.mapping(value, name, ""), f"/{name}"
    parts = [(model, place)] if name == _PLAN else list(fields.each_in(model, "results", place))
    risks = [_risk(item, here) for part, start in parts for item, here in fields.each_in(part, "risks", start)]
    risks += [_finding(item, here) for part, start in parts for item, here in _loose(part, start)]
    metadata = fields.mapping(model, "metadata", place)
    facts = {
        "tool": "oscal",
        "risks": risks,
        "risk_count": len(risks),
        "complete": bool(parts),
        **fields.known(assessed_at=fields.instant(metadata, "last-modified", f"{place}/metadata")),
    }
    return Reading(kind="risk", format="oscal", facts=facts, media_type="application/json")


def _risk(item: dict[str, Any], place: str) -> dict[str, Any]:
    status = fields.text(item, "status", place)
    if status not in _STATUSES:
        raise MalformedError(f"the status {status!r} is not known", where=f"{place}/status", code="oscal.status")
    return {
        "id": fields.text(item, "uuid", place),
        "severity": _severity(item, place),
        "status": _STATUSES[status],
        "locator": place,
        **fields.known(
            title=fields.optional_text(item, "title", place), due_at=fields.instant(item, "deadline", place)
        ),
    }


def _severity(item: dict[str, Any], place: str) -> str:
    found = {
        _WORDS.get(fields.optional_text(facet, "value", there).lower(), "")
        for characterization, here in fields.each_in(item, "characterizations", place)
        for facet, there in fields.each_in(characterization, "facets", here)
        if fields.optional_text(facet, "name", there).lower() in _FACETS
    }
    return next((word for word in _SEVERITIES if word in found), "unknown")


def _loose(part: dict[str, Any], place: str) -> Iterator[_Placed]:
    """Findings that are not satisfied and name no risk."""
    for item, here in fields.each_in(part, "findings", place):
        target = fields.optional_mapping(item, "target", here)
        status = target.get("status")
        state = status.get("state") if isinstance(status, dict) else status
        if state != "satisfied" and not fields.optional_items(item, "related-risks", here):
            yield item, here


def _finding(item: dict[str, Any], place: str) -> dict[str, Any]:
    title = fields.optional_text(item, "title", place)
    said = {"id": fields.text(item, "uuid", place), "severity": "unknown", "status": "open", "locator": place}
    return said | fields.known(title=title)


COLLECTOR: Final = JsonFormat(format="oscal", kind="risk", recognise=recognise, reader=read)
