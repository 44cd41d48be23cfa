"""Canaries: every request counted, the tests as scipy makes them, and no data that is never zero."""

from __future__ import annotations

import csv
import importlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import LimitError, MalformedError, UsageError
from gatekeeper.facts import kind
from gatekeeper.testing import facts as made

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
HEADER = "step,exposure_percent,variant,at,duration_ms,ok,saturation_percent"
TELEMETRY = (
    "first,5,canary,2026-01-15T12:00:00.5Z,10.0005,true,",
    "first,5,baseline,2026-01-15T12:00:00Z,9,true,",
    "first,5,canary,2026-01-15T13:00:01+01:00,12.25,false,",
    "first,5,baseline,2026-01-15T12:00:02Z,8.5,true,",
    "first,5,end,2026-01-15T12:00:03Z,,,41",
    ",25,next,,,,",
)


def requests(*rows: str, header: str = HEADER) -> Any:
    return registry.read(Report("\n".join([header, *rows, ""]).encode(), "canary.csv")).facts


def test_requests_say_exactly_this() -> None:
    found = requests(*TELEMETRY)
    digests = [found["steps"][0][name].pop("samples_digest") for name in ("canary", "baseline")]

    assert len({*digests}) == 2
    assert found == {
        "next_exposure_percent": 25,
        "measured_at": "2026-01-15T12:00:03Z",
        "requests": 2,
        "step_count": 1,
        "steps": [
            {
                "name": "first",
                "exposure_percent": 5,
                "started_at": "2026-01-15T12:00:00Z",
                "finished_at": "2026-01-15T12:00:03Z",
                "finished": True,
                "duration_ms": 3000,
                "canary": {
                    "requests": 2,
                    "errors": 1,
                    "samples": 2,
                    "p50_ms": 10,
                    "p95_ms": 13,
                    "p99_ms": 13,
                    "max_ms": 13,
                },
                "baseline": {
                    "requests": 2,
                    "errors": 0,
                    "samples": 2,
                    "p50_ms": 9,
                    "p95_ms": 9,
                    "p99_ms": 9,
                    "max_ms": 9,
                },
                "saturation_percent": 41,
                "adopted": 2,
                "eligible": 4,
                "error_rate": {
                    "test": "fisher_exact",
                    "p_value_ppm": 500_000,
                    "adjusted_p_value_ppm": 500_000,
                    "effect_ppm": 500_000,
                    "detectable_ppm": 998_980,
                },
                "latency": {
                    "test": "mann_whitney_exact",
                    "statistic_thousandths": 4000,
                    "p_value_ppm": 166_667,
                    "adjusted_p_value_ppm": 333_334,
                    "effect_ppm": 1_000_000,
                    "detectable_ppm": 1_000_000,
                },
                "locator": "line 2",
            }
        ],
        "complete": True,
    }


def test_a_step_without_an_end_goes_on() -> None:
    (step,) = requests(*TELEMETRY[:4])["steps"]

    assert (step["finished"], "finished_at" in step, step["duration_ms"]) == (False, False, 2000)
    assert "next_exposure_percent" not in requests(*TELEMETRY[:4])


@given(st.permutations(TELEMETRY[:4]))
def test_the_order_of_requests_changes_nothing(rows: list[str]) -> None:
    assert requests(*rows, *TELEMETRY[4:]) == requests(*TELEMETRY)


def test_columns_may_be_in_any_order() -> None:
    order = [3, 6, 0, 2, 5, 1, 4]
    turned = [",".join(row.split(",")[at] for at in order) for row in (HEADER, *TELEMETRY)]

    assert requests(*turned[1:], header=turned[0]) == requests(*TELEMETRY)


