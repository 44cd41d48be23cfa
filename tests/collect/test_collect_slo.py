"""Service level objectives: what was measured, what is left of the budget, and definitions that are no measurement."""

from __future__ import annotations

import json
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from gatekeeper.facts import kind
from gatekeeper.facts.objectives import shares, shares_of
from gatekeeper.testing import facts as made

WRITTEN = Path(__file__).resolve().parents[2] / "fixtures/written"


def read(report: Any) -> Any:
    return registry.read(Report(json.dumps(report).encode(), "slo.json")).facts


def written(name: str) -> Any:
    return json.loads((WRITTEN / name).read_bytes())


# arithmetic


@given(st.integers(0, 10**6), st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_budget_and_burn_rate_are_what_the_workbook_says(target: int, counts: tuple[int, int]) -> None:
    good, total = counts
    found, bad = shares(target, good, total), Fraction(total - good, total)
    budget = 1 - Fraction(target, 10**6)

    assert found["actual_ppm"] == floor(Fraction(good, total) * 10**6)
    assert found["met"] is (1 - bad >= Fraction(target, 10**6))
    if budget:
        assert found["burn_rate_thousandths"] == ceil(bad / budget * 1000)
        assert found["budget_left_ppm"] == 10**6 - ceil(bad / budget * 10**6)
        assert found["met"] is (found["budget_left_ppm"] >= 0)
    else:
        assert "burn_rate_thousandths" not in found
        assert found["budget_left_ppm"] == (-(10**6) if bad else 0)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_share_is_as_good_as_counts_out_of_a_million(target: int, actual: int) -> None:
    assert shares_of(target, actual) == shares(target, actual, 10**6)


def test_of_nothing_nothing_was_measured() -> None:
    assert shares(990_000, 0, 0) == {}


# slo-generator


def generated(**more: Any) -> dict[str, Any]:
    report: dict[str, Any] = written("slo-generator.json")[0]
    return report | more


def test_a_report_of_slo_generator_says_exactly_this() -> None:
    assert read(generated()) == {
        "tool": "slo-generator",
        "measured_at": "2026-01-15T12:00:00.250000Z",
        "objectives": [
            {
                "name": "parcel-api-availability",
                "target_ppm": 990_000,
                "good": 99_630,
                "total": 100_000,
                "actual_ppm": 996_300,
                "met": True,
                "budget_left_ppm": 630_000,
                "burn_rate_thousandths": 370,
                "window": "28d",
                "window_ms": 2_419_200_000,
                "locator": "/",
            }
        ],
        "objective_count": 1,
        "measured_count": 1,
        "complete": True,
    }


def test_several_reports_are_as_old_as_the_oldest() -> None:
    found = read([generated(), generated(timestamp=1768474800)])

    assert found["measured_at"] == "2026-01-15T11:00:00Z"
    assert [objective["locator"] for objective in found["objectives"]] == ["/0", "/1"]


def test_a_backend_that_knows_no_counts_says_a_share() -> None:
    found = read(generated(good_events_count=-1, bad_events_count=-1, sli_measurement=0.9899999))
    (objective,) = found["objectives"]

    assert (objective["actual_ppm"], objective["met"], "total" in objective) == (989_999, False, False)
    assert found["complete"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"sli_measurement": 0.9999},
        {"events_count": 100_001},
        {"valid": False},
        {"good_events_count": 0, "bad_events_count": 0, "events_count": 0},
    ],
)
def test_what_contradicts_itself_or_measured_nothing_is_not_complete(change: dict[str, Any]) -> None:
    found = read([generated(**change), generated()])
    assert found["complete"] is False
    assert ("claimed" in found) is ("sli_measurement" in change or change.get("events_count") == 100_001)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"goal": 1.5}, "/goal"),
        ({"goal": "0.9"}, "/goal"),
        ({"goal": None}, "/goal"),
        ({"sli_measurement": -0.5, "good_events_count": -1}, "/sli_measurement"),
        ({"good_events_count": -2}, "/good_events_count"),
        ({"bad_events_count": 1.5}, "/bad_events_count"),
        ({"timestamp": 1e18}, "/timestamp"),
        ({"timestamp": None}, "/timestamp"),
        ({"timestamp": -1}, "/timestamp"),
        ({"window": -1}, "/window"),
        ({"metadata": {}}, "/metadata/name"),
    ],
)
def test_a_report_that_cannot_be_is_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(generated(**change))
    assert caught.value.where == f"slo.json: {where}"


# Keptn


