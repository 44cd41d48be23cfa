"""PagerDuty: incidents, ``GET /incidents`` (REST API v2). One page of several is not complete.

The severity is the urgency, since priorities are called what each account likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS: Final[Mapping[str, str]] = {"triggered": "open", "acknowledged": "acknowledged", "resolved": "resolved"}
_URGENCY: Final[Mapping[str, str]] = {"high": "high", "low": "low"}


def recognise(value: Any) -> bool:
    """Whether this is a page of incidents."""
    return isinstance(value, dict) and isinstance(value.get("incidents"), list) and {"limit", "more"} <= value.keys()


def read(value: Any) -> Reading:
    """Read a page."""
    page = fields.document(value)
    incidents = [_incident(item, place) for item, place in fields.each_in(page, "incidents", "")]
    is_all = page["more"] is False and page.get("offset", 0) == 0
    facts = {"incidents": incidents, "incident_count": len(incidents), "complete": is_all}
    return Reading(
        kind="incidents", format="pagerduty", facts=facts, producer="pagerduty", media_type="application/json"
    )


def _incident(item: dict[str, Any], place: str) -> dict[str, Any]:
    said = fields.text(item, "status", place)
    if said not in _STATUS:
        raise MalformedError(f"the status {said!r} is not known", where=f"{place}/status", code="pagerduty.status")
    return {
        "id": fields.text(item, "id", place),
        "title": fields.optional_text(item, "title", place) or fields.text(item, "id", place),
        "severity": _URGENCY.get(fields.optional_text(item, "urgency", place), "unknown"),
        "status": _STATUS[said],
        "locator": place,
        **fields.known(
            opened_at=fields.instant(item, "created_at", place), resolved_at=fields.instant(item, "resolved_at", place)
        ),
    }


COLLECTOR: Final = JsonFormat(format="pagerduty", kind="incidents", recognise=recognise, reader=read)
