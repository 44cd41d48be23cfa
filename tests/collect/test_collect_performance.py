"""What is read from the results of load tests, exactly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
import small_reports as small
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading


def read(report: Any) -> Reading:
    return registry.read(Report(small.encoded(report), "load.json"))


def exported() -> dict[str, Any]:
    """The same summary as ``--summary-export`` writes it: values in the metric itself."""
    return {"metrics": {name: metric["values"] for name, metric in small.K6["metrics"].items()}}


def test_k6_says_exactly_this() -> None:
    assert read(small.K6).facts == {
        "tool": "k6",
        "requests": 10,
        "errors": 1,
        "duration_ms": 1001,
        "endpoints": [
            {
                "name": "http",
                "requests": 10,
                "errors": 1,
                "p50_ms": 2,
                "p95_ms": 2,
                "max_ms": 4,
                "locator": "/metrics/http_req_duration",
            }
        ],
        "complete": True,
    }


def test_both_shapes_of_k6_say_the_same() -> None:
    facts = dict(read(small.K6).facts)
    del facts["duration_ms"]

    assert read(exported()).facts == facts


def test_k6_without_requests_is_refused() -> None:
    report = small.changed(small.K6, "/metrics", {"iterations": {}, "iteration_duration": {}})

    with pytest.raises(MalformedError) as caught:
        read(report)

    assert caught.value.code == "k6.no_requests"


def test_locust_says_exactly_this() -> None:
    assert read(small.LOCUST).facts == {
        "tool": "locust",
        "requests": 100,
        "errors": 2,
        "duration_ms": 2500,
        "endpoints": [
            {
                "name": "GET /",
                "requests": 100,
                "errors": 2,
                "p50_ms": 10,
                "p95_ms": 50,
                "p99_ms": 90,
                "max_ms": 91,
                "locator": "/0",
            }
        ],
        "complete": True,
    }


@pytest.mark.parametrize(
    "change", [{"num_requests": 99}, {"num_requests": 101}, {"num_none_requests": 1}, {"num_failures": 101}]
)
def test_an_entry_of_locust_that_contradicts_itself_is_not_complete(change: dict[str, int]) -> None:
    assert read([{**small.LOCUST[0], **change}]).facts["complete"] is False


def test_an_endpoint_that_was_never_asked_has_no_percentiles() -> None:
    entry = {**small.LOCUST[0], "num_requests": 0, "num_failures": 0, "response_times": {}}
    facts = read([entry]).facts

    assert facts["requests"] == 0
    assert facts["complete"] is True
    assert "p95_ms" not in facts["endpoints"][0]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=60))
def test_percentiles_are_those_of_the_nearest_rank(durations: list[int]) -> None:
    times = {str(value): durations.count(value) for value in durations}
    entry = {**small.LOCUST[0], "num_requests": len(durations), "num_failures": 0, "response_times": times}
    (endpoint,) = read([entry]).facts["endpoints"]

    for name, percent in (("p50_ms", 50), ("p95_ms", 95), ("p99_ms", 99)):
        assert endpoint[name] == sorted(durations)[math.ceil(len(durations) * percent / 100) - 1]
