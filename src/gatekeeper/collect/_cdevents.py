"""CDEvents: events of one topic out of an event, or a list of events (cdevents.dev, "Continuous Operations Events").

The type carries topic, what happened and a version: ``dev.cdevents.incident.detected.0.3.0``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPE: Final = re.compile(r"dev\.cdevents\.([a-z]+)\.([a-z]+)\.\d+\.\d+\.\d+(?:-draft)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        happened: Such as ``detected``.
        at: RFC 3339 time.
        id: Of what it is about.
        content: What it says of that.
        place: Its JSON pointer.
    """

    happened: str
    at: str
    id: str
    content: dict[str, Any]
    place: str


def has(value: Any, topic: str) -> bool:
    """Whether a document is an event or a list of events, one of which is of the topic."""
    return any(
        isinstance(item, dict) and _topic(item) == topic for item in (value if isinstance(value, list) else [value])
    )


def of_topic(value: Any, topic: str) -> Iterator[Event]:
    """The events of a topic, in the order of their times.

    Raises:
        MalformedError: Something in it is no event; ``where`` has the JSON pointer.
    """
    listed = list(fields.each(value, "")) if isinstance(value, list) else [(fields.document(value), "")]
    found = [_event(item, place) for item, place in listed]
    yield from sorted((event for name, event in found if name == topic), key=lambda event: (event.at, event.place))


def _topic(item: dict[str, Any]) -> str:
    context = item.get("context")
    match = _TYPE.fullmatch(str(context.get("type"))) if isinstance(context, dict) else None
    return match[1] if match else ""


def _event(item: dict[str, Any], place: str) -> tuple[str, Event]:
    context, subject = fields.mapping(item, "context", place), fields.mapping(item, "subject", place)
    match = _TYPE.fullmatch(fields.text(context, "type", f"{place}/context"))
    if match is None:
        raise MalformedError("no type of CDEvents", where=f"{place}/context/type", code="cdevents.type")
    at = fields.instant(context, "timestamp", f"{place}/context")
    if not at:
        raise fields.missing("timestamp", f"{place}/context")
    event = Event(
        happened=match[2],
        at=at,
        id=fields.text(subject, "id", f"{place}/subject"),
        content=fields.optional_mapping(subject, "content", f"{place}/subject"),
        place=place or "/",
    )
    return match[1], event
