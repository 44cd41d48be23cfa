"""GitHub: webhook events ``deployment_status``, one or a list of them (GitHub Docs, "Webhook events and payloads").

``inactive`` says that another deployment took its place; ``error`` is a failure. What is queued, pending, waiting or in
progress is unfinished.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES: Final[Mapping[str, str]] = {
    "success": "succeeded",
    "failure": "failed",
    "error": "failed",
    "inactive": "removed",
    **dict.fromkeys(("in_progress", "pending", "queued", "waiting"), "unfinished"),
}


def recognise(value: Any) -> bool:
    """Whether this is an event about the status of a deployment, or a list that begins with one."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict) and {"deployment_status", "deployment"} <= first.keys()


def read(value: Any) -> Reading:
    """Read the newest status of each deployment."""
    listed = list(fields.each(value, "")) if isinstance(value, list) else [(fields.document(value), "")]
    found: dict[str, dict[str, Any]] = {}
    for said in sorted((_deployment(item, place) for item, place in listed), key=lambda said: said["finished_at"]):
        found[said["id"]] = said
    facts = {
        "deployments": sorted(found.values(), key=lambda said: (said["finished_at"], said["id"])),
        "deployment_count": len(found),
        "format": "github",
        "complete": True,
    }
    return Reading(kind="deployment", format="github-deployments", facts=facts, media_type="application/json")


def _deployment(event: dict[str, Any], place: str) -> dict[str, Any]:
    status, here = fields.mapping(event, "deployment_status", place), f"{place}/deployment_status"
    deployment, there = fields.mapping(event, "deployment", place), f"{place}/deployment"
    state = fields.text(status, "state", here)
    if state not in _STATES:
        raise MalformedError(f"the state {state!r} is not known", where=f"{here}/state", code="github.state")
    at = fields.instant(status, "created_at", here)
    if not at:
        raise fields.missing("created_at", here)
    return {
        "id": str(fields.whole(deployment, "id", there)),
        "environment": fields.optional_text(status, "environment", here)
        or fields.text(deployment, "environment", there),
        "outcome": _STATES[state],
        "finished_at": at,
        "locator": here,
        **fields.known(
            commit=fields.optional_text(deployment, "sha", there),
            started_at=fields.instant(deployment, "created_at", there),
        ),
    }


COLLECTOR: Final = JsonFormat(format="github-deployments", kind="deployment", recognise=recognise, reader=read)
