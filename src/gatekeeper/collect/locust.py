"""Locust: the output of ``locust --json``. The CSV files are snapshots that lag behind it and are not read.

Percentiles are computed from the histogram in ``response_times`` (nearest rank), whose durations Locust rounds to two
digits above 100 ms. An entry whose histogram does not hold all its requests is contradicted by itself.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.k6 import rounded_up
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERCENTILES: Final[Mapping[str, int]] = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99}
_DURATION: Final = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_KEYS: Final = frozenset({"name", "method", "num_requests", "num_failures", "response_times"})

_Histogram = list[tuple[float, int]]
"""Duration in milliseconds and number of requests, by duration."""


def recognise(value: Any) -> bool:
    """Whether this is a list of Locust's statistics."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and item.keys() >= _KEYS for item in value)
    )


def read(value: Any) -> Reading:
    """Read the statistics of all endpoints."""
    entries = list(fields.each(value, ""))
    histograms = [_histogram(item, place) for item, place in entries]
    endpoints = [
        _endpoint(item, place, histogram) for (item, place), histogram in zip(entries, histograms, strict=True)
    ]
    facts = {
        "tool": "locust",
        "requests": sum(endpoint["requests"] for endpoint in endpoints),
        "errors": sum(endpoint["errors"] for endpoint in endpoints),
        "endpoints": endpoints,
        "complete": all(
            _is_whole(item, place, histogram) for (item, place), histogram in zip(entries, histograms, strict=True)
        ),
        **fields.known(duration_ms=_duration(entries)),
    }
    return Reading(kind="performance", format="locust", facts=facts, producer="locust", media_type="application/json")


def _endpoint(item: dict[str, Any], place: str, histogram: _Histogram) -> dict[str, Any]:
    method = fields.optional_text(item, "method", place)
    slowest = fields.optional_number(item, "max_response_time", place)
    return {
        "name": f"{method} {fields.text(item, 'name', place)}".strip(),
        "requests": fields.whole(item, "num_requests", place),
        "errors": fields.whole(item, "num_failures", place),
        "locator": place,
        **{name: _percentile(histogram, percent) for name, percent in _PERCENTILES.items() if histogram},
        **fields.known(max_ms=rounded_up(slowest, f"{place}/max_response_time")),
    }


def _histogram(item: dict[str, Any], place: str) -> _Histogram:
    times = fields.mapping(item, "response_times", place)
    for text in times:
        if not _DURATION.fullmatch(text):
            raise MalformedError("not a duration", where=f"{place}/response_times/{text}", code="report.value")
    return sorted((float(text), fields.whole(times, text, f"{place}/response_times")) for text in times)


def _percentile(histogram: _Histogram, percent: int) -> int:
    rank = math.ceil(sum(number for _, number in histogram) * percent / 100)
    for milliseconds, number in histogram:
        rank -= number
        if rank <= 0:
            return math.ceil(milliseconds)
    return math.ceil(histogram[-1][0])


def _is_whole(item: dict[str, Any], place: str, histogram: _Histogram) -> bool:
    timed = sum(number for _, number in histogram)
    untimed = fields.whole(item, "num_none_requests", place) if "num_none_requests" in item else 0
    requests = fields.whole(item, "num_requests", place)
    return timed + untimed == requests and fields.whole(item, "num_failures", place) <= requests


def _duration(entries: list[tuple[dict[str, Any], str]]) -> int | None:
    starts = [fields.optional_number(item, "start_time", place) for item, place in entries]
    ends = [fields.optional_number(item, "last_request_timestamp", place) for item, place in entries]
    if None in starts or None in ends:
        return None
    return rounded_up((max(filter(None, ends), default=0) - min(filter(None, starts), default=0)) * 1000, "/")


COLLECTOR: Final = JsonFormat(format="locust", kind="performance", recognise=recognise, reader=read)
