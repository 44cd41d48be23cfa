"""The rules on speed, over whole reports, and the test they make, against scipy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_reports import ROOT, Case, document_of, result

from gatekeeper import _data
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.testing import MadeDocument, Rules, facts
from shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.find import OpaBinary

QUOTES = "test_quotes.py::test_quotes"
CASES = (
    Case(
        rule="benchmark.budget",
        reports=("fixtures/benchmark/pytest.json",),
        outcome="pass",
        parameters={"budgets": [{"benchmark": QUOTES, "max_median_ns": 10**9}]},
    ),
    Case(
        rule="benchmark.budget",
        reports=("fixtures/written/google-benchmark.json",),
        outcome="fail",
        violations=2,
        first=(
            "BM_Label has a budget and was not measured",
            "the median of BM_Postage is 1002 ns, its budget 1001 ns",
        ),
        parameters={
            "budgets": [
                {"benchmark": "BM_Postage", "max_median_ns": 1001},
                {"benchmark": "BM_Label", "max_median_ns": 5},
            ]
        },
    ),
    Case(
        rule="benchmark.budget",
        reports=("fixtures/written/google-benchmark-bad.json",),
        outcome="unanswered",
        violations=1,
        first=("google-benchmark-bad.json is not complete: something was skipped or cut off",),
        parameters={"budgets": [{"benchmark": "BM_Postage", "max_median_ns": 9000}]},
    ),
    Case(rule="tests.passed", reports=("fixtures/written/ctrf.json",), outcome="pass"),
    Case(rule="tests.passed", reports=("fixtures/written/ctrf-bad.json",), outcome="fail", violations=2),
    Case(rule="tests.passed", reports=("fixtures/written/trx.trx",), outcome="pass"),
    Case(rule="tests.passed", reports=("fixtures/written/trx-bad.trx",), outcome="fail", violations=3),
    Case(rule="tests.passed", reports=("fixtures/written/nunit.xml",), outcome="pass"),
    Case(rule="tests.passed", reports=("fixtures/written/nunit-bad.xml",), outcome="fail", violations=2),
    Case(rule="tests.passed", reports=("fixtures/junit/go-test.json",), outcome="pass"),
    Case(rule="tests.passed", reports=("fixtures/junit/go-test-bad.json",), outcome="fail", violations=2),
    Case(rule="performance.latency", reports=("fixtures/written/jmeter.jtl",), outcome="pass"),
    Case(
        rule="performance.latency",
        reports=("fixtures/written/jmeter-bad.jtl",),
        outcome="fail",
        violations=1,
        first=("p95 of /pay is 918 ms, its budget 500 ms",),
    ),
    Case(rule="performance.errors", reports=("fixtures/written/jmeter-bad.jtl",), outcome="fail", violations=1),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs([_data.folder("policies")])


@pytest.fixture(scope="module")
def rules(binary: OpaBinary) -> Iterator[Rules]:
    with Rules.load([_data.folder("policies")], binary) as loaded:
        yield loaded


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_this_of_this_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    said = result(case, packs, command)
    messages = [violation.message for violation in said.violations]
    assert (said.outcome, len(messages)) == (case.outcome, case.violations), messages
    assert sorted(messages)[: len(case.first)] == sorted(case.first)


def real(name: str) -> MadeDocument:
    made = document_of(name, (ROOT / name).read_bytes())
    return MadeDocument(source=made.source, facts=made.facts)


def test_real_rounds_are_compared_with_those_of_the_release_before(rules: Rules) -> None:
    asked = rules("regression.benchmark")
    good, bad = real("fixtures/benchmark/pytest.json"), real("fixtures/benchmark/pytest-bad.json")
    assert asked.given(good, baseline=[good], max_slowdown_percent=50).outcome == "pass"
    outcome = asked.given(bad, baseline=[good])
    assert outcome.outcome == "fail"
    assert outcome.messages == [
        f"{QUOTES} is not shown to be at most 10% slower than before (Mann-Whitney U, 40 rounds against 40)"
    ]


def test_a_load_is_compared_with_that_of_the_release_before(rules: Rules) -> None:
    asked = rules("regression.latency")
    good, bad = real("fixtures/written/jmeter.jtl"), real("fixtures/written/jmeter-bad.jtl")
    assert asked.given(good, baseline=[good]).outcome == "pass"
    assert asked.given(bad, baseline=[good]).messages == [
        "/pay had 20 requests, 200 are needed to compare it",
        "p95 of /pay is 918 ms, it was 118 ms",
    ]


@pytest.mark.parametrize("rule_id", ["regression.benchmark", "regression.latency"])
def test_without_the_release_before_nothing_is_answered(rule_id: str, rules: Rules) -> None:
    made = facts.benchmark() if rule_id.endswith("benchmark") else facts.performance()
    assert rules(rule_id).given(made, baseline=[made]).outcome == "pass"
    assert rules(rule_id).given(made).outcome == "unanswered"
    assert rules(rule_id).given(baseline=[made]).outcome == "unanswered"


@pytest.mark.parametrize("many", range(1, 10))
def test_few_rounds_never_pass_by_luck(many: int, rules: Rules) -> None:
    """However good they look: a hundred times faster, in every round."""
    fast = facts.benchmark(benchmarks=[{"name": "a", "samples_ns": [10] * many}])
    slow = facts.benchmark(benchmarks=[{"name": "a", "samples_ns": [1000] * 50}])
    assert rules("regression.benchmark").given(fast, baseline=[slow]).outcome == "fail"
    assert rules("regression.benchmark").given(slow, baseline=[fast]).outcome == "fail"


SAMPLES = st.lists(st.integers(1, 400), min_size=10, max_size=25)


@settings(max_examples=25, deadline=None)
@given(now=SAMPLES, before=SAMPLES)
def test_what_passes_is_shown_by_scipy_too(now: list[int], before: list[int], rules: Rules) -> None:
    """One-sided Mann-Whitney by the normal approximation: without its correction for ties ours is never the laxer one."""
    from scipy.stats import mannwhitneyu  # type: ignore[import-untyped]  # it has no stubs

    outcome = rules("regression.benchmark").given(
        facts.benchmark(benchmarks=[{"name": "a", "samples_ns": now}]),
        baseline=[facts.benchmark(benchmarks=[{"name": "a", "samples_ns": before}])],
        max_slowdown_percent=10,
    )
    theirs = mannwhitneyu(
        [each * 100 for each in now],
        [each * 110 for each in before],
        alternative="less",
        method="asymptotic",
        use_continuity=False,
    )
    if outcome.outcome == "pass":
        assert theirs.pvalue <= 0.0101
    if theirs.pvalue > 0.0101:
        assert outcome.outcome == "fail"


@pytest.mark.skipif(SHARED is None, reason="the shared fixtures are not here")
def test_the_shared_benchmarks_have_the_facts_that_were_counted() -> None:
    import json

    assert SHARED is not None
    truth = json.loads((SHARED / "fixtures" / "ground_truth.json").read_bytes())
    for name in ("pytest-benchmark_5.3.1",):  # of the others most rounds were left out when they were kept
        path = f"perf/pytest-benchmark/{name}.json"
        found = document_of(path, (SHARED / "fixtures" / path).read_bytes()).facts
        assert found["benchmark_count"] == truth[path]["benchmarks"]
        rounds = {item["name"].rpartition("::")[2]: item["rounds"] for item in found["benchmarks"]}
        for called, stats in truth[path]["stats"].items():
            assert rounds[called] == stats["rounds"]