def evaluated(**more: Any) -> dict[str, Any]:
    event: dict[str, Any] = written("keptn-evaluation.json")
    event["data"]["evaluation"] |= more
    return event


def indicator(status: str, *, success: bool = True, name: str = "p95") -> dict[str, Any]:
    return {"status": status, "value": {"metric": name, "success": success, "value": 1}}


def test_an_evaluation_of_keptn_says_exactly_this() -> None:
    assert read(written("keptn-evaluation-bad.json")) == {
        "tool": "keptn",
        "measured_at": "2026-01-15T12:00:00Z",
        "objectives": [
            {"name": "response_time_p95", "met": False, "locator": "/data/evaluation/indicatorResults/0"},
            {"name": "error_rate", "met": True, "locator": "/data/evaluation/indicatorResults/1"},
        ],
        "objective_count": 2,
        "measured_count": 2,
        "complete": True,
    }


@pytest.mark.parametrize(("status", "met"), [("pass", True), ("warning", False), ("fail", False)])
def test_a_warning_is_no_pass(status: str, met: bool) -> None:
    (objective,) = read(evaluated(indicatorResults=[indicator(status)], result=status))["objectives"]
    assert objective["met"] is met


@pytest.mark.parametrize(
    "change",
    [
        {"indicatorResults": [indicator("pass", success=False)]},
        {"indicatorResults": [indicator("pass"), indicator("info", success=False)]},
        {"indicatorResults": [indicator("pass")], "result": "fail"},
        {"indicatorResults": [indicator("pass")], "result": "warning"},
        {"indicatorResults": [], "result": "fail"},
    ],
)
def test_an_evaluation_that_lacks_a_value_or_a_reason_is_not_complete(change: dict[str, Any]) -> None:
    assert read(evaluated(**change))["complete"] is False


def test_an_evaluation_that_did_not_succeed_is_not_complete() -> None:
    event = evaluated()
    event["data"]["status"] = "errored"
    assert read(event)["complete"] is False


def test_an_evaluation_of_nothing_has_measured_nothing() -> None:
    assert read(evaluated(indicatorResults=[indicator("info")]))["measured_count"] == 0


@pytest.mark.parametrize("change", [{"result": "passed"}, {"indicatorResults": [indicator("ok")]}, {"result": None}])
def test_words_that_keptn_does_not_have_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read(evaluated(**change))


# OpenSLO


def vector(*values: str) -> dict[str, Any]:
    result = [{"metric": {}, "value": [1768478400, value]} for value in values]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def joined(**measurements: Any) -> dict[str, Any]:
    report: dict[str, Any] = written("openslo-prometheus.json")
    report["openslo"] = report["openslo"][:1]
    counts = {"good": vector("9990.9"), "total": vector("10000")}
    report["measurements"] = measurements or {"parcel-availability": counts}
    return report


def test_a_definition_with_a_measurement_says_exactly_this() -> None:
    first, second = read(joined())["objectives"]
    assert first == {
        "name": "parcel-availability/users",
        "target_ppm": 995_000,
        "good": 9990,
        "total": 10_000,
        "actual_ppm": 999_000,
        "met": True,
        "budget_left_ppm": 800_000,
        "burn_rate_thousandths": 200,
        "window": "28d",
        "locator": "/openslo/0/spec/objectives/0",
    }
    assert (second["name"], second["target_ppm"], second["met"]) == ("parcel-availability/partners", 999_000, True)
    assert second["budget_left_ppm"] == 0


@pytest.mark.parametrize("names", [("good", "total"), ("bad", "total"), ("good", "bad")])
def test_two_of_good_bad_and_total_say_the_third(names: tuple[str, str]) -> None:
    counts = {"good": vector("9990"), "bad": vector("10"), "total": vector("10000")}
    report = joined(**{"parcel-availability": {name: counts[name] for name in names}})
    first = read(report)["objectives"][0]

    assert (first["good"], first["total"]) == (9990, 10_000)


def test_an_objective_may_have_a_measurement_of_its_own() -> None:
    own = {"good": vector("5"), "total": vector("10")}
    whole = {"good": vector("10"), "total": vector("10")}
    report = joined(**{"parcel-availability": whole, "parcel-availability/partners": own})

    assert [objective["good"] for objective in read(report)["objectives"]] == [10, 5]


@pytest.mark.parametrize(
    "counts",
    [
        {"good": vector(), "total": vector("10")},
        {"good": vector("NaN"), "total": vector("10")},
        {"good": vector("0"), "total": vector("0")},
        {"good": vector("10") | {"warnings": ["cut"]}, "total": vector("10")},
    ],
)
def test_no_data_is_no_measurement(counts: dict[str, Any]) -> None:
    assert read(joined(**{"parcel-availability": counts}))["complete"] is False


