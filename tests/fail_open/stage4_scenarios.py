"""Canaries: too little seen, too early, against nothing, or on a verdict that is none."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from harms import append, edit, remove
from scenario import DENY, Line
from stage4_projects import CANARY, report, signed

from gatekeeper.testing import facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

NO_SERIES: list[Any] = []


def step(change: Callable[[Any], object]) -> Harm:
    """Change the second step of the canary's report."""
    return report("canary", lambda value: change(value["steps"][1]))


def answer(variant: str, query: str, text: str) -> Harm:
    """Another value for a query about a variant in the second step."""
    return step(lambda held: held[variant][query]["data"]["result"][0]["value"].__setitem__(1, text))


def empty(variant: str, query: str) -> Harm:
    return step(lambda held: held[variant][query]["data"].update(result=NO_SERIES))


def few(held: Any) -> None:
    """Forty requests to the canary, all of them fine."""
    counts = {"requests": "40", "errors": "0"}
    for name, text in counts.items():
        held["canary"][name]["data"]["result"][0]["value"][1] = text
    for bucket in held["canary"]["latency"]["data"]["result"]:
        bucket["value"][1] = "40"
    held["adopted"]["data"]["result"][0]["value"][1] = "40"
    held["eligible"]["data"]["result"][0]["value"][1] = "160"


def slow(held: Any) -> None:
    """Two thirds of the canary's requests are in the last buckets."""
    for index, bucket in enumerate(held["canary"]["latency"]["data"]["result"]):
        bucket["value"][1] = "0" if index < 3 else "5090.1"


def of_itself(value: Any) -> None:
    scopes = value["canaryExecutionRequest"]["scopes"]["default"]
    scopes["controlScope"] = copy.deepcopy(scopes["experimentScope"])


def judged(**more: Any) -> Harm:
    return report("analysis", lambda value: value["result"]["judgeResult"].update(more))


def scored(word: str) -> Harm:
    return judged(score={"score": 80, "classification": word})


def in_step(name: str, value: Any, fact: str = "error_rate") -> Callable[[Any], object]:
    return lambda held: held["steps"][0][fact].update({name: value})


def express(**more: Any) -> Harm:
    return report("feature_flags", lambda value: value["flags"]["express"].update(more))


def measured(name: str, text: str) -> Harm:
    """Another count for the availability of the service."""

    def change(value: Any) -> None:
        value["measurements"]["parcel-availability"][name]["data"]["result"][0]["value"][1] = text

    return report("slo", change)


PLANNED = (facts.canary(exposures=(5, 25), requests=1000, errors=40), facts.capacity(), facts.slo(), facts.analysis())
WORSE, ROOMY, KEPT, PASSED = PLANNED

denied = Line(CANARY, DENY)

# fmt: off
TELEMETRY = (
    denied("forty requests that were all fine", step(few), "40 requests to the canary, 500 are needed", "evaluate.fail"),
    denied("a step that goes on", step(lambda held: held.pop("finished_at")), "second goes on", "evaluate.fail"),
    denied("a step of a minute", step(lambda held: held.update(finished_at="2026-01-15T11:31:00Z")), "second lasted 60000 ms", "evaluate.fail"),
    denied("a canary that fails more often", answer("canary", "errors", "61"), "the error rate of the canary is", "evaluate.fail"),
    denied("a canary that fails as badly as its baseline", step(lambda held: [held[name]["errors"]["data"]["result"][0]["value"].__setitem__(1, text) for name, text in (("canary", "600"), ("baseline", "1800"))]), "requests to the canary failed, at most", "evaluate.fail"),
    denied("a canary that is slower", step(slow), "the canary is slower than the baseline", "evaluate.fail"),
    denied("a canary without room", step(lambda held: held["saturation"]["data"]["result"][0]["values"][0].__setitem__(1, "0.81")), "a resource of the canary was used to 81%", "evaluate.fail"),
    denied("a canary that hardly anybody had", step(lambda held: held["adopted"]["data"]["result"][0]["value"].__setitem__(1, "100")), "100 of 20402 had the canary", "evaluate.fail"),
    denied("a step that is left out", report("canary", lambda value: value.update(next_exposure_percent=100)), "the step of 50% has not been finished", "evaluate.fail"),
    denied("no next step at all", report("canary", lambda value: value.pop("next_exposure_percent")), "needs canary.next_exposure_percent", "evaluate.absent"),
    denied("no durations", step(lambda held: held["canary"].pop("latency")), "needs canary.steps[1].latency", "evaluate.absent"),
    denied("nobody looked how full it was", step(lambda held: held.pop("saturation")), "needs canary.steps[1].saturation_percent", "evaluate.absent"),
    denied("errors that are NaN", answer("canary", "errors", "NaN"), "canary.json (slot canary) is not complete", "evaluate.complete"),
    denied("errors without a series", empty("canary", "errors"), "canary.json (slot canary) is not complete", "evaluate.complete"),
    denied("NaN taken for no errors", answer("canary", "errors", "NaN"), "canary.json (slot canary) is not complete", "prometheus.no_number"),
    denied("an answer that warns of what it lacks", step(lambda held: held["canary"]["errors"].update(warnings=["a store could not be reached"])), "canary.json (slot canary) is not complete", "prometheus.warnings"),
    denied("a canary that nobody asked", report("canary", lambda value: [held["canary"][name]["data"]["result"][0]["value"].__setitem__(1, "0") for held in value["steps"] for name in ("requests", "errors")]), "examined nothing: requests is 0", "evaluate.examined"),
    denied("a query that failed", step(lambda held: held["canary"]["errors"].update(status="error", error="timed out")), "the query failed: timed out", "prometheus.status"),
    denied("a misspelt member of the report", step(lambda held: held.update(saturations=held.pop("saturation"))), "not known here", "canary.members"),
    denied("more errors than requests", answer("canary", "errors", "5091"), "5091 errors of 5090.1 requests", "canary.counts"),
    denied("buckets of which the last is missing", step(lambda held: held["canary"]["latency"]["data"]["result"].pop()), "no bucket +Inf", "canary.buckets"),
)

