"""A release that may be closed: raw reports and statements of how it does, and a stage that asks about all of them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenario import Base

from gatekeeper import _time

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

    from project import Project, Ran

WRITTEN = Path(__file__).resolve().parents[2] / "fixtures" / "written"
REPORTS = {
    "alerts": "prometheus-rules.json",
    "incidents": "pagerduty.json",
    "deployment": "cdevents-deployments.json",
    "benchmark": "google-benchmark.json",
    "migration": "flyway.json",
    "test_results": "ctrf.json",
}
STATEMENTS = ("runbook", "deprecations", "postmortem", "closing")
KINDS = (*REPORTS, *STATEMENTS)

STAGE = """
[stages.closing]
rules = [
    "operations.quiet", "operations.incidents", "operations.runbooks", "operations.postmortems",
    "migrations.way_back", "deprecations.*", "deployment.succeeded", "closing.*", "benchmark.*", "tests.passed",
]
valid_for = "1h"
parameters.benchmark.budget.budgets = [{ benchmark = "BM_Postage", max_median_ns = 1100 }]
parameters.closing.complete.required_items = ["old version switched off"]
"""


def _closing(project: Project) -> None:
    project.edit("gate.toml", 'pack_dirs = ["policies"]', 'pack_dirs = ["policies", "gatekeeper"]')
    slots = "".join(f'evidence.{kind} = {{ kind = "{kind}" }}\n' for kind in KINDS)
    project.write("gate.toml", (project.folder / "gate.toml").read_text() + STAGE + slots)
    accepted = "".join(f'{kind} = ["ci", "unsigned"]\n' for kind in KINDS)
    project.edit("trust.toml", "[accept]", f"[stages.closing.accept]\n{accepted}[accept]")
    project.lock()
    for kind, name in REPORTS.items():
        project.write(f"evidence/{kind}.json", (WRITTEN / name).read_bytes())
    for kind in STATEMENTS:
        project.write(f"evidence/{kind}.toml", (WRITTEN / f"{kind}.toml").read_bytes())
    reviewed = _time.format_instant(project.now - timedelta(days=3))
    project.edit("evidence/runbook.toml", "2026-11-02T10:00:00Z", reviewed)


def decide_closing(project: Project) -> Ran:
    return project.decide("closing")


def report(kind: str, change: Callable[[Any], object]) -> Harm:
    """Change the raw report of a kind."""

    def harm(project: Project) -> None:
        path = project.folder / f"evidence/{kind}.json"
        value = json.loads(path.read_bytes())
        change(value)
        path.write_text(json.dumps(value), encoding="utf-8")

    return harm


def instead(kind: str, name: str) -> Harm:
    """Another written report in the place of that of a kind."""

    def harm(project: Project) -> None:
        for path in (project.folder / "evidence").glob(f"{kind}.*"):
            path.unlink()
        project.write(f"evidence/{kind}{Path(name).suffix}", (WRITTEN / name).read_bytes())

    return harm


CLOSING = Base("a release that may be closed", _closing, decide_closing)
BASES = (CLOSING,)