def test_an_objective_without_a_measurement_is_not_complete() -> None:
    found = read(joined(**{"parcel-availability/users": {"good": vector("10"), "total": vector("10")}}))
    assert (found["complete"], found["measured_count"], found["objective_count"]) == (False, 1, 2)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "more good than there are": (
        {"parcel-availability": {"good": vector("11"), "total": vector("10")}},
        "openslo.counts",
    ),
    "less than none": ({"parcel-availability": {"good": vector("-1"), "bad": vector("10")}}, "openslo.counts"),
    "one count": ({"parcel-availability": {"good": vector("11")}}, "openslo.counts"),
    "three counts": (
        {"parcel-availability": {"good": vector("1"), "bad": vector("0"), "total": vector("1")}},
        "openslo.counts",
    ),
    "another count": ({"parcel-availability": {"good": vector("1"), "all": vector("1")}}, "openslo.counts"),
    "a name that nobody has": ({"parcel-avail": {"good": vector("1"), "total": vector("1")}}, "openslo.name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_measurement_that_cannot_be_is_refused(name: str) -> None:
    measurements, code = REFUSED[name]
    with pytest.raises(MalformedError) as caught:
        read(joined(**measurements))
    assert caught.value.code == code


def defined(**more: Any) -> dict[str, Any]:
    report = joined()
    report["openslo"][0] |= more
    return report


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (joined() | {"note": 1}, "shape"),
        ({name: value for name, value in joined().items() if name != "measured_at"}, "shape"),
        (defined(apiVersion="openslo/v2"), "openslo.version"),
        (defined(kind="Service"), "openslo.kind"),
        (defined(spec={"objectives": [{"displayName": "x"}]}), "openslo.target"),
        (defined(spec={"objectives": [{"target": 0.9, "targetPercent": 90}]}), "openslo.target"),
        (defined(spec={"objectives": [{"target": 99}]}), "report.value"),
        (defined(spec={}), "shape"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(report: Any, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(report)
    assert caught.value.code == code


@pytest.mark.parametrize(("percent", "target"), [(99.9, 999_000), (99.95, 999_500), (100, 10**6), (0, 0)])
def test_a_target_may_be_in_per_cent(percent: float, target: int) -> None:
    spec = {"objectives": [{"displayName": "users", "targetPercent": percent}]}
    (objective,) = read(defined(spec=spec))["objectives"]
    assert objective["target_ppm"] == target


def test_a_definition_alone_is_no_measurement() -> None:
    found = registry.read(Report((WRITTEN / "openslo-bad.yaml").read_bytes(), "slo.yaml")).facts

    assert (found["complete"], found["measured_count"], found["objective_count"]) == (False, 0, 2)
    assert all("met" not in objective for objective in found["objectives"])


# what somebody signs is counted again


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("met", False),
        ("actual_ppm", 10**6),
        ("good", 10_001),
        ("total", 9_990),
        ("budget_left_ppm", 10**6),
        ("burn_rate_thousandths", 0),
        ("target_ppm", 0),
    ],
)
def test_an_objective_that_does_not_fit_its_counts_is_refused(name: str, value: Any) -> None:
    held = json.loads(json.dumps(made.slo().facts))
    kind("slo").validate(held)
    held["objectives"][0][name] = value

    with pytest.raises(MalformedError):
        kind("slo").validate(held)


@pytest.mark.parametrize("name", ["met", "good", "total", "budget_left_ppm"])
def test_an_objective_that_keeps_back_what_its_counts_say_is_refused(name: str) -> None:
    held = json.loads(json.dumps(made.slo().facts))
    del held["objectives"][0][name]

    with pytest.raises(MalformedError):
        kind("slo").validate(held)


def test_objectives_without_counts_are_judged_by_their_share() -> None:
    held = json.loads(json.dumps(made.slo().facts))
    held["objectives"][0] = {"name": "a", "locator": "/0", "target_ppm": 990_000, **shares_of(990_000, 995_000)}
    kind("slo").validate(held)
    held["objectives"][0]["budget_left_ppm"] += 1

    with pytest.raises(MalformedError):
        kind("slo").validate(held)


def test_a_document_with_an_objective_that_nobody_measured_is_not_complete() -> None:
    held = json.loads(json.dumps(made.slo(unmeasured=1).facts))
    with pytest.raises(MalformedError, match="complete"):
        kind("slo").validate(held | {"complete": True})
