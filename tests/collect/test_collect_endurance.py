"""Load over time: phases are differences of totals, outages are measured, nothing that shrinks is believed."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError
from samples import Sample
from shared import needs_shared

HEAD = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,95%,Total Request Count,Total Failure Count"


def report(*rows: tuple[int, int, str, int, int], name: str = "Aggregated") -> Report:
    lines = [f"{1000 + second},{users},,{name},0,0,{p95},{all_},{bad}" for second, users, p95, all_, bad in rows]
    return Report(("\n".join([HEAD, *lines]) + "\n").encode(), "h.csv")


def facts_of(*rows: tuple[int, int, str, int, int]) -> Any:
    return registry.read(report(*rows)).facts


def test_phases_are_runs_of_one_number_of_users() -> None:
    facts = facts_of(
        (0, 0, "N/A", 0, 0), (1, 5, "3", 10, 0), (3, 5, "4.2", 30, 1), (4, 9, "7", 90, 1), (9, 0, "7", 90, 1)
    )
    assert facts["phases"] == [
        {"name": "5 users", "users": 5, "requests": 30, "errors": 1, "p95_ms": 5, "duration_ms": 3000, "locator": "line 3"},
        {"name": "9 users", "users": 9, "requests": 60, "errors": 0, "p95_ms": 7, "duration_ms": 1000, "locator": "line 5"},
    ]  # fmt: skip
    assert {name: value for name, value in facts.items() if name != "phases"} == {
        "tool": "locust",
        "requests": 90,
        "errors": 1,
        "phase_count": 2,
        "complete": True,
        "duration_ms": 9000,
        "started_at": "1970-01-01T00:16:40Z",
        "finished_at": "1970-01-01T00:16:49Z",
        "recovery_ms": 2000,
        "recovered": True,
    }


def test_a_phase_in_which_nobody_got_an_answer_stays_and_has_no_percentile() -> None:
    (phase,) = facts_of((0, 5, "N/A", 0, 0), (9, 5, "N/A", 0, 0))["phases"]
    assert (phase["requests"], "p95_ms" in phase) == (0, False)


@pytest.mark.parametrize(
    ("totals", "recovery_ms", "recovered"),
    [
        ([(0, 0), (5, 0), (9, 0)], 0, True),
        ([(0, 0), (5, 1), (9, 1)], 1000, True),
        ([(0, 0), (5, 0), (9, 1)], 1000, False),
        ([(0, 0), (5, 1), (5, 1), (9, 1)], 2000, True),
        ([(0, 0), (5, 1), (5, 1), (5, 1)], 3000, False),
        ([(0, 0), (5, 1), (9, 1), (12, 2), (15, 3), (18, 3)], 2000, True),
    ],
    ids=str,
)
def test_the_longest_outage_lasts_to_the_next_answers(totals: Any, recovery_ms: int, recovered: bool) -> None:
    facts = facts_of(*((second, 2, "3", requests, errors) for second, (requests, errors) in enumerate(totals)))
    assert (facts["recovery_ms"], facts["recovered"]) == (recovery_ms, recovered)


def test_rows_of_single_endpoints_are_not_counted_twice() -> None:
    both = (
        report((0, 1, "3", 5, 0), (1, 1, "3", 9, 0)).data + report((1, 1, "3", 9, 0), name="/pay").data.split(b"\n")[1]
    )
    assert registry.read(Report(both, "h.csv")).facts["requests"] == 9


def test_one_row_is_no_course() -> None:
    assert facts_of((0, 1, "3", 5, 0))["complete"] is False


BROKEN = {
    "requests that become fewer": report((0, 1, "3", 9, 0), (1, 1, "3", 5, 0)),
    "failures that become fewer": report((0, 1, "3", 5, 2), (1, 1, "3", 9, 1)),
    "more failures than requests": report((0, 1, "3", 5, 0), (1, 1, "3", 6, 3)),
    "a clock that goes back": report((5, 1, "3", 5, 0), (1, 1, "3", 9, 0)),
    "a row that is cut off": Report(report((0, 1, "3", 5, 0)).data + b"1001,1,,Aggr", "h.csv"),
    "no number": Report(report((0, 1, "3", 5, 0)).data.replace(b",5,0\n", b",five,0\n"), "h.csv"),
    "no UTF-8": Report(report((0, 1, "3", 5, 0)).data + b"\xff", "h.csv"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(MalformedError) as refused:
        registry.read(BROKEN[name])
    assert refused.value.where.startswith("h.csv")


def test_a_statement_that_counts_otherwise_is_refused() -> None:
    text = 'statement = "endurance"\ntool = "t"\nrequests = 9\nerrors = 0\n[[phases]]\nname = "p"\nrequests = 8\nerrors = 0\n'
    with pytest.raises(GatekeeperError, match="says 9, 8 are there"):
        registry.read(Report(text.encode(), "s.toml"))


@needs_shared
def test_a_real_history_has_the_totals_of_its_last_row() -> None:
    facts = registry.read(Sample(path="perf/locust/locust_2.47_stats_history.csv").report).facts
    assert (facts["requests"], facts["errors"], facts["duration_ms"], facts["recovered"]) == (650, 164, 7000, False)


def points(*metrics: tuple[str, Any], at: str = "2026-01-15T12:00:00Z", scenario: str = "peak") -> str:
    """Lines of k6, one for each metric."""
    import json

    said = [
        {"type": "Point", "metric": metric, "data": {"time": at, "value": value, "tags": {"scenario": scenario}}}
        for metric, value in metrics
    ]
    return "".join(json.dumps(line) + "\n" for line in said)


def k6_facts(text: str) -> Any:
    return registry.read(Report(text.encode(), "p.json")).facts


REQUEST = (("http_reqs", 1), ("http_req_duration", 12.5), ("http_req_failed", 0))


def test_a_phase_of_k6_is_a_scenario() -> None:
    facts = k6_facts(points(*REQUEST) + points(*REQUEST, scenario="calm", at="2026-01-15T12:00:01Z"))
    assert [(phase["name"], phase["requests"], phase["p95_ms"]) for phase in facts["phases"]] == [
        ("calm", 1, 13),
        ("peak", 1, 13),
    ]
    assert (facts["duration_ms"], facts["complete"], facts["recovered"]) == (1000, True, True)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_request_without_all_its_points_is_not_complete(missing: int) -> None:
    left = [point for index, point in enumerate(REQUEST) if index != missing]
    assert k6_facts(points(*REQUEST) + points(*left))["complete"] is False


@pytest.mark.parametrize(
    "text",
    [
        points(("http_reqs", 2), *REQUEST),
        points(*REQUEST, ("http_req_failed", 0.5)),
        points(*REQUEST, ("http_req_duration", -1)),
        points(*REQUEST, ("http_req_duration", None)),
        points(*REQUEST, at="yesterday"),
        points(*REQUEST).replace('"Point"', '"Dot"', 1),
        points(*REQUEST)[:-20],
    ],
)
def test_points_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(MalformedError) as refused:
        k6_facts(text)
    assert refused.value.where.startswith("p.json")
