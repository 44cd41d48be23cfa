"""Projects in which the command says yes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harms import COBERTURA, JUNIT
from scenario import Base

from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.subject import Subject
from project import Ran, change, coverage, ran_tests, stamp

if TYPE_CHECKING:
    from project import Project


def _green(project: Project) -> None:
    project.green()


def _integration(project: Project) -> None:
    """Everything that the second stage asks: the record of the first, two shards, the change, an approval."""
    project.green()
    record = project.record()
    for path in (project.folder / "evidence").iterdir():
        path.unlink()
    project.write("evidence/build.record.json", record.read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    project.attest("change", change("github:bo"), slot="change", name="change")
    project.approve("ada")


def _waived(project: Project) -> None:
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    project.waive("ada", "cy")


def _sealed(project: Project) -> None:
    project.green()
    project.write("release.record.json", project.record().read_bytes())


def _raw(project: Project) -> None:
    """Raw reports, unsigned, where the stage accepts that."""
    accepted = '[stages.build.accept]\ntest_results = ["unsigned"]\ncoverage = ["unsigned"]\n[accept]'
    project.edit("trust.toml", "[accept]", accepted)
    project.write("evidence/unit.xml", JUNIT)
    project.write("evidence/coverage.xml", COBERTURA)


def _two_digests(project: Project) -> None:
    for kind, facts, slot in (("test_results", ran_tests(), "unit"), ("coverage", coverage(), "coverage")):
        project.attest(kind, facts, slot=slot, name=slot, subject=project.two_digests())


def _aged(project: Project) -> None:
    """Coverage may be a day old, by the time that its signer claims."""
    slot = 'coverage = { kind = "coverage"'
    project.edit("gate.toml", slot, f'{slot}, max_age = "24h", time = "claimed"')
    project.green()
    project.attest("coverage", coverage(), slot="coverage", name="coverage", attested_at=stamp(project.now))


def _counted(project: Project) -> None:
    """Two different reports of unit tests are asked, and here."""
    project.edit("gate.toml", 'unit = { kind = "test_results"', 'unit = { kind = "test_results", count = 2')
    project.green()
    project.attest("test_results", ran_tests(5), slot="unit", name="more")


def decide(project: Project) -> Ran:
    return project.decide()


def decide_integration(project: Project) -> Ran:
    return project.decide("integration")


def admit(project: Project) -> Ran:
    return project.admit("release.record.json", "--format", "json")


def decide_two_digests(project: Project) -> Ran:
    """From Python, about a subject that is known by two digests; the command knows it by one."""
    subject = Subject.of("app.whl", project.two_digests()["digest"])
    evidence = Evidence.read(project.folder / "evidence")
    decision = Gate.load(project.folder / "gate.toml").decide(subject, "build", evidence, at=datetime.now(UTC))
    return Ran(0 if decision else 1, decision.explain("json"), "")


GREEN = Base("a build with signed evidence", _green, decide)
INTEGRATION = Base("a second stage, approved", _integration, decide_integration)
WAIVED = Base("a build with a waiver", _waived, decide)
SEALED = Base("a sealed allow at the deploy side", _sealed, admit)
RAW = Base("a build with raw reports", _raw, decide)
TWO_DIGESTS = Base("a subject by two digests, from Python", _two_digests, decide_two_digests)
AGED = Base("a build with a slot that ages", _aged, decide)
COUNTED = Base("a build that asks for two reports", _counted, decide)
BASES = (GREEN, INTEGRATION, WAIVED, SEALED, RAW, TWO_DIGESTS, AGED, COUNTED)
