"""Makers of evidence on canaries: what was seen at each step, and what the tests make of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gatekeeper.facts.objectives import shares
from gatekeeper.testing._made import BEFORE, NOW, Items, MadeDocument, entry, make, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.collect._canary import Variant


def canary(
    *,
    exposures: Iterable[int] = (5,),
    requests: int = 2000,
    errors: int = 0,
    baseline_errors: int = 0,
    slower_ms: int = 0,
    minutes: int = 30,
    finished: bool = True,
    step: Mapping[str, Any] | None = None,
    **more: Any,
) -> MadeDocument:
    """Telemetry of a canary, one step for each exposure; the tests are really made.

    Args:
        exposures: The exposure of each step in per cent.
        requests: Requests to each version in each step; they take 90 to 109 ms.
        errors: How many of the canary's failed.
        baseline_errors: How many of the baseline's failed.
        slower_ms: How much longer each request to the canary takes.
        minutes: How long each step lasts.
        finished: Whether the last step has ended.
        step: Facts of every step to say otherwise, such as ``{"saturation_percent": 90}``.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    from gatekeeper.collect._canary import Step, whole_facts

    listed = list(exposures)
    steps = []
    for at, exposure in enumerate(listed):
        start = NOW - timedelta(hours=1, minutes=minutes * (len(listed) - at))
        made = Step(
            name=f"step {at + 1}",
            exposure_percent=exposure,
            locator=f"/steps/{at}",
            started_at=start,
            last_at=start + timedelta(minutes=minutes),
            finished=finished or at + 1 < len(listed),
            canary=_variant(requests, errors, slower_ms),
            baseline=_variant(requests, baseline_errors, 0),
            saturation_percent=40,
            adopted=exposure * 100,
            eligible=10_000,
        )
        steps.append(made)
    facts = whole_facts("app", steps, 25, complete=True)
    facts["steps"] = [{**facts_of_step, **(step or {})} for facts_of_step in facts["steps"]]
    return make("canary", facts, **more)


def _variant(requests: int, errors: int, slower_ms: int) -> Variant:
    from gatekeeper.collect._canary import Variant

    durations: dict[float, int] = {}
    for at in range(requests):
        microseconds = (90 + at % 20 + slower_ms) * 1000
        durations[microseconds] = durations.get(microseconds, 0) + 1
    return Variant(requests=requests, errors=min(errors, requests), durations=durations)


def analysis(
    *,
    outcome: str = "pass",
    passed: Items = 2,
    failed: Items = 0,
    inconclusive: Items = 0,
    dry_run: Items = 0,
    tool: str = "judge",
    **more: Any,
) -> MadeDocument:
    """The verdict of a canary analysis.

    Args:
        outcome: ``pass``, ``fail``, ``inconclusive``, ``error`` or ``running``; only the first two are complete.
        passed: Metrics by name, or as mappings.
        failed: Likewise.
        inconclusive: Likewise.
        dry_run: Likewise; these failed, and count for nothing.
        tool: The controller or judge.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    groups = ((passed, "pass", False), (failed, "fail", False), (inconclusive, "inconclusive", False))
    metrics = [
        entry(item, "name", outcome=word, dry_run=dry, measurements=10)
        for items, word, dry in (*groups, (dry_run, "fail", True))
        for item in named(items, "dry run" if dry else word)
    ]
    for at, metric in enumerate(metrics):
        metric.setdefault("locator", f"/metrics/{at}")
    facts = {
        "tool": tool,
        "name": "app",
        "outcome": outcome,
        "metrics": metrics,
        "judged_count": sum(not metric["dry_run"] for metric in metrics),
        "finished_at": BEFORE,
        "complete": outcome in {"pass", "fail"},
    }
    return make("analysis", facts, **more)


def slo(
    *,
    objectives: Mapping[str, tuple[int, int]] | None = None,
    target_ppm: int = 990_000,
    unmeasured: Items = 0,
    window: str = "28d",
    tool: str = "slo tool",
    **more: Any,
) -> MadeDocument:
    """Service level objectives.

    Args:
        objectives: What was good and all there was, by name; ``{"availability": (9990, 10000)}`` when None.
        target_ppm: The target of each.
        unmeasured: Objectives that are defined only.
        window: Of each.
        tool: What measured them.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    counts = {"availability": (9990, 10000)} if objectives is None else objectives
    listed: list[dict[str, Any]] = [
        {"name": name, "good": good, "total": total, **shares(target_ppm, good, total)}
        for name, (good, total) in counts.items()
    ]
    listed += [entry(item, "name") for item in named(unmeasured, "unmeasured")]
    held = [
        {"target_ppm": target_ppm, "window": window, "locator": f"/objectives/{at}", **item}
        for at, item in enumerate(listed)
    ]
    measured = sum("met" in item for item in held)
    facts = {
        "tool": tool,
        "measured_at": BEFORE,
        "objectives": held,
        "objective_count": len(held),
        "measured_count": measured,
        "complete": measured == len(held),
    }
    return make("slo", facts, **more)


def feature_flags(*, flags: Items = 1, enabled: bool = True, tool: str = "flagd", **more: Any) -> MadeDocument:
    """Feature flags, each ``on`` or ``off``, and off by default.

    Args:
        flags: By name, or as mappings (``{"name": "express", "variants": ["on"], "off_variants": []}``).
        enabled: Of each that does not say.
        tool: What evaluates them.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    defaults = {"enabled": enabled, "variants": ["off", "on"], "off_variants": ["off"], "targeted": False}
    held = [entry(item, "name", **defaults, locator=f"/flags/{at}") for at, item in enumerate(named(flags, "flag"))]
    return make("feature_flags", {"tool": tool, "flags": held, "flag_count": len(held)}, **more)


def off_switch(*, passed: Items = 1, failed: Items = 0, **more: Any) -> MadeDocument:
    """Trials of switching something off.

    Args:
        passed: Flags by name, or as mappings (``{"flag": "express", "tried_at": ...}``).
        failed: Likewise.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    trials = [
        entry(item, "flag", passed=outcome, tried_at=BEFORE, environment="staging")
        for items, outcome in ((passed, True), (failed, False))
        for item in named(items, "flag")
    ]
    for at, trial in enumerate(trials):
        trial.setdefault("locator", f"/trials/{at}")
    return make("off_switch", {"trials": trials, "trial_count": len(trials)}, **more)


def capacity(*, used_percent: Mapping[str, int] | None = None, **more: Any) -> MadeDocument:
    """Resources of a service.

    Args:
        used_percent: How much of each is used, by name; half of one when None.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    shown = {"cpu": 50} if used_percent is None else used_percent
    resources = [
        {
            "name": name,
            "unit": "millicores",
            "used": used * 10,
            "limit": 1000,
            "headroom_percent": 100 - used,
            "locator": f"/resources/{at}",
        }
        for at, (name, used) in enumerate(shown.items())
    ]
    facts = {"measured_at": BEFORE, "resources": resources, "resource_count": len(resources)}
    return make("capacity", facts, **more)
