"""Each standard rule that judges a canary over real reports; see ``test_packs_real_reports.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from real_reports import Case, check

from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.testing import facts

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

SHORT: dict[str, Any] = {
    "min_duration_ms": 400,
    "min_requests": 100,
    "max_detectable_error_ppm": 40_000,
    "max_detectable_delta_ppm": 200_000,
}
"""What a run of a second can show."""
PROMETHEUS, PROMETHEUS_BAD = "fixtures/written/canary-prometheus.json", "fixtures/written/canary-prometheus-bad.json"
REQUESTS, REQUESTS_BAD = "fixtures/canary/requests.csv", "fixtures/canary/requests-bad.csv"

CASES = (
    *(
        Case(rule=f"canary.{rule}", reports=(PROMETHEUS,), outcome="pass")
        for rule in ("samples", "errors", "latency", "saturation", "adoption", "step")
    ),
    *(
        Case(rule=f"canary.{rule}", reports=(REQUESTS,), outcome="pass", parameters=parameters)
        for rule, parameters in {
            "samples": SHORT,
            "errors": {},
            "latency": {},
            "saturation": {},
            "adoption": {},
            "step": {"plan": [20, 50]},
        }.items()
    ),
    Case(
        rule="canary.samples",
        reports=(REQUESTS,),
        outcome="fail",
        violations=9,
        first=(
            "first has 400 requests to the baseline, 500 are needed",
            "first has 100 requests to the canary, 500 are needed",
            "first lasted 464 ms, 600000 ms are needed",
            "first would show a rise of the error rate by 32566 ppm, one by 20000 ppm has to show",
            "first would show a shift of latency by 180842 ppm, one by 147000 ppm has to show",
        ),
    ),
    Case(
        rule="canary.errors",
        reports=(PROMETHEUS_BAD,),
        outcome="fail",
        violations=1,
        first=("in second the error rate of the canary is 10613 ppm above that of the baseline (p = 0 ppm)",),
    ),
    Case(
        rule="canary.errors",
        reports=(REQUESTS_BAD,),
        outcome="fail",
        violations=4,
        first=(
            "in first 8 of 100 requests to the canary failed, at most 50000 in 1000000 may",
            "in first the error rate of the canary is 80000 ppm above that of the baseline (p = 2 ppm)",
        ),
    ),
    Case(
        rule="canary.latency",
        reports=(PROMETHEUS_BAD,),
        outcome="fail",
        violations=1,
        first=("in second the canary is slower than the baseline: Cliff's delta 393259 ppm (p = 0 ppm)",),
    ),
    Case(
        rule="canary.latency",
        reports=(REQUESTS_BAD,),
        outcome="fail",
        violations=2,
        first=(
            "in first the canary is slower than the baseline: Cliff's delta 934850 ppm (p = 0 ppm)",
            "in second the canary is slower than the baseline: Cliff's delta 802645 ppm (p = 0 ppm)",
        ),
    ),
    Case(
        rule="canary.saturation",
        reports=(PROMETHEUS_BAD,),
        outcome="fail",
        violations=1,
        first=("in second a resource of the canary was used to 91%, at most 80% is allowed",),
    ),
    Case(
        rule="canary.adoption",
        reports=(PROMETHEUS_BAD,),
        outcome="fail",
        violations=1,
        first=("in second 3005 of 20402 had the canary, its exposure was 25%",),
    ),
    Case(
        rule="canary.step",
        reports=(PROMETHEUS_BAD,),
        outcome="fail",
        violations=1,
        first=("100% are asked for, and the step of 50% has not been finished",),
    ),
    Case(rule="canary.analysis", reports=("fixtures/written/argo-analysisrun.yaml",), outcome="pass"),
    Case(rule="canary.analysis", reports=("fixtures/written/kayenta.json",), outcome="pass"),
    Case(
        rule="canary.analysis",
        reports=("fixtures/written/argo-analysisrun-bad.yaml",),
        outcome="fail",
        violations=1,
        first=("the analysis parcel-6f646bf7b7-2 ended with fail; metrics that failed: success-rate",),
    ),
    Case(
        rule="canary.analysis",
        reports=("fixtures/written/kayenta-bad.json",),
        outcome="fail",
        violations=1,
        first=("the analysis parcel ended with fail; metrics that failed: errors",),
    ),
    Case(
        rule="canary.analysis",
        reports=("observability/kayenta/orca_result_fail33.json",),
        outcome="fail",
        violations=1,
        first=("the analysis myapp ended with fail; metrics that failed: cpu1, cpu3, cpu4",),
    ),
    Case(
        rule="canary.analysis",
        reports=("observability/argo/canary-analysis.yaml",),
        outcome="unanswered",
        violations=1,
        first=("canary-analysis.yaml is not complete",),
    ),
    *(
        Case(rule=f"slo.{rule}", reports=(f"fixtures/written/{report}.json",), outcome="pass")
        for rule, report in (
            ("met", "openslo-prometheus"),
            ("met", "slo-generator"),
            ("met", "keptn-evaluation"),
            ("budget", "openslo-prometheus"),
            ("budget", "slo-generator"),
        )
    ),
    Case(
        rule="slo.met",
        reports=("fixtures/written/openslo-prometheus-bad.json",),
        outcome="fail",
        violations=1,
        first=("the objective parcel-availability/partners is not met",),
    ),
    Case(
        rule="slo.met",
        reports=("observability/slo-report/slo_report_v2.json",),
        outcome="fail",
        violations=1,
        first=("the objective test-slo is not met",),
    ),
    Case(
        rule="slo.met",
        reports=("fixtures/written/slo-generator-bad.json",),
        outcome="fail",
        violations=2,
        first=("the objective parcel-api-availability is not met", "the objective parcel-search was not measured"),
        parameters={"objectives": ["parcel-search"]},
    ),
    Case(
        rule="slo.met",
        reports=("fixtures/written/keptn-evaluation-bad.json",),
        outcome="fail",
        violations=1,
        first=("the objective response_time_p95 is not met",),
    ),
    Case(
        rule="slo.met",
        reports=("observability/openslo/timeslices-slo.yaml",),
        outcome="unanswered",
        violations=4,
        first=(
            "timeslices-slo.yaml is not complete",
            "timeslices-slo.yaml examined nothing",
            "needs slo.objectives[0].met",
            "needs slo.objectives[1].met",
        ),
    ),
    Case(
        rule="slo.budget",
        reports=("observability/slo-report/slo_report_v2.json",),
        outcome="fail",
        violations=1,
        first=("-4000000 ppm of the error budget of test-slo are left, 10% are needed",),
    ),
    Case(
        rule="slo.budget",
        reports=("fixtures/written/openslo-prometheus-bad.json",),
        outcome="fail",
        violations=2,
        first=(
            "-2064785 ppm of the error budget of parcel-availability/partners are left, 10% are needed",
            "19933 ppm of the error budget of parcel-speed/quick are left, 10% are needed",
        ),
    ),
    Case(
        rule="slo.budget",
        reports=("fixtures/written/keptn-evaluation.json",),
        outcome="unanswered",
        violations=2,
        first=("needs slo.objectives[0].budget_left_ppm", "needs slo.objectives[1].budget_left_ppm"),
    ),
    Case(
        rule="flags.present",
        reports=("fixtures/written/flagd.flagd.json",),
        outcome="pass",
        parameters={"flags": ["express"]},
    ),
    Case(
        rule="flags.present",
        reports=("flags/flagd_example.flagd.json",),
        outcome="pass",
        parameters={"flags": ["isColorYellow", "myBoolFlag"]},
    ),
    Case(
        rule="flags.present",
        reports=("flags/flagd_example.flagd.json",),
        outcome="fail",
        violations=2,
        first=("there is no flag express", "the flag fibAlgo has no variant that is off"),
        parameters={"flags": ["express", "fibAlgo"]},
    ),
    Case(
        rule="flags.present",
        reports=("fixtures/written/flagd-bad.flagd.json",),
        outcome="fail",
        violations=2,
        first=("the flag express has no variant that is off", "the flag express is not evaluated"),
        parameters={"flags": ["express"]},
    ),
    Case(
        rule="flags.off_switch_tested",
        reports=("fixtures/written/off-switch.toml",),
        outcome="pass",
        parameters={"flags": ["express"], "max_age": "400d"},
    ),
    Case(
        rule="flags.off_switch_tested",
        reports=("fixtures/written/off-switch-bad.toml",),
        outcome="fail",
        violations=2,
        first=(
            "express was switched off and what it switches was not",
            "nobody has tried to switch off labels-by-mail",
        ),
        parameters={"flags": ["express", "labels-by-mail"], "max_age": "400d"},
    ),
    Case(
        rule="flags.off_switch_tested",
        reports=("fixtures/written/off-switch.toml",),
        outcome="fail",
        violations=2,
        first=(
            "off_switch.trials[0].tried_at is older than 30d: 2026-01-14T09:30:00Z",
            "off_switch.trials[1].tried_at is older than 30d: 2026-01-14T09:42:00Z",
        ),
        parameters={"flags": ["express"]},
    ),
    Case(rule="capacity.headroom", reports=("fixtures/written/capacity-prometheus.json",), outcome="pass"),
    Case(rule="capacity.headroom", reports=("fixtures/written/kubernetes-hpa.json",), outcome="pass"),
    Case(
        rule="capacity.headroom",
        reports=("fixtures/written/capacity-prometheus-bad.json",),
        outcome="fail",
        violations=2,
        first=("8% of cpu is left, 20% are needed", "the resource disk was not measured"),
        parameters={"resources": ["disk"]},
    ),
    Case(
        rule="capacity.headroom",
        reports=("fixtures/written/kubernetes-hpa-bad.json",),
        outcome="fail",
        violations=1,
        first=("10% of HorizontalPodAutoscaler shop/parcel replicas is left, 20% are needed",),
    ),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_says_of_a_real_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)


CANARY_RULES = ("samples", "errors", "latency", "saturation", "adoption", "step")


@pytest.mark.parametrize("name", CANARY_RULES)
def test_what_nobody_has_measured_is_no_pass(rule: Any, name: str) -> None:
    judge = rule(f"canary.{name}")

    assert judge.given(facts.canary(requests=2000)).outcome == "pass"
    assert judge.given().outcome == "unanswered"
    assert judge.given(facts.canary(complete=False)).outcome == "unanswered"
    assert judge.given(facts.canary(requests=0)).outcome == "unanswered"
    assert judge.given(facts.canary(), facts.canary(complete=False)).outcome == "unanswered"


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("samples", "steps.latency"),
        ("samples", "steps.error_rate"),
        ("errors", "steps.error_rate"),
        ("latency", "steps.latency"),
        ("saturation", "steps.saturation_percent"),
        ("adoption", "steps.eligible"),
        ("step", "next_exposure_percent"),
    ],
)
def test_a_rule_is_unanswered_without_what_it_judges(rule: Any, name: str, fact: str) -> None:
    assert rule(f"canary.{name}").given(facts.canary().without(fact)).outcome == "unanswered"


@pytest.mark.parametrize("requests", [1, 2, 5, 20, 50, 100, 200, 380])
@pytest.mark.parametrize("slower_ms", [0, 5, 20])
def test_few_samples_never_pass_by_luck(rule: Any, requests: int, slower_ms: int) -> None:
    few = facts.canary(requests=requests, slower_ms=slower_ms)

    assert rule("canary.samples").given(few, min_requests=1, min_duration_ms=0).outcome == "fail"
    assert rule("canary.samples").given(few).outcome == "fail"


def test_a_regression_that_matters_is_found_where_samples_suffice(rule: Any) -> None:
    enough: dict[str, Any] = {"requests": 1000}
    assert rule("canary.samples").given(facts.canary(**enough)).outcome == "pass"
    slower = rule("canary.latency").given(facts.canary(**enough, slower_ms=2))
    failing = rule("canary.errors").given(facts.canary(**enough, errors=21, baseline_errors=1))

    assert (slower.outcome, slower.terms) == ("fail", ["step 1"])
    assert (failing.outcome, failing.terms) == ("fail", ["step 1: baseline"])


def test_a_proven_regression_goes_back_and_too_few_samples_hold(packs: Packs) -> None:
    back = {name for name, rule in packs.rules.items() if rule.on_fail == "roll_back" and name.startswith("canary.")}

    assert back == {"canary.analysis", "canary.errors", "canary.latency"}


@pytest.mark.parametrize("name", ["met", "budget"])
def test_an_objective_that_nobody_measured_is_no_pass(rule: Any, name: str) -> None:
    judge = rule(f"slo.{name}")

    assert judge.given(facts.slo()).outcome == "pass"
    assert judge.given(facts.slo(objectives={})).outcome == "unanswered"
    assert judge.given(facts.slo(unmeasured=1)).outcome == "unanswered"
    assert judge.given(facts.slo(complete=False)).outcome == "unanswered"
    assert judge.given(facts.slo(objectives={"a": (98, 100)})).outcome == "fail"


@pytest.mark.parametrize(
    ("name", "maker", "parameters"),
    [
        ("flags.present", "feature_flags", {"flags": ["flag-1"]}),
        ("flags.off_switch_tested", "off_switch", {"flags": ["flag-1"]}),
        ("capacity.headroom", "capacity", {}),
    ],
)
def test_what_nobody_has_looked_at_is_no_pass(rule: Any, name: str, maker: str, parameters: dict[str, Any]) -> None:
    judge, make = rule(name), getattr(facts, maker)
    nothing: dict[str, Any] = {
        "feature_flags": {"flags": 0},
        "off_switch": {"passed": 0},
        "capacity": {"used_percent": {}},
    }
    empty = nothing[maker]

    assert judge.given(make(), **parameters).outcome == "pass"
    assert judge.given(**parameters).outcome == "unanswered"
    assert judge.given(make(**empty), **parameters).outcome == "unanswered"
    assert judge.given(make(complete=False), **parameters).outcome == "unanswered"


def test_a_trial_is_as_old_as_it_is(rule: Any) -> None:
    old = facts.off_switch(passed=["express", {"flag": "labels", "tried_at": "2025-12-01T11:00:00Z"}])
    outcome = rule("flags.off_switch_tested").given(old, flags=["express", "labels"])

    assert outcome.messages == ["off_switch.trials[1].tried_at is older than 30d: 2025-12-01T11:00:00Z"]


def test_a_canary_that_nobody_could_have_had_is_denied_and_not_an_error(rule: Any) -> None:
    outcome = rule("canary.adoption").given(facts.canary(step={"adopted": 5, "eligible": 0}))

    assert (outcome.outcome, outcome.messages) == ("fail", ["in step 1 nobody could have had the canary"])
