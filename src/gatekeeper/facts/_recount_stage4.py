"""Counts of what judges a canary: from the counts that are kept, the tests made of them are made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.facts.headroom import headroom_percent
from gatekeeper.facts.objectives import shares, shares_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Facts = dict[str, Any]
_Count = tuple[str, Any, Any]


def canary(facts: Facts) -> Iterator[_Count]:
    """Requests of all steps; in each, errors among requests, its duration, and the test of its error rate."""
    yield "requests", facts["requests"], sum(step["canary"]["requests"] for step in facts["steps"])
    for index, step in enumerate(facts["steps"]):
        place = f"steps[{index}]"
        for name in ("canary", "baseline"):
            variant = step[name]
            yield f"{place}.{name}.errors", variant["errors"], min(variant["errors"], variant["requests"])
        yield f"{place}.finished", step["finished"], "finished_at" in step
        if step["finished"]:
            span = _time.parse_instant(step["finished_at"]) - _time.parse_instant(step["started_at"])
            stated = step["duration_ms"]
            yield f"{place}.duration_ms", stated, (span.days * 86_400 + span.seconds) * 1000 + span.microseconds // 1000
        yield from _tests(step, place)


def _tests(step: Facts, place: str) -> Iterator[_Count]:
    from gatekeeper._statistics import detectable_delta, holm, two_proportions

    made = [name for name in ("error_rate", "latency") if name in step]
    adjusted = holm([step[name]["p_value_ppm"] for name in made])
    for name, by_all in zip(made, adjusted, strict=True):
        yield f"{place}.{name}.adjusted_p_value_ppm", step[name]["adjusted_p_value_ppm"], by_all
    requests, baseline = step["canary"]["requests"], step["baseline"]["requests"]
    yield f"{place}.error_rate", "error_rate" in step, bool(requests and baseline)
    if requests and baseline:
        counts = (step["canary"]["errors"], requests, step["baseline"]["errors"], baseline)
        again = two_proportions(*counts, comparisons=len(made))
        for fact in ("test", "p_value_ppm", "effect_ppm", "detectable_ppm", "statistic_thousandths"):
            yield f"{place}.error_rate.{fact}", step["error_rate"].get(fact), getattr(again, fact)
    samples = [step[name].get("samples", 0) for name in ("canary", "baseline")]
    yield f"{place}.latency", "latency" in step, all(samples)
    if all(samples):
        detectable = detectable_delta(*samples, comparisons=len(made))
        yield f"{place}.latency.detectable_ppm", step["latency"]["detectable_ppm"], detectable


def analysis(facts: Facts) -> Iterator[_Count]:
    """Metrics that count; only a verdict is complete."""
    yield "judged_count", facts["judged_count"], sum(not metric["dry_run"] for metric in facts["metrics"])
    yield "complete", facts["complete"], facts["complete"] and facts["outcome"] in {"pass", "fail"}


def slo(facts: Facts) -> Iterator[_Count]:
    """Objectives that were measured; in each, what follows from its counts or its share."""
    measured = ["met" in objective for objective in facts["objectives"]]
    yield "measured_count", facts["measured_count"], sum(measured)
    yield "complete", facts["complete"], facts["complete"] and all(measured)
    for index, objective in enumerate(facts["objectives"]):
        place = f"objectives[{index}]"
        for name in ("good", "total"):
            yield f"{place}.{name}", name in objective, "good" in objective or "total" in objective
        if "good" in objective:
            yield f"{place}.good", objective["good"], min(objective["good"], objective["total"])
        again = _shares(objective)
        if again is not None:
            for name in _SHARES:
                yield f"{place}.{name}", objective.get(name), again.get(name)


def _shares(objective: Facts) -> Facts | None:
    """What target and measurement come to; None without either."""
    if "target_ppm" not in objective:
        return None
    if "total" in objective:
        return shares(objective["target_ppm"], objective["good"], objective["total"])
    if "actual_ppm" in objective:
        return shares_of(objective["target_ppm"], objective["actual_ppm"])
    return None


_SHARES: Final = ("actual_ppm", "met", "budget_left_ppm", "burn_rate_thousandths")


def feature_flags(facts: Facts) -> Iterator[_Count]:
    """Variants that a flag has: the default, and those that switch off."""
    for index, flag in enumerate(facts["flags"]):
        missing = {*flag["off_variants"], flag.get("default_variant")} - {None, *flag["variants"]}
        yield f"flags[{index}].variants", len(missing), 0


def capacity(facts: Facts) -> Iterator[_Count]:
    """What is left of each resource."""
    for index, resource in enumerate(facts["resources"]):
        left = headroom_percent(resource["used"], resource["limit"])
        yield f"resources[{index}].headroom_percent", resource["headroom_percent"], left
