"""A canary that may go on: raw reports of everything that judges it, and a stage that asks about all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenario import Base

from project import stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenario import Harm

    from project import Project, Ran

WRITTEN = Path(__file__).resolve().parents[2] / "fixtures" / "written"
REPORTS = {
    "canary": "canary-prometheus.json",
    "analysis": "kayenta.json",
    "slo": "openslo-prometheus.json",
    "feature_flags": "flagd.flagd.json",
    "capacity": "capacity-prometheus.json",
}
"""The report of each kind; its file in the project is called after the kind."""

KINDS = (*REPORTS, "off_switch")

STAGE = """
[stages.canary]
canary = true
rules = ["canary.*", "slo.*", "flags.*", "capacity.*"]
valid_for = "1h"
parameters.flags.present.flags = ["express"]
parameters.flags.off_switch_tested.flags = ["express"]
"""

OFF_SWITCH = """\
statement = "off_switch"
[[trials]]
flag = "express"
environment = "staging"
passed = true
tried_at = {}
"""


def _canary(project: Project) -> None:
    project.edit("gate.toml", 'pack_dirs = ["policies"]', 'pack_dirs = ["policies", "gatekeeper"]')
    slots = "".join(f'evidence.{kind} = {{ kind = "{kind}" }}\n' for kind in KINDS)
    project.write("gate.toml", (project.folder / "gate.toml").read_text() + STAGE + slots)
    accepted = "".join(f'{kind} = ["ci", "unsigned"]\n' for kind in KINDS)
    project.edit("trust.toml", "[accept]", f"[stages.canary.accept]\n{accepted}[accept]")
    project.lock()
    for kind, name in REPORTS.items():
        project.write(f"evidence/{kind}.json", (WRITTEN / name).read_bytes())
    project.write("evidence/off_switch.toml", OFF_SWITCH.format(stamp(project.now)))


def decide_canary(project: Project) -> Ran:
    return project.decide("canary")


def report(kind: str, change: Callable[[Any], object]) -> Harm:
    """Change the raw report of a kind."""

    def harm(project: Project) -> None:
        path = project.folder / f"evidence/{kind}.json"
        value = json.loads(path.read_bytes())
        change(value)
        path.write_text(json.dumps(value), encoding="utf-8")

    return harm


def signed(kind: str, facts: Any, change: Callable[[Any], object] = lambda _: None) -> Harm:
    """Facts that the CI signs in the place of the raw report."""

    def harm(project: Project) -> None:
        for path in (project.folder / "evidence").glob(f"{kind}.*"):
            path.unlink()
        held = json.loads(json.dumps(facts.facts))
        change(held)
        project.attest(kind, held, slot=kind, name=f"{kind}-signed")

    return harm


CANARY = Base("a canary that may go on", _canary, decide_canary)
BASES = (CANARY,)
