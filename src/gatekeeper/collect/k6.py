"""k6: the data of ``handleSummary()`` and the file of ``--summary-export``.

One endpoint, all requests: the summary has no others. ``http_req_failed`` is a rate whose ``passes`` are the requests
that *failed*. Thresholds are not read: their sense is inverted between the two shapes, and a gate has its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_SAFE_INTEGER
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_DURATIONS: Final[Mapping[str, str]] = {"p50_ms": "med", "p95_ms": "p(95)", "p99_ms": "p(99)", "max_ms": "max"}
_MILLISECONDS: Final = frozenset({"", "ms"})


def recognise(value: Any) -> bool:
    """Whether this is a k6 summary."""
    metrics = value.get("metrics") if isinstance(value, dict) else None
    return isinstance(metrics, dict) and "iterations" in metrics and "iteration_duration" in metrics


def read(value: Any) -> Reading:
    """Read a summary of either shape."""
    summary = fields.document(value)
    _check_unit(fields.optional_mapping(summary, "options", ""))
    metrics = fields.mapping(summary, "metrics", "")
    if "http_reqs" not in metrics:
        raise MalformedError("no HTTP requests", where="/metrics/http_reqs", code="k6.no_requests")
    requests, place = _values(metrics, "http_reqs")
    count = fields.whole(requests, "count", place)
    errors = _errors(metrics, count)
    state = fields.optional_mapping(summary, "state", "")
    endpoint = {"name": "http", "requests": count, "errors": errors, "locator": "/metrics/http_req_duration"}
    facts = {
        "tool": "k6",
        "requests": count,
        "errors": errors,
        "endpoints": [endpoint | _durations(metrics)] if count else [],
        "complete": True,
        **fields.known(duration_ms=rounded_up(fields.optional_number(state, "testRunDurationMs", "/state"), "/state")),
    }
    return Reading(kind="performance", format="k6", facts=facts, producer="k6", media_type="application/json")


def rounded_up(number: float | None, place: str) -> int | None:
    """Whole milliseconds, rounded up; None for None.

    Raises:
        MalformedError: Below zero, or more than any run lasts.
    """
    if number is None:
        return None
    if not 0 <= number <= MAX_SAFE_INTEGER:
        raise MalformedError("not a duration", where=place, code="report.value")
    return math.ceil(number)


def _check_unit(options: dict[str, Any]) -> None:
    if fields.optional_text(options, "summaryTimeUnit", "/options") not in _MILLISECONDS:
        raise MalformedError(
            "durations in another unit than milliseconds",
            where="/options/summaryTimeUnit",
            hint="leave --summary-time-unit out",
            code="k6.unit",
        )


def _values(metrics: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """The values of a metric: below ``values`` in one shape, in the metric itself in the other."""
    metric = fields.mapping(metrics, name, "/metrics")
    if "values" in metric:
        return fields.mapping(metric, "values", f"/metrics/{name}"), f"/metrics/{name}/values"
    return metric, f"/metrics/{name}"


def _errors(metrics: dict[str, Any], count: int) -> int:
    values, place = _values(metrics, "http_req_failed")
    failed = fields.whole(values, "passes", place)
    if failed + fields.whole(values, "fails", place) != count:
        raise MalformedError("failed and other requests are not all requests", where=place, code="k6.count")
    return failed


def _durations(metrics: dict[str, Any]) -> dict[str, Any]:
    values, place = _values(metrics, "http_req_duration")
    found = {
        name: rounded_up(fields.optional_number(values, key, place), f"{place}/{key}")
        for name, key in _DURATIONS.items()
    }
    return fields.known(**found)


COLLECTOR: Final = JsonFormat(format="k6", kind="performance", recognise=recognise, reader=read)
