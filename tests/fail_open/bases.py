"""Projects in which the command says yes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import base_projects
import bases_stage1
import bases_stage3
import chain_projects
import conftest_projects
from bases_people import BASES as OF_PEOPLE
from bases_stage2b import BASES as OF_FINDINGS
from harms import COBERTURA, IMAGE, JUNIT, TRIVY, all_of
from liar import WHERE, installed, program
from scenario import Base, variables
from sigstore_project import bundled, trust_of
from stage4_projects import BASES as OF_CANARIES
from stage5_projects import BASES as OF_OPERATION

from gatekeeper.errors import GatekeeperError
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.sealing import seal
from gatekeeper.subject import Subject
from gatekeeper.trust.signer import KeySigner
from project import TWO_KEYS, Ran, change, coverage, ran_tests, stamp

if TYPE_CHECKING:
    from scenario import Harm, Run

    from gatekeeper.decision import Decision
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


def _sigstore(project: Project) -> None:
    """The CI signs with its identity."""
    trust_of(project)
    for slot in ("unit", "coverage"):
        project.write(f"evidence/{slot}.sigstore.json", bundled(project, slot))


def _liar(project: Project) -> None:
    """An honest program that is not OPA, and that the gate knows."""
    installed(program())(project)
    project.green()


def _quorum(project: Project) -> None:
    """Two approvals are asked; one of those who may give them has two keys."""
    project.edit("gate.toml", 'count = 1, not = ["author"]', "count = 2")
    project.edit(
        "trust.toml",
        f'keys = [{{ key = "{project.public("ada")}" }}]',
        TWO_KEYS.format(*map(project.public, ("ada", "dee"))),
    )
    _integration(project)
    project.approve("bo")


def _frozen(project: Project) -> None:
    """In a freeze, with the exception of the role that the freeze names."""
    hour = timedelta(hours=1)
    period = f"from = {stamp(project.now - hour)}, until = {stamp(project.now + hour)}"
    freezes = f'freezes = [{{ name = "year end", {period}, exception = "security" }}]'
    project.edit("gate.toml", 'valid_for = "1d"', f'valid_for = "1d"\n{freezes}')
    _integration(project)
    project.approve("cy")


def _report(project: Project) -> None:
    project.write("unit.xml", JUNIT)


def _scan(project: Project) -> None:
    project.write("scan.json", json.dumps(TRIVY))


def _hooked(project: Project) -> None:
    """Raw reports in a repository, all of it staged."""
    _raw(project)
    project.git("init", "--quiet")
    project.git("add", "--all")


def rebuilt(base: Base, *changes: Harm) -> Harm:
    """Change the project first, and build it then: approvals and records are of the changed gate."""
    return all_of(*changes, base.build)


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


def decide_into(*more: str) -> Run:
    """Decide and keep the decision."""
    return lambda project: project.decide("build", *more)


def _ledger(project: Project) -> None:
    project.green()
    decide_into("--ledger", LEDGER_URL, "--key", "keys/gate.key")(project)


def decided_in_python(project: Project, at: datetime | None = None) -> Decision:
    evidence = Evidence.read(project.folder / "evidence")
    gate = Gate.load(project.folder / "gate.toml")
    return gate.decide(project.subject, "build", evidence, at=at or datetime.now(UTC))


def look(stage: str, **later: float) -> Run:
    """What the gate would decide at another time than now, from Python: the command's preview is never a yes."""

    def run(project: Project) -> Ran:
        at = project.now + timedelta(**later)
        preview = Gate.load("gate.toml").preview(project.subject, stage, Evidence.read("evidence"), at=at)
        return Ran(0 if preview.decision.outcome == "allow" else 1, preview.explain("json"), "")

    return run


def seal_in_python(project: Project, *, decision: Decision | None = None, away: timedelta = timedelta(0)) -> Ran:
    """Seal a decision some time after it; 3 where that is refused, as the command exits."""
    held = decision or decided_in_python(project)
    signer = KeySigner.load(project.folder / "keys/gate.key")
    try:
        record = seal(held, signer=signer, directory=project.folder / "records", now=held.at + away)
    except GatekeeperError as refusal:
        return Ran(refusal.exit_code, "", str(refusal))
    return Ran(0, record.digest, "")


LEDGER_URL = "sqlite:///decisions.db"
SIGNED = ("--key", "keys/gate.key")

GREEN = Base("a build with signed evidence", _green, decide)
INTEGRATION = Base("a second stage, approved", _integration, decide_integration)
WAIVED = Base("a build with a waiver", _waived, decide)
SEALED = Base("a sealed allow at the deploy side", _sealed, admit)
RAW = Base("a build with raw reports", _raw, decide)
TWO_DIGESTS = Base("a subject by two digests, from Python", _two_digests, decide_two_digests)
AGED = Base("a build with a slot that ages", _aged, decide)
COUNTED = Base("a build that asks for two reports", _counted, decide)
SIGSTORE = Base("a build whose CI signs with its identity", _sigstore, decide)
LIAR = Base("an engine that the gate knows", _liar, decide, variables(GATEKEEPER_OPA=WHERE))
QUORUM = Base("a second stage, approved by two", _quorum, decide_integration)
FROZEN = Base("a second stage in a freeze, with an exception", _frozen, decide_integration)
RECORDED = Base("a decision on record", _green, decide_into("--record", "records", *SIGNED))
LEDGERED = Base("a decision in the ledger", _green, decide_into("--ledger", LEDGER_URL, *SIGNED))
LEDGER = Base(
    "a ledger that is whole", _ledger, lambda project: project.run("ledger", "verify", "--ledger", LEDGER_URL)
)
REPLAYED = Base("a record that is replayed", _sealed, lambda project: project.run("replay", "release.record.json"))
SEALED_IN_PYTHON = Base("a decision sealed from Python", _green, seal_in_python)
LATER = Base("a second stage, looked at in an hour", _integration, look("integration", hours=1))
ATTESTED = Base(
    "a report that is attested",
    _report,
    lambda project: project.run("attest", "unit.xml", "--subject", "app.whl", "--slot", "unit", "-o", "out"),
)
INSPECTED = Base("a report that is inspected", _report, lambda project: project.run("inspect", "unit.xml"))
SCANNED = Base(
    "a scan that is attested",
    _scan,
    lambda project: project.run("attest", "scan.json", "--subject", IMAGE, "--slot", "scan", "-o", "out"),
)
VERIFIED = Base(
    "evidence that is verified",
    _green,
    lambda project: project.run("verify", "evidence", "--subject", "app.whl", "--stage", "build"),
)
HOOKED = Base(
    "what is staged, judged by the hook",
    _hooked,
    lambda project: project.run("hook", "decide", "--evidence", "evidence"),
)
BASES = (
    GREEN,
    INTEGRATION,
    WAIVED,
    SEALED,
    RAW,
    TWO_DIGESTS,
    AGED,
    COUNTED,
    SIGSTORE,
    LIAR,
    QUORUM,
    FROZEN,
    RECORDED,
    LEDGERED,
    LEDGER,
    REPLAYED,
    SEALED_IN_PYTHON,
    LATER,
    ATTESTED,
    INSPECTED,
    SCANNED,
    VERIFIED,
    HOOKED,
    *OF_PEOPLE,
    *OF_CANARIES,
    *OF_OPERATION,
    *base_projects.BASES,
    *chain_projects.BASES,
    *conftest_projects.BASES,
    *OF_FINDINGS,
    *bases_stage1.BASES,
    *bases_stage3.BASES,
)
