"""CDEvents of incidents: detected, reported, resolved. An incident that nothing resolved is open.

The events have no severity: it is ``unknown``, which rules take for bad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _cdevents
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS: Final[Mapping[str, str]] = {"detected": "open", "reported": "acknowledged", "resolved": "resolved"}


def recognise(value: Any) -> bool:
    """Whether there is an event about an incident."""
    return _cdevents.has(value, "incident")


def read(value: Any) -> Reading:
    """Read what became of each incident, by the order of the events."""
    incidents: dict[str, dict[str, Any]] = {}
    for event in _cdevents.of_topic(value, "incident"):
        if event.happened not in _STATUS:
            raise MalformedError(f"{event.happened} is not known", where=event.place, code="cdevents.incident")
        before = incidents.get(event.id, {})
        incidents[event.id] = {
            "id": event.id,
            "title": fields.optional_text(event.content, "description", event.place) or before.get("title", event.id),
            "severity": "unknown",
            "status": _STATUS[event.happened],
            "opened_at": before.get("opened_at", event.at),
            "locator": event.place,
            **({"resolved_at": event.at} if event.happened == "resolved" else {}),
        }
    facts = {"incidents": list(incidents.values()), "incident_count": len(incidents), "complete": True}
    return Reading(kind="incidents", format="cdevents-incidents", facts=facts, media_type="application/json")


COLLECTOR: Final = JsonFormat(format="cdevents-incidents", kind="incidents", recognise=recognise, reader=read)