REFUSED = {
    "another variant": ("first,5,control,2026-01-15T12:00:00Z,9,true,", "canary.row"),
    "neither true nor false": ("first,5,canary,2026-01-15T12:00:00Z,9,yes,", "canary.row"),
    "no duration": ("first,5,canary,2026-01-15T12:00:00Z,,true,", "canary.row"),
    "NaN": ("first,5,canary,2026-01-15T12:00:00Z,NaN,true,", "canary.row"),
    "less than no time": ("first,5,canary,2026-01-15T12:00:00Z,-1,true,", "canary.row"),
    "saturation of a request": ("first,5,canary,2026-01-15T12:00:00Z,9,true,5", "canary.row"),
    "no step": (",5,canary,2026-01-15T12:00:00Z,9,true,", "canary.row"),
    "no time": ("first,5,canary,,9,true,", "time"),
    "no zone": ("first,5,canary,2026-01-15T12:00:00,9,true,", "time"),
    "another exposure": ("first,6,canary,2026-01-15T12:00:00Z,9,true,", "canary.row"),
    "no exposure": ("first,,canary,2026-01-15T12:00:00Z,9,true,", "report.value"),
    "more than all": ("second,101,canary,2026-01-15T12:00:00Z,9,true,", "report.value"),
    "less than none": ("second,-1,canary,2026-01-15T12:00:00Z,9,true,", "report.value"),
    "an end that is a request": ("first,5,end,2026-01-15T12:00:03Z,9,true,", "canary.row"),
    "an end before the last request": ("first,5,end,2026-01-15T12:00:01Z,,,", "canary.row"),
    "saturation that is no number": ("first,5,end,2026-01-15T12:00:03Z,,,much", "report.value"),
    "a value too few": ("first,5,canary,2026-01-15T12:00:00Z,9,true", "canary.row"),
    "a value too many": ("first,5,canary,2026-01-15T12:00:00Z,9,true,,", "canary.row"),
    "a quote left open": ('first,5,canary,"2026-01-15T12:00:00Z,9,true,', "canary.syntax"),
    "a next with a step": ("first,25,next,,,,", "canary.row"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_that_cannot_be_is_refused_with_its_line(name: str) -> None:
    row, code = REFUSED[name]
    with pytest.raises(MalformedError) as caught:
        requests(*TELEMETRY[:4], row)

    assert caught.value.code == code
    assert caught.value.where == "canary.csv: line 6"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((*TELEMETRY, TELEMETRY[0]), "canary.row"),  # after the end of its step
        ((*TELEMETRY, TELEMETRY[4]), "canary.row"),
        ((*TELEMETRY, TELEMETRY[5]), "canary.row"),  # a second next
        ((), "canary.steps"),
        ((TELEMETRY[5],), "canary.steps"),
    ],
)
def test_what_comes_twice_or_not_at_all_is_refused(rows: tuple[str, ...], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        requests(*rows)
    assert caught.value.code == code


@pytest.mark.parametrize("header", [HEADER + ",note", HEADER + ",ok", HEADER.replace("saturation_percent", "")])
def test_other_columns_are_refused(header: str) -> None:
    with pytest.raises(MalformedError) as caught:
        requests(header=header)
    assert (caught.value.code, caught.value.where) == ("canary.columns", "canary.csv: line 1")


def test_a_column_that_is_missing_makes_another_format() -> None:
    with pytest.raises(UsageError, match="not recognised"):
        requests(header=HEADER.replace("variant,", ""))


def test_more_rows_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.collect.canary_requests.MAX_ITEMS", 3)
    with pytest.raises(LimitError) as caught:
        requests(*TELEMETRY)
    assert caught.value.where == "canary.csv: line 5"


def test_other_encodings_are_refused() -> None:
    with pytest.raises(MalformedError) as caught:
        registry.read(Report(HEADER.encode() + b"\n\xff", "canary.csv"))
    assert caught.value.code == "canary.encoding"


@pytest.mark.parametrize("name", ["requests.csv", "requests-bad.csv"])
def test_of_real_requests_the_tests_find_what_scipy_finds(name: str) -> None:
    stats: Any = importlib.import_module("scipy.stats")
    path = FIXTURES / "canary" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ok"]]
    for step in registry.read(Report(path.read_bytes(), name)).facts["steps"]:
        mine = [row for row in rows if row["step"] == step["name"]]
        durations, failed = {}, {}
        for variant in ("canary", "baseline"):
            of = [row for row in mine if row["variant"] == variant]
            durations[variant] = [float(row["duration_ms"]) for row in of]
            failed[variant] = [row["ok"] == "false" for row in of]
            assert (step[variant]["requests"], step[variant]["errors"]) == (len(of), sum(failed[variant]))
        u = stats.mannwhitneyu(durations["canary"], durations["baseline"], alternative="greater", method="asymptotic")
        table = [[sum(failed[name]), len(failed[name]) - sum(failed[name])] for name in ("canary", "baseline")]
        if step["error_rate"]["test"] == "fisher_exact":
            rate = stats.fisher_exact(table, alternative="greater").pvalue
        else:
            rate = stats.norm.sf(stats.chi2_contingency(table, correction=False).statistic ** 0.5)
        holm = max(u.pvalue, min(1, 2 * min(u.pvalue, rate))), max(rate, min(1, 2 * min(u.pvalue, rate)))
        for name_, p_value, by_all in (("latency", u.pvalue, holm[0]), ("error_rate", rate, holm[1])):
            assert step[name_]["p_value_ppm"] == pytest.approx(p_value * 1e6, abs=0.51)
            assert step[name_]["adjusted_p_value_ppm"] == pytest.approx(by_all * 1e6, abs=1.01)


# Prometheus


def answer(*series: tuple[dict[str, str], Any], form: str = "vector", **more: Any) -> dict[str, Any]:
    key = "value" if form == "vector" else "values"
    result = [{"metric": labels, key: value} for labels, value in series]
    return {"status": "success", "data": {"resultType": form, "result": result}} | more


def one(text: str) -> dict[str, Any]:
    return answer(({}, [1768478400.781, text]))


def over_time(*values: str, **labels: str) -> dict[str, Any]:
    return answer((labels, [[1768478400 + at, text] for at, text in enumerate(values)]), form="matrix")


def latency(**buckets: str) -> dict[str, Any]:
    return answer(*(({"le": le}, [0, count]) for le, count in buckets.items()))


def prometheus() -> dict[str, Any]:
    def variant(failed: str) -> dict[str, Any]:
        return {"requests": one("100.7"), "errors": one(failed), "latency": latency(**{"0.1": "40.5", "+Inf": "100.7"})}

    step = {
        "name": "first",
        "exposure_percent": 5,
        "started_at": "2026-01-15T12:00:00Z",
        "finished_at": "2026-01-15T12:30:00Z",
        "canary": variant("2.1"),
        "baseline": variant("0"),
        "saturation": over_time("0.1", "0.405", "0.2"),
        "adopted": one("100.7"),
        "eligible": one("2000.1"),
    }
    return {"canary": "parcel", "next_exposure_percent": 25, "steps": [step]}


def read(report: Any) -> Any:
    return registry.read(Report(json.dumps(report).encode(), "canary.json")).facts


def changed(pointer: str, value: Any) -> dict[str, Any]:
    report = prometheus()
    owner: Any = report["steps"][0]
    *path, last = pointer.split("/")
    for name in path:
        owner = owner[name]
    owner[last] = value
    return report


def test_answers_of_prometheus_say_exactly_this() -> None:
    found = read(prometheus())
    (step,) = found["steps"]
    assert found["name"] == "parcel"
    assert (found["next_exposure_percent"], found["complete"], found["requests"]) == (25, True, 100)
    canary = {
        name: step["canary"][name]
        for name in ("requests", "errors", "samples", "p50_ms", "p95_ms", "max_ms")
        if name in step["canary"]
    }

    assert canary == {"requests": 100, "errors": 3, "samples": 100}  # the median is beyond the last bound
    assert (step["saturation_percent"], step["adopted"], step["eligible"]) == (41, 100, 2001)
    assert (step["duration_ms"], step["finished"], step["locator"]) == (1_800_000, True, "/steps/0")
    assert step["latency"]["effect_ppm"] == 0


NO_DATA = {
    "empty": answer(),
    "NaN": one("NaN"),
    "infinite": one("+Inf"),
    "a range without points": over_time(),
    "a range that breaks": over_time("1", "NaN", "2"),
    "a warning": one("5") | {"warnings": ["could not reach a store"]},
}


@pytest.mark.parametrize("name", NO_DATA)
@pytest.mark.parametrize("pointer", ["canary/requests", "canary/errors", "baseline/requests", "saturation", "adopted"])
def test_no_data_is_not_complete(name: str, pointer: str) -> None:
    report = changed(pointer, NO_DATA[name])
    if pointer.endswith("requests"):
        report["steps"][0][pointer.partition("/")[0]]["errors"] = one("0")

    assert read(report)["complete"] is False


def test_no_buckets_are_no_latency() -> None:
    found = read(changed("canary/latency", answer()))

    assert found["complete"] is False
    assert "latency" not in found["steps"][0]


FAILED = {
    "a query that failed": ("canary/requests", {"status": "error", "error": "timed out"}, "prometheus.failed"),
    "text for an answer": ("canary/errors", "0", "shape"),
    "a string result": ("canary/errors", answer(form="string"), "report.value"),
    "a number that is no text": ("canary/errors", answer(({}, [0, 5])), "shape"),
    "a value that is no number": ("canary/errors", one("many"), "report.value"),
    "hexadecimal": ("canary/errors", one("0x10"), "report.value"),
    "more than is counted": ("canary/requests", one("1e16"), "report.value"),
    "less than none": ("adopted", one("-1"), "report.value"),
    "more errors than requests": ("canary/errors", one("100.8"), "canary.count"),
    "a native histogram": (
        "canary/latency",
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": []}]}},
        "prometheus.native",
    ),
    "a bucket without a bound": ("canary/latency", one("5"), "shape"),
    "a bound that is no number": ("canary/latency", latency(**{"fast": "1", "+Inf": "2"}), "report.value"),
    "no last bucket": ("canary/latency", latency(**{"0.1": "1"}), "prometheus.buckets"),
    "a member that nobody reads": ("finnished_at", "2026-01-15T12:30:00Z", "shape"),
    "a query that nobody reads": ("canary/error", one("5"), "shape"),
    "more than all": ("exposure_percent", 101, "report.value"),
    "an end before the beginning": ("finished_at", "2026-01-15T11:59:59Z", "canary.times"),
    "no beginning": ("started_at", None, "shape"),
    "no name": ("name", "", "shape"),
}


@pytest.mark.parametrize("name", FAILED)
def test_an_answer_that_cannot_be_is_refused(name: str) -> None:
    pointer, value, code = FAILED[name]
    with pytest.raises(MalformedError) as caught:
        read(changed(pointer, value))
    assert caught.value.code == code
    assert caught.value.where.startswith("canary.json: /steps/0")


def test_counters_over_time_are_their_increase_and_resets_count_from_zero() -> None:
    report = changed("canary/requests", over_time("100", "130", "10", "50"))
    assert read(report)["requests"] == 80


def test_series_are_added_up() -> None:
    report = changed("canary/requests", answer(({"pod": "a"}, [0, "60"]), ({"pod": "b"}, [0, "70"])))
    assert read(report)["requests"] == 130


def test_buckets_of_several_series_are_added_up_and_sorted_by_their_bound() -> None:
    series = [
        ({"le": le, "pod": pod}, [0, count])
        for le, count in (("+Inf", "50"), ("0.5", "49"), ("0.1", "30"))
        for pod in "ab"
    ]
    (step,) = read(changed("canary/latency", answer(*series)))["steps"]

    assert {name: step["canary"][name] for name in ("samples", "p50_ms", "p95_ms")} == {
        "samples": 100,
        "p50_ms": 100,
        "p95_ms": 500,
    }


def test_a_step_without_its_end_goes_on() -> None:
    report = prometheus()
    del report["steps"][0]["finished_at"]
    (step,) = read(report)["steps"]
    assert (step["finished"], step["duration_ms"]) == (False, 0)


def test_two_steps_of_one_name_are_refused() -> None:
    report = prometheus()
    report["steps"] *= 2
    with pytest.raises(MalformedError, match="a second step 'first'"):
        read(report)


# what somebody signs is counted again

TAMPERED = {
    "requests": (("requests",), 1),
    "errors of the canary": (("steps", 0, "canary", "errors"), 2001),
    "a p-value": (("steps", 0, "error_rate", "p_value_ppm"), 1_000_000),
    "an adjusted p-value": (("steps", 0, "latency", "adjusted_p_value_ppm"), 1_000_000),
    "an effect": (("steps", 0, "error_rate", "effect_ppm"), 0),
    "what would be found": (("steps", 0, "latency", "detectable_ppm"), 5),
    "what would be found of errors": (("steps", 0, "error_rate", "detectable_ppm"), 5),
    "the test": (("steps", 0, "error_rate", "test"), "fisher_exact"),
    "the duration": (("steps", 0, "duration_ms"), 9_999_999),
    "whether it has ended": (("steps", 0, "finished"), False),
    "samples": (("steps", 0, "canary", "samples"), 9_999_999),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_facts_that_do_not_fit_each_other_are_refused(name: str) -> None:
    path, value = TAMPERED[name]
    held = json.loads(json.dumps(made.canary(errors=50, slower_ms=3).facts))
    kind("canary").validate(held)
    owner = held
    for step in path[:-1]:
        owner = owner[step]
    assert owner[path[-1]] != value
    owner[path[-1]] = value

    with pytest.raises(MalformedError) as caught:
        kind("canary").validate(held)
    assert caught.value.code in {"facts.count", "schema"}


@pytest.mark.parametrize("test", ["error_rate", "latency"])
def test_a_test_that_could_be_made_and_is_left_out_is_refused(test: str) -> None:
    held = json.loads(json.dumps(made.canary().facts))
    del held["steps"][0][test]

    with pytest.raises(MalformedError):
        kind("canary").validate(held)


def test_shuffled_real_requests_say_the_same() -> None:
    data = (FIXTURES / "canary/requests.csv").read_text(encoding="utf-8").splitlines()
    first, second, last = data[1:501], data[502:1202], (data[501], *data[1202:])
    before = registry.read(Report("\n".join(data).encode(), "r")).facts
    rng = random.Random(7)  # noqa: S311 - any order will do
    rng.shuffle(first)
    rng.shuffle(second)
    after = registry.read(Report("\n".join([data[0], *first, *second, *last]).encode(), "r")).facts
    for held in (before, after):
        for step in held["steps"]:
            step.pop("locator")

    assert after == before
