"""Makers of evidence about what a release withstands; see :mod:`gatekeeper.testing.facts`."""

from __future__ import annotations

from typing import Any

from gatekeeper.testing._made import BEFORE, Items, MadeDocument, entry, make, named


def chaos(*, passed: Items = 1, failed: Items = (), **more: Any) -> MadeDocument:
    """Chaos experiments.

    Args:
        passed: Experiments that held, by name or as mappings (``{"name": "lost node", "rollbacks": 2}``).
        failed: Experiments after which the steady state was not met.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    held = [_experiment(item, "passed") for item in named(passed, "experiment")]
    experiments = held + [_experiment(item, "failed") for item in named(failed, "failed")]
    for at, experiment in enumerate(experiments):
        experiment.setdefault("locator", f"/experiments/{at}")
    facts = {"tool": "chaos", "ran_at": BEFORE, "experiments": experiments, "experiment_count": len(experiments)}
    return make("chaos", facts, **more)


def _experiment(item: Any, verdict: str) -> dict[str, Any]:
    held = verdict == "passed"
    probes = {"probes": 2, "probes_passed": 2 if held else 1, "probe_success_percent": 100 if held else 50}
    steps = {"actions": 1, "actions_failed": 0, "rollbacks": 1, "rollbacks_failed": 0}
    return entry(item, "name", verdict=verdict, before_met=True, after_met=held, **probes, **steps)