SIGNED = (
    denied("a signed p-value that the counts do not give", signed("canary", WORSE, in_step("p_value_ppm", 900_000)), "says 0, 1000000 are there", "facts.recount"),
    denied("a signed p-value that was not adjusted", signed("canary", WORSE, in_step("adjusted_p_value_ppm", 1_000_000)), "says 1000000, 0 are there", "facts.recount"),
    denied("a signed effect that the counts do not give", signed("canary", WORSE, in_step("effect_ppm", 0)), "says 0, 40000 are there", "facts.recount"),
    denied("signed power that so many requests do not have", signed("canary", WORSE, in_step("detectable_ppm", 1, "latency")), "says 1, ", "facts.recount"),
    denied("a signed step that lasted longer than it did", signed("canary", WORSE, lambda held: held["steps"][0].update(duration_ms=9_000_000)), "says 9000000, 1800000 are there", "facts.recount"),
    denied("a signed budget that is larger than what is left", signed("slo", KEPT, lambda held: held["objectives"][0].update(good=9000)), "says 999000, 900000 are there", "facts.recount"),
    denied("signed headroom that is not there", signed("capacity", ROOMY, lambda held: held["resources"][0].update(used=990)), "says 50, 1 are there", "facts.recount"),
    denied("a signed analysis without a verdict, called complete", signed("analysis", PASSED, lambda held: held.update(outcome="inconclusive")), "says True, False are there", "facts.recount"),
)

VERDICTS = (
    denied("a judge that says no", scored("Fail"), "the analysis parcel ended with fail", "evaluate.fail"),
    denied("a judge between yes and no", scored("Marginal"), "analysis.json (slot analysis) is not complete", "evaluate.complete"),
    denied("an analysis that ran, and then failed itself", report("analysis", lambda value: value.update(exception={"details": {}})), "analysis.json (slot analysis) is not complete", "evaluate.complete"),
    denied("an analysis that goes on", report("analysis", lambda value: value.update(status="running")), "analysis.json (slot analysis) is not complete", "evaluate.complete"),
    denied("a judge without data", judged(results=[{"name": "errors", "classification": "Nodata"}]), "analysis.json (slot analysis) is not complete", "evaluate.complete"),
    denied("a judge that was shown no metric", judged(results=[]), "examined nothing: judged_count is 0", "evaluate.examined"),
    denied("a canary that was compared with itself", report("analysis", of_itself), "analysis.json (slot analysis) is not complete", "kayenta.itself"),
    denied("a verdict that nobody knows", scored("Passed"), "the classification 'Passed' is not known", "kayenta.words"),
    denied("no analysis", remove("evidence/analysis.json"), "no analysis here", "slots.missing"),
)

BESIDE = (
    denied("an objective that is missed", measured("good", "1190000"), "the objective parcel-availability/users is not met", "evaluate.fail"),
    denied("a budget that is nearly used up", measured("good", "1202840"), "of the error budget of parcel-availability/partners are left", "evaluate.fail"),
    denied("objectives that nobody measured", report("slo", lambda value: value.update(measurements={})), "examined nothing: measured_count is 0", "evaluate.examined"),
    denied("one objective that nobody measured", report("slo", lambda value: value["measurements"].pop("parcel-speed/quick")), "slo.json (slot slo) is not complete", "evaluate.complete"),
    denied("a measurement of an objective that is misspelt", report("slo", lambda value: value["measurements"].update({"parcel-sped": value["measurements"].pop("parcel-speed/quick")})), "no objective is called that", "openslo.names"),
    denied("a flag that is not evaluated", express(state="DISABLED"), "the flag express is not evaluated", "evaluate.fail"),
    denied("a flag that cannot be off", express(variants={"on": True}, defaultVariant="on"), "the flag express has no variant that is off", "evaluate.fail"),
    denied("no flag", report("feature_flags", lambda value: value["flags"].pop("express")), "there is no flag express", "evaluate.fail"),
    denied("a flag in a state that nobody knows", express(state="ON"), "the state 'ON' is not known", "flagd.states"),
    denied("an off-switch that did not work", edit("evidence/off_switch.toml", "passed = true", "passed = false"), "express was switched off and what it switches was not", "evaluate.fail"),
    denied("an off-switch that was tried a year ago", append("evidence/off_switch.toml", '[[trials]]\nflag = "old"\nenvironment = "staging"\npassed = true\ntried_at = 2024-01-01T00:00:00Z\n'), "tried_at is older than 30d", "evaluate.fail"),
    denied("an off-switch that nobody has tried", edit("evidence/off_switch.toml", '"express"', '"labels"'), "nobody has tried to switch off express", "evaluate.fail"),
    denied("no room for more", report("capacity", lambda value: value["resources"][0]["limit"]["data"]["result"][0]["value"].__setitem__(1, "0.7")), "12% of cpu is left", "evaluate.fail"),
    denied("capacity of which one part is unknown", report("capacity", lambda value: value["resources"][1]["used"]["data"].update(result=NO_SERIES)), "capacity.json (slot capacity) is not complete", "evaluate.complete"),
    denied("a limit of nothing", report("capacity", lambda value: value["resources"][0]["limit"]["data"]["result"][0]["value"].__setitem__(1, "0")), "0 cores are used", "capacity.limits"),
)
# fmt: on

AREA = "canaries"
SCENARIOS = (*TELEMETRY, *SIGNED, *VERDICTS, *BESIDE)
