"""Prometheus: alerting rules and what fires, ``GET /api/v1/rules`` (Prometheus HTTP API, "Rules").

A rule that could not be evaluated has another health than ``ok``. Severities are those of the label ``severity`` by the
words in use; any other word is ``unknown``, which rules take for bad. The API tells what fires now, not what has fired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SEVERITIES: Final[Mapping[str, str]] = {
    "critical": "critical",
    "page": "critical",
    "error": "high",
    "high": "high",
    "warning": "medium",
    "medium": "medium",
    "info": "low",
    "low": "low",
    "none": "low",
}
_STATES: Final = frozenset({"inactive", "pending", "firing"})


def recognise(value: Any) -> bool:
    """Whether this is an answer about rules."""
    data = value.get("data") if isinstance(value, dict) and "status" in value else None
    return isinstance(data, dict) and isinstance(data.get("groups"), list)


def read(value: Any) -> Reading:
    """Read the alerting rules; recording rules are passed over."""
    answer = fields.document(value)
    if answer.get("status") != "success":
        raise MalformedError("the query failed", where="/status", code="prometheus.status")
    rules, times = [], []
    for item, place in _alerting(fields.mapping(answer, "data", "")):
        rules.append(_rule(item, place))
        times.append(fields.instant(item, "lastEvaluation", place))
    facts = {
        "rules": rules,
        "rule_count": len(rules),
        "complete": not answer.get("warnings") and not fields.optional_text(answer["data"], "groupNextToken", "/data"),
        **fields.known(observed_at=min(times) if all(times) and times else None),
    }
    return Reading(
        kind="alerts", format="prometheus-rules", facts=facts, producer="prometheus", media_type="application/json"
    )


def _alerting(data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for group, place in fields.each_in(data, "groups", "/data"):
        for item, here in fields.each_in(group, "rules", place):
            if fields.text(item, "type", here) == "alerting":
                yield item, here


def _rule(item: dict[str, Any], place: str) -> dict[str, Any]:
    state = fields.text(item, "state", place)
    if state not in _STATES:
        raise MalformedError(f"the state {state!r} is not known", where=f"{place}/state", code="prometheus.state")
    labels = fields.optional_mapping(item, "labels", place)
    word = fields.optional_text(labels, "severity", f"{place}/labels")
    return {
        "name": fields.text(item, "name", place),
        "severity": _SEVERITIES.get(word.lower(), "unknown"),
        "state": state,
        "healthy": fields.text(item, "health", place) == "ok",
        "locator": place,
    }


COLLECTOR: Final = JsonFormat(format="prometheus-rules", kind="alerts", recognise=recognise, reader=read)
