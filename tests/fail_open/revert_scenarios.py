"""Rolling back: without anybody who asks for it, to what was never released, on records of others and of other times."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases_people import ROLLED_BACK, artifact, judged, released
from harms import all_of, edit, gate, remove
from scenario import DENY, NO_DECISION, Line

from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.subject import Subject
from project import Ran, ran_tests

if TYPE_CHECKING:
    from scenario import Harm, Run

    from project import Project


def canary(facts: dict[str, Any], **more: Any) -> Harm:
    return lambda project: judged(project, facts, **more)


def _asked_by(person: str, **said: Any) -> Harm:
    return lambda project: project.approve(person, stage="revert", subject=artifact(project, "old.whl"), **said)


def _loosened(project: Project) -> None:
    project.edit("gate.toml", 'valid_for = "7d"', 'valid_for = "8d"')


def look(**later: float) -> Run:
    def run(project: Project) -> Ran:
        at = project.now + timedelta(**later)
        subject = Subject.file(project.folder / "old.whl")
        preview = Gate.load("gate.toml").preview(subject, "revert", Evidence.read("evidence"), at=at)
        return Ran(0 if preview.decision.outcome == "allow" else 1, preview.explain("json"), "")

    return run


UNASKED = remove("evidence/canary.json")

denied = Line(ROLLED_BACK, DENY)
broken = Line(ROLLED_BACK, NO_DECISION)

# fmt: off
REASONS = (
    denied("a rollback that nothing asks for", UNASKED, "nothing here asks for it", "revert.reason"),
    denied("a rollback where the canary goes well", canary(ran_tests(3)), "canary says proceed of app.whl", "revert.word"),
    denied("a rollback where the canary knows nothing", canary(ran_tests(0)), "canary says hold of app.whl", "revert.word"),
    denied("a rollback that the canary took back", canary(ran_tests(3), kept="later"), "canary says proceed of app.whl", "revert.last"),
    denied("a rollback by an unsigned record of the canary", canary(ran_tests(2, "checkout"), signed=False), "signed by nobody; decision is accepted from gate at revert", "verify.accept"),
    denied("a rollback by the canary of another gate by that name", all_of(_loosened, released), "the gate has changed since", "revert.fit"),
    denied("a rollback by yesterday's canary", lambda _: None, "at most 1d old it counts", "revert.fit", run=look(hours=25)),
    denied("a rollback by somebody without the role", all_of(UNASKED, _asked_by("ada")), "nothing here asks for it", "revert.role"),
    denied("a rollback that somebody of the role says no to", _asked_by("cy", verdict="reject"), "cy says no to rolling back", "revert.veto"),
    denied("the word of a canary at another stage", lambda _: None, "it is about another subject", "verify.reversal", run=lambda project: project.run("decide", "old.whl", "--stage", "canary", "--evidence", "evidence", "--format", "json")),
)
TARGETS = (
    denied("a rollback to what was never released", remove("evidence/release.json"), "no signed record of build for it is here", "revert.target"),
    denied("a rollback to what was denied", lambda project: released(project, covered=10), "build denies it", "revert.released"),
    denied("a rollback to what the canary denied", canary(ran_tests(1, "login"), name="old.whl", kept="own"), "canary has denied it since", "revert.denied_since"),
    denied("a rollback to a release of another gate by that name", all_of(_loosened, canary(ran_tests(2, "checkout"))), "which gates does not name", "revert.released"),
    denied("a rollback to a release of last year", all_of(gate('max_age = "24h"', 'max_age = "90d"'), released, canary(ran_tests(2, "checkout"))), "at most 30d old it is come back to", "revert.released", run=look(days=31)),
)
GATES = (
    broken("a rollback by a stage that is no canary", gate('when = "canary"', 'when = "build"'), "build is no canary: it never says roll_back", "revert.check"),
    broken("a rollback without end", gate(', max_age = "24h"', ""), "nothing asks for a rollback for ever", "revert.length"),
    broken("a rollback by a role that nobody has", edit("gate.toml", 'role = "security" }', 'role = "secrity" }'), "nobody in trust.toml has the role 'secrity'", "revert.check"),
)
# fmt: on

AREA = "rollbacks"
SCENARIOS = (*REASONS, *TARGETS, *GATES)
