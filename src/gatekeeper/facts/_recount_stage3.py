"""Counts in what is said of the resilience of a release, counted again; see :mod:`gatekeeper.facts.recount`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Facts = dict[str, Any]
Count = tuple[str, int, int]


def chaos(facts: Facts) -> Iterator[Count]:
    """No more failed than there were, and an experiment passed only if nothing in it says otherwise."""
    for index, experiment in enumerate(facts["experiments"]):
        place = f"experiments[{index}]"
        for part, whole in (
            ("actions_failed", "actions"),
            ("rollbacks_failed", "rollbacks"),
            ("probes_passed", "probes"),
        ):
            if part in experiment:
                yield f"{place}.{part}", experiment[part], min(experiment[part], experiment.get(whole, 0))
        if "probes_passed" in experiment and experiment.get("probes"):
            percent = experiment["probes_passed"] * 100 // experiment["probes"]
            yield f"{place}.probe_success_percent", experiment.get("probe_success_percent", percent), percent


def endurance(facts: Facts) -> Iterator[Count]:
    """Requests and errors are those of all phases, and no phase has more errors than requests."""
    for name in ("requests", "errors"):
        yield name, facts[name], sum(phase[name] for phase in facts["phases"])
    for index, phase in enumerate(facts["phases"]):
        yield f"phases[{index}].errors", phase["errors"], min(phase["errors"], phase["requests"])
