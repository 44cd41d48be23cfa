"""k6: every measurement of a run, one JSON object a line (``k6 run --out json=FILE``; grafana.com, k6, "JSON output").

A phase is a scenario. ``http_req_failed`` is 1 for a request that failed. Each request leaves one point of
``http_reqs``, of ``http_req_failed`` and of ``http_req_duration``; a file in which one of them is missing was cut off
or filtered. A file that ends between two requests cannot be told from a whole one.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.collect._course import Interval, outages
from gatekeeper.collect.k6 import rounded_up
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.collect.reading import Report

_START: Final = re.compile(rb'\{\s*"(?:type|metric|data)"\s*:')
_REQUESTS: Final = "http_reqs"
_FAILED: Final = "http_req_failed"
_DURATION: Final = "http_req_duration"
_METRICS: Final = frozenset({_REQUESTS, _FAILED, _DURATION})
_DEFAULT: Final = "default"
_PERCENT: Final = 95


@dataclass(slots=True)
class _Scenario:
    """What was measured in a scenario.

    Attributes:
        line: Of its first point.
        requests, failed: How many points there are.
        errors: Requests that failed.
        durations: In milliseconds.
        times: Of the requests.
    """

    line: int
    requests: int = 0
    failed: int = 0
    errors: int = 0
    durations: list[float] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Point:
    metric: str
    value: float
    at: datetime
    scenario: str
    line: int


class _K6Points:
    format: Final = "k6-points"
    kind: Final = "endurance"

    def matches(self, report: Report) -> bool:
        return _START.match(report.head) is not None and b'"Point"' in report.data and b'"http_reqs"' in report.head

    def read(self, report: Report) -> Reading:
        points = list(_points(report))
        scenarios = _scenarios(points)
        phases = [_phase(name, scenario) for name, scenario in sorted(scenarios.items())]
        facts = {
            "tool": "k6",
            "requests": sum(phase["requests"] for phase in phases),
            "errors": sum(phase["errors"] for phase in phases),
            "phases": phases,
            "phase_count": len(phases),
            "complete": all(
                held.requests == held.failed == len(held.durations) and held.errors <= held.requests
                for held in scenarios.values()
            ),
            **_span(point.at for point in points),
            **outages(_intervals(points)),
        }
        return Reading(
            kind="endurance", format=self.format, facts=facts, producer="k6", media_type="application/x-ndjson"
        )


def _points(report: Report) -> Iterator[_Point]:
    for value, line in report.documents:
        event, place = fields.document(value, f"line {line}"), f"line {line}"
        kind = fields.text(event, "type", place)
        if kind not in {"Metric", "Point"}:
            raise MalformedError(f"the type {kind!r} is not known", where=f"{place}/type", code="k6.type")
        if kind == "Point" and fields.text(event, "metric", place) in _METRICS:
            yield _point(event, line)


def _point(event: dict[str, Any], line: int) -> _Point:
    place = f"line {line}/data"
    data = fields.mapping(event, "data", f"line {line}")
    tags = fields.optional_mapping(data, "tags", place)
    value = fields.optional_number(data, "value", place)
    if value is None or rounded_up(value, f"{place}/value") is None:
        raise fields.missing("value", place)
    metric = fields.text(event, "metric", f"line {line}")
    if metric != _DURATION and value not in {0, 1}:
        raise MalformedError("neither 0 nor 1", where=f"{place}/value", code="k6.value")
    at = _time.parse_instant(fields.text(data, "time", place), where=f"{place}/time")
    scenario = fields.optional_text(tags, "scenario", f"{place}/tags") or _DEFAULT
    return _Point(metric=metric, value=value, at=at, scenario=scenario, line=line)


def _scenarios(points: Iterable[_Point]) -> dict[str, _Scenario]:
    found: dict[str, _Scenario] = {}
    for point in points:
        held = found.setdefault(point.scenario, _Scenario(point.line))
        match point.metric:
            case "http_reqs":
                held.requests += int(point.value)
                held.times.append(point.at)
            case "http_req_failed":
                held.failed += 1
                held.errors += int(point.value)
            case _:
                held.durations.append(point.value)
    return found


def _phase(name: str, held: _Scenario) -> dict[str, Any]:
    lasted = max(held.times) - min(held.times) if held.times else timedelta(0)
    ranked = sorted(held.durations)
    percentile = math.ceil(ranked[math.ceil(len(ranked) * _PERCENT / 100) - 1]) if ranked else None
    return {
        "name": name,
        "requests": held.requests,
        "errors": min(held.errors, held.requests),
        "duration_ms": _milliseconds(lasted),
        "locator": f"line {held.line}",
        **fields.known(p95_ms=percentile),
    }


def _intervals(points: Iterable[_Point]) -> list[Interval]:
    """The seconds in which a request ended."""
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for point in points:
        if point.metric != _DURATION:
            counts[int(point.at.timestamp())][point.metric == _FAILED] += int(point.value)
    return [
        Interval(start_ms=second * 1000, end_ms=second * 1000 + 1000, requests=requests, errors=errors)
        for second, (requests, errors) in sorted(counts.items())
    ]


def _span(times: Iterable[datetime]) -> dict[str, Any]:
    held = sorted(times)
    if not held:
        return {}
    return {
        "duration_ms": _milliseconds(held[-1] - held[0]),
        "started_at": _time.format_instant(held[0]),
        "finished_at": _time.format_instant(held[-1]),
    }


def _milliseconds(duration: timedelta) -> int:
    return int(duration / timedelta(milliseconds=1))


COLLECTOR: Final = _K6Points()
