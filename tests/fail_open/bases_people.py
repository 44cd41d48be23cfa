"""Projects in which the command says yes because of what people have signed: emergencies, branches of approvals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scenario import Base

from gatekeeper.emergency import EMERGENCY_NAMESPACE, EMERGENCY_TYPE
from gatekeeper.subject import Subject
from project import change, coverage, ran_tests, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project, Ran

HOUR = timedelta(hours=1)
TERMS = '[emergency]\nrole = "security"\nmax = "4h"\nnever = ["own.tests"]\n\n[waivers]'
ASKED = ("--emergency", "the shop is down")


def declared(project: Project, *signers: str, name: str = "emergency", **said: Any) -> Path:
    """An emergency, SSH-signed by each of ``signers``."""
    whole = {
        "stage": "build",
        "gate": {"name": "parcel", "digest": project.gate_digest},
        "reason": "hotfix",
        "issued_at": stamp(project.now - HOUR),
        "expires": stamp(project.now + 2 * HOUR),
    }
    signed = {"namespace": said.pop("namespace", EMERGENCY_NAMESPACE), "subject": said.pop("subject", None)}
    return project.sign_ssh(whole | said, EMERGENCY_TYPE, signers or ("cy",), name, **signed)


def burning(project: Project) -> None:
    """Thin coverage denies, and somebody of the role has declared an emergency."""
    project.edit("gate.toml", "[waivers]", TERMS)
    project.lock()
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    declared(project)


def decide_in_an_emergency(project: Project) -> Ran:
    """The decision that breaks through."""
    return project.decide("build", *ASKED)


def _sealed(project: Project) -> None:
    burning(project)
    project.decide("build", *ASKED, "--record", "records", "--key", "keys/gate.key")
    [record] = (project.folder / "records").iterdir()
    project.write("release.record.json", record.read_bytes())


def admit_an_emergency(project: Project, *more: str) -> Ran:
    """The deploy side, which takes emergencies."""
    return project.admit("release.record.json", "--emergency", "--format", "json", *more)


APPROVALS = 'approvals = [{ role = "release-manager", count = 1, not = ["author"] }]'
BRANCHES = """{ any = [{ all = [{ role = "release-manager" }, { role = "operations" }] }, { role = "board" }], \
not = ["author"], veto = ["security"] }"""
ADA, BO = '[people.ada]\nroles = ["release-manager"]', '[people.bo]\nroles = ["release-manager"]'


def _second_stage(project: Project, approvals: str, **facts: str) -> None:
    """All that the second stage asks but approvals; zoe, who approves nothing, has made the change."""
    project.edit("gate.toml", APPROVALS, f"approvals = [{approvals}]")
    dee = f'[people.dee]\nroles = ["board"]\nkeys = [{{ key = "{project.public("dee")}" }}]\n'
    project.edit("trust.toml", "[accept]", f'{dee}[people.zoe]\nlogins = ["github:zoe"]\n[accept]')
    project.edit("trust.toml", ADA, ADA.replace('"]', '", "operations"]'))
    project.edit("trust.toml", BO, BO.replace("release-manager", "operations"))
    project.lock()
    project.green()
    record = project.record().read_bytes()
    for path in (project.folder / "evidence").iterdir():
        path.unlink()
    project.write("evidence/build.record.json", record)
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    project.attest("change", change("github:zoe") | facts, slot="change", name="change")


def _either(project: Project) -> None:
    """Two of different roles, or the board."""
    _second_stage(project, BRANCHES)
    project.approve("ada")
    project.approve("bo")


def _deployed(project: Project) -> None:
    """One who does not deploy it."""
    _second_stage(project, '{ role = "release-manager", not = ["deployer"] }', deployer="github:bo")
    project.approve("ada")


def decide_integration(project: Project) -> Ran:
    """The second stage."""
    return project.decide("integration")


REVERT = """\
[stages.canary]
canary = true
rules = ["own.tests"]
valid_for = "1d"
[stages.canary.evidence]
unit = { kind = "test_results" }

[stages.revert]
revert = { when = "canary", to = "build", max_age = "24h", within = "30d", role = "security" }
valid_for = "1h"

[stages.integration]"""


def sealed_as(project: Project, name: str, stage: str, kept: str, *, signed: bool = True) -> None:
    """Decide about an artifact on what is in the folder ``given``, and keep the record among the evidence."""
    # a decision of the same second is the same one, and no record of it replaces another
    how = ("--record", "records", "--key", "keys/gate.key") if signed else ("--record", "unsigned")
    ran = project.run("decide", name, "--stage", stage, "--evidence", "given", *how)
    path = ran.err.split("record ", 1)[1].split()[0]
    project.write(f"evidence/{kept}.json", (project.folder / path).read_bytes())
    for file in (project.folder / "given").iterdir():
        file.unlink()


def given(project: Project, kind: str, facts: dict[str, Any], slot: str, name: str) -> None:
    """Evidence about an artifact, in the folder ``given``."""
    (project.folder / "given").mkdir(exist_ok=True)
    path = project.attest(kind, facts, slot=slot, name=slot, subject=artifact(project, name))
    path.rename(project.folder / "given" / path.name)


def artifact(project: Project, name: str) -> dict[str, Any]:
    """An artifact, as statements name it."""
    return Subject.file(project.folder / name).as_json()


def released(project: Project, covered: int = 90) -> None:
    """``old.whl`` goes through the first stage."""
    given(project, "test_results", ran_tests(), "unit", "old.whl")
    given(project, "coverage", coverage(covered), "coverage", "old.whl")
    sealed_as(project, "old.whl", "build", "release")


def judged(project: Project, facts: dict[str, Any], name: str = "app.whl", kept: str = "canary", **how: bool) -> None:
    """The canary judges an artifact."""
    given(project, "test_results", facts, "unit", name)
    sealed_as(project, name, "canary", kept, **how)


def _rolled_back(project: Project) -> None:
    """The canary of ``app.whl`` says roll back, and ``old.whl`` was released before."""
    project.edit("gate.toml", "[stages.integration]", REVERT)
    rule = "policies/own/tests/tests.rego"
    project.edit(rule, "#   severity: high", "#   severity: high\n#   on_fail: roll_back")
    project.lock()
    project.write("old.whl", "the release before")
    released(project)
    judged(project, ran_tests(2, "checkout"))


def decide_to_revert(project: Project) -> Ran:
    """May the earlier release come back."""
    return project.run("decide", "old.whl", "--stage", "revert", "--evidence", "evidence", "--format", "json")


EITHER = Base("a second stage, approved in one of two ways", _either, decide_integration)
DEPLOYED = Base("a second stage, approved by who does not deploy it", _deployed, decide_integration)
ROLLED_BACK = Base("a release that comes back", _rolled_back, decide_to_revert)
EMERGENCY = Base("a build in an emergency", burning, decide_in_an_emergency)
SEALED_EMERGENCY = Base("an emergency at a deploy side that takes it", _sealed, admit_an_emergency)
BASES = (EITHER, DEPLOYED, ROLLED_BACK, EMERGENCY, SEALED_EMERGENCY)
