"""slo-generator: its version 2 reports, one or a list (google/slo-generator, ``slo_generator/report.py``).

Shares are computed from the counts of events; a report that states another share than its counts is contradicted by
itself. A backend that gives a share only has ``-1`` for counts. A report that is not ``valid`` measured nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.collect import _slo
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.objectives import shares, shares_of
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

_KEYS: Final = frozenset({"error_budget_policy", "error_budget_policy_step_name", "goal", "sli_measurement", "window"})
_UNKNOWN: Final = -1
_APART_PPM: Final = 1
"""How far the stated share may be from that of the counts: it was written as a binary fraction."""


def recognise(value: Any) -> bool:
    """Whether these are reports of slo-generator."""
    reports = value if isinstance(value, list) else [value]
    return bool(reports) and all(isinstance(item, dict) and item.keys() >= _KEYS for item in reports)


def read(value: Any) -> Reading:
    """Read all reports."""
    reports = list(fields.each(value, "")) if isinstance(value, list) else [(fields.document(value), "")]
    objectives = [_objective(item, place) for item, place in reports]
    claimed = [said for item, place in reports if (said := _claimed(item, place))]
    times = [_instant(item, place) for item, place in reports]
    first = claimed[0] if claimed else None
    return _slo.reading("slo-generator", "slo-generator", objectives, times, complete=True, claimed=first)


def _objective(item: dict[str, Any], place: str) -> dict[str, Any]:
    metadata = fields.optional_mapping(item, "metadata", place)
    goal = _number(item, "goal", place)
    window = fields.whole(item, "window", place)
    target = _slo.target(goal, f"{place}/goal")
    counts = _counts(item, place)
    if item.get("valid") is False:
        measured: dict[str, Any] = {}
    elif counts:
        measured = {"good": counts[0], "total": counts[1], **shares(target, *counts)}
    else:
        measured = shares_of(target, _slo.actual(_number(item, "sli_measurement", place), f"{place}/sli_measurement"))
    return {
        "name": fields.text(metadata, "name", f"{place}/metadata"),
        "target_ppm": target,
        **measured,
        "window": fields.text(item, "error_budget_policy_step_name", place),
        **({"window_ms": window * 1000} if window else {}),
        "locator": place or "/",
    }


def _counts(item: dict[str, Any], place: str) -> tuple[int, int] | None:
    """Good events and all of them; None where the backend knows none."""
    names = ("good_events_count", "bad_events_count")
    if any(item.get(name) == _UNKNOWN for name in names):
        return None
    good, bad = (fields.whole(item, name, place) for name in names)
    return good, good + bad


def _claimed(item: dict[str, Any], place: str) -> dict[str, Any]:
    counts = _counts(item, place)
    if counts is None or not counts[1] or item.get("valid") is False:
        return {}
    stated = _slo.actual(_number(item, "sli_measurement", place), f"{place}/sli_measurement")
    apart = abs(stated - counts[0] * 1_000_000 // counts[1]) > _APART_PPM
    differs = "events_count" in item and fields.whole(item, "events_count", place) != counts[1]
    return {"sli_measurement": item["sli_measurement"], "locator": place or "/"} if apart or differs else {}


def _number(item: dict[str, Any], name: str, place: str) -> float:
    number = fields.optional_number(item, name, place)
    if number is None:
        raise fields.missing(name, place)
    return number


def _instant(item: dict[str, Any], place: str) -> str:
    """``timestamp``: seconds since 1970."""
    number = _number(item, "timestamp", place)
    try:
        instant = _time.format_instant(datetime.fromtimestamp(number, UTC))
    except (ValueError, OverflowError, OSError) as cause:
        raise MalformedError("no time", where=f"{place}/timestamp", code="time") from cause
    return _time.format_instant(_time.parse_instant(instant, where=f"{place}/timestamp"))


COLLECTOR: Final = JsonFormat(format="slo-generator", kind="slo", recognise=recognise, reader=read)
