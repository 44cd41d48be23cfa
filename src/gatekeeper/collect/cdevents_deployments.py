"""CDEvents of services: deployed, upgraded, rolled back, removed. What was published was not deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _cdevents
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect._cdevents import Event

_OUTCOMES: Final[Mapping[str, str]] = {
    "deployed": "succeeded",
    "upgraded": "succeeded",
    "rolledback": "rolled_back",
    "removed": "removed",
}
_NO_DEPLOYMENT: Final = "published"


def recognise(value: Any) -> bool:
    """Whether there is an event about a service."""
    return _cdevents.has(value, "service")


def read(value: Any) -> Reading:
    """Read each deployment, the newest last."""
    events = [event for event in _cdevents.of_topic(value, "service") if event.happened != _NO_DEPLOYMENT]
    facts = {
        "deployments": [_deployment(event) for event in events],
        "deployment_count": len(events),
        "format": "cdevents",
        "complete": True,
    }
    return Reading(kind="deployment", format="cdevents-deployments", facts=facts, media_type="application/json")


def _deployment(event: Event) -> dict[str, Any]:
    if event.happened not in _OUTCOMES:
        raise MalformedError(f"{event.happened} is not known", where=event.place, code="cdevents.service")
    environment = fields.mapping(event.content, "environment", event.place)
    return {
        "id": event.id,
        "environment": fields.text(environment, "id", event.place),
        "outcome": _OUTCOMES[event.happened],
        "finished_at": event.at,
        "locator": event.place,
        **fields.known(artifact=fields.optional_text(event.content, "artifactId", event.place)),
    }


COLLECTOR: Final = JsonFormat(format="cdevents-deployments", kind="deployment", recognise=recognise, reader=read)
