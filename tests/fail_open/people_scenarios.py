"""Requirements of people and stages: approvals, authors, freezes, the stage before."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bases import FROZEN, INTEGRATION, LATER, QUORUM, look, rebuilt
from guard import replaced
from harms import OTHER_SUBJECT, all_of, cut, edit, gate, locked, nothing, remove, trust, unit, write
from scenario import DENY, Line

from gatekeeper.approval import APPROVAL_TYPE
from gatekeeper.attestation import PAYLOAD_TYPE, statement_bytes
from gatekeeper.trust import dsse
from project import change, ran_tests, signing_key, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from scenario import Harm, Setting

    from gatekeeper.stage import Stage
    from project import Project

OTHER_GATE = {"name": "parcel", "digest": "sha256:" + "0" * 64}
ROLE = 'roles = ["release-manager"]'
ENDED_ROLE = 'roles = [{ role = "release-manager", until = 2026-01-01T00:00:00Z }]'
COVERAGE_RULE = "policies/own/coverage/coverage.rego"
RECORD = "evidence/build.record.json"


def approved(person: str = "ada", **said: Any) -> Harm:
    return lambda project: project.approve(person, **said)


def timed(person: str, issued: timedelta, expires: timedelta, **said: Any) -> Harm:
    """An approval of another time than the last hour."""

    def harm(project: Project) -> None:
        times = {"issued_at": stamp(project.now + issued), "expires": stamp(project.now + expires)}
        project.approve(person, **times, **said)

    return harm


def rejected(person: str = "ada", issued: timedelta = -timedelta(minutes=5), **said: Any) -> Harm:
    return timed(person, issued, said.pop("expires", timedelta(days=1)), verdict="reject", name="no", **said)


def changed_by(*authors: str, **facts: Any) -> Harm:
    """Other evidence of who made the change."""
    return lambda project: project.attest("change", change(*authors) | facts, slot="change", name="change")


def _key_of_ada(project: Project) -> None:
    changed_by(f"key:{signing_key('ada').public.fingerprint}")(project)


def by_key(name: str) -> Harm:
    """An approval in an envelope for statements of machines."""

    def harm(project: Project) -> None:
        path = project.approve("ada")
        said = {
            "verdict": "approve", "stage": "integration", "gate": {"name": "parcel", "digest": project.gate_digest},
            "issued_at": stamp(project.now), "expires": stamp(project.now + timedelta(days=1)),
        }  # fmt: skip
        payload = statement_bytes(subject=project.subject.as_json(), predicate_type=APPROVAL_TYPE, predicate=said)
        path.write_bytes(dsse.sign(payload, PAYLOAD_TYPE, signing_key(name)))

    return harm


def earlier(
    *harms: Harm, name: str = RECORD, undo: Harm | None = None, under: Setting = nullcontext, **sealed: Any
) -> Harm:
    """Another record of the stage before, decided with some harm done."""

    def harm(project: Project) -> None:
        (project.folder / "evidence").rename(project.folder / "kept")
        project.green()
        for step in harms:
            step(project)
        with under():
            record = project.record(folder="others", **sealed).read_bytes()
        for path in (project.folder / "evidence").iterdir():
            path.unlink()
        (project.folder / "evidence").rmdir()
        (project.folder / "kept").rename(project.folder / "evidence")
        if undo is not None:
            undo(project)
        project.write(name, record)

    return harm


def _frozen(project: Project) -> None:
    start, end = stamp(project.now - timedelta(hours=1)), stamp(project.now + timedelta(hours=1))
    freezes = f'freezes = [{{ name = "year end", from = {start}, until = {end} }}]'
    project.edit("gate.toml", 'valid_for = "1d"', f'valid_for = "1d"\n{freezes}')


def _unsigned_build(project: Project) -> None:
    """The build stage accepts unsigned tests, and its allow rests on some."""
    project.edit("trust.toml", "[accept]", '[stages.build.accept]\ntest_results = ["unsigned"]\n[accept]')


def _for_a_year(stage: Stage, _documents: object, at: datetime) -> list[tuple[datetime, str]]:
    return [(at + timedelta(days=365), f"an allow of {stage.name} ends")]


FOR_A_YEAR = replaced("gatekeeper.gate:_own_lapses", _for_a_year)
"""A gate whose allows last longer than it says."""


def _soon(project: Project) -> str:
    return stamp(project.now + timedelta(minutes=30))


def _gate_key_from_soon(project: Project) -> None:
    project.edit("trust.toml", 'key = "keys/gate.pub"', f'key = "keys/gate.pub"\nfrom = {_soon(project)}')


def _role_until_soon(project: Project) -> None:
    dated = f'roles = [{{ role = "release-manager", until = {_soon(project)} }}]'
    project.edit("trust.toml", f"[people.ada]\n{ROLE}", f"[people.ada]\n{dated}")


def _key_until_soon(project: Project) -> None:
    keys = f"[people.ada]\n{ROLE}\nkeys = [{{"
    project.edit("trust.toml", keys, f"{keys} until = {_soon(project)},")


RESTING = all_of(
    _unsigned_build,
    lambda project: project.approve("ada"),
    earlier(unit(ran_tests(), signer=None)),
)

denied = Line(INTEGRATION, DENY)
quorum = Line(QUORUM, DENY)
frozen = Line(FROZEN, DENY)
later = Line(LATER, DENY)

# fmt: off
APPROVALS = (
    denied("no approval", remove("evidence/approval-ada.json"), "0 of 1 approvals", "people.quorum"),
    denied("an approval by somebody without the role", all_of(remove("evidence/approval-ada.json"), approved("cy")), "cy does not count: no release-manager at this time", "people.role"),
    denied("an approval by an author", all_of(remove("evidence/approval-ada.json"), approved("bo")), "bo does not count: an author of the change", "people.author"),
    denied("an approval by a committer", changed_by("github:bo", committers=["github:ada"]), "ada does not count: an author of the change", "people.author"),
    denied("an approval by the one who pushed", changed_by("github:bo", pusher="github:ada"), "ada does not count: an author of the change", "people.author"),
    denied("an approval by an author who is known by key", _key_of_ada, "ada does not count: an author of the change", "people.author"),
    denied("an author whom nobody knows", changed_by("github:mallory"), "the author github:mallory is nobody in trust.toml", "people.author_known"),
    denied("a change without an author", changed_by(), "the change evidence names no author", "people.author_known"),
    denied("no evidence of who made the change", remove("evidence/change.json"), "nobody can tell who the author is: there is no change evidence", "people.author_known"),
    denied("half of the evidence of who made the change", changed_by("github:bo", complete=False), "nobody can tell who the author is: the change evidence is not complete", "people.author_known"),
    denied("a yes that was taken back", rejected(), "ada rejects it", "people.last_word"),
    denied("a yes and a no of one instant", rejected(issued=-timedelta(hours=1)), "ada rejects it", "people.last_word"),
    denied("a yes that was taken back by a no that has expired", rejected(expires=-timedelta(minutes=1)), "0 of 1 approvals", "people.last_word"),
    denied("a no by another who may approve", rejected("bo"), "bo rejects it", "people.veto"),
    denied("an approval of another stage", approved(stage="build"), "it is for the stage build", "approval.stage"),
    denied("an approval of another gate by that name", approved(gate=OTHER_GATE), "it is for another gate", "approval.gate"),
    denied("an approval of this gate before it was edited", gate('valid_for = "1d"', 'valid_for = "2d"'), "it is for another gate", "approval.gate"),
    denied("an approval of another subject", approved(subject=OTHER_SUBJECT), "it is about another subject", "verify.subject"),
    denied("an approval that has expired", timed("ada", -timedelta(days=2), -timedelta(seconds=1)), "it expired at", "approval.expired"),
    denied("an approval of tomorrow", timed("ada", timedelta(days=1), timedelta(days=2)), "it is issued at", "approval.future"),
    denied("an approval that ends before it begins", timed("ada", -timedelta(hours=1), -timedelta(hours=2)), "it expires before it is issued", "approval.times"),
    denied("an approval that says more than it may", approved(scope="all"), "$.predicate.scope: not known here", "approval.schema"),
    denied("an approval in other words", approved(verdict="approved"), "'approved' is none of approve, reject", "approval.schema"),
    denied("a signature that was made for git", approved(namespace="git"), "signed for 'git', not for 'approval@gatekeeper.dev'", "trust.ssh_namespace"),
    denied("an approval by a key that is nobody's", approved(signer="dee"), "no signature holds under a key of trust.toml", "trust.holders"),
    denied("an approval by the CI", by_key("ci"), "approvals count when a person of trust.toml has signed them, by SSH", "verify.accept"),
    denied("an approval by a person's key, signed as machines sign", by_key("ada"), "approvals count when a person of trust.toml has signed them, by SSH", "verify.accept"),
    denied("an approval by a key that has ended", rebuilt(INTEGRATION, trust(f"[people.ada]\n{ROLE}\nkeys = [{{", f"[people.ada]\n{ROLE}\nkeys = [{{ until = 2026-01-01T00:00:00Z,")), "the key of ada does not count at this time", "trust.period"),
    denied("an approval in a role that has ended", rebuilt(INTEGRATION, trust(f"[people.ada]\n{ROLE}", f"[people.ada]\n{ENDED_ROLE}")), "ada does not count: no release-manager at this time", "people.role"),
    quorum("a quorum by one human with two keys", all_of(remove("evidence/approval-bo.json"), approved(signer="dee", name="second")), "1 of 2 approvals: ada", "people.distinct"),
    quorum("a quorum by one human who signs twice in one envelope", all_of(remove("evidence/approval-bo.json"), approved(signers=["ada", "dee"])), "1 of 2 approvals: ada", "people.distinct"),
    quorum("one of two", remove("evidence/approval-bo.json"), "1 of 2 approvals: ada", "people.quorum"),
)

FREEZES = (
    denied("in a freeze", rebuilt(INTEGRATION, _frozen), "nothing enters during year end", "require.freeze"),
    frozen("in a freeze, without the role that may except", remove("evidence/approval-cy.json"), "nothing enters during year end", "require.exception"),
    frozen("in a freeze, and the role that may except says no", rejected("cy"), "nothing enters during year end", "require.exception"),
)

STAGES = (
    denied("no record of the stage before", remove(RECORD), "no signed record of build is here", "require.after"),
    denied("a record that was cut off", cut(RECORD, 900), "no signed record of build is here", "require.after"),
    denied("a deny of the stage before", earlier(unit(ran_tests(2, "x"))), "build denies it", "after.deny"),
    denied("a newer deny beside an allow", earlier(unit(ran_tests(2, "x")), name="evidence/newer.record.json"), "build denies it", "after.newest"),
    denied("an unsigned record", earlier(key=""), "signed by nobody; decision is accepted from gate at integration", "verify.accept"),
    denied("a record by somebody who may attest and not decide", earlier(key="ci"), "signed by ci; decision is accepted from gate at integration", "verify.accept"),
    denied("a record by nobody we know", earlier(key="stranger"), "no signature holds under a key of trust.toml", "trust.dsse"),
    denied("a record of another gate", earlier(gate('name = "parcel"', 'name = "parcels"'), lambda project: project.lock(), undo=all_of(gate('name = "parcels"', 'name = "parcel"'), lambda project: project.lock())), "the record is of the gate parcels", "after.gate"),
    denied("a cached pass after a policy change", all_of(locked(edit(COVERAGE_RULE, "default: 80", "default: 95"))), "the gate has changed since", "after.gate_digest"),
    denied("a record of the gate before it was loosened", gate('unit = { kind = "test_results" }', 'unit = { kind = "test_results", count = 2 }'), "the gate has changed since", "after.gate_digest"),
    denied("a record about another subject", earlier(write("app.whl", "another"), lambda project: project.green(), undo=write("app.whl", "the artifact")), "it is about another subject", "verify.subject"),
    denied("an allow that rests on unsigned evidence", RESTING, "the allow of build rests on unsigned evidence", "after.unsigned"),
    denied("an allow that lasts longer than its gate lets it", earlier(under=FOR_A_YEAR), "says it is valid longer than its gate lets it", "after.valid_for"),
)
LATER_ON = (
    later("the allow of the stage before has ended", timed("ada", -timedelta(hours=1), timedelta(days=30)), "the allow of build ended at", "after.expired", run=look("integration", days=8)),
    later("a record of tomorrow", nothing, "in the future", "after.future", run=look("integration", minutes=-30)),
    later("a record by a key that began after it", rebuilt(INTEGRATION, _gate_key_from_soon), "did not count at", "trust.when_made"),
    later("a role that has ended since the approval", rebuilt(INTEGRATION, _role_until_soon), "ada does not count: no release-manager at this time", "people.role"),
    later("a key that has ended since the approval", rebuilt(INTEGRATION, _key_until_soon), "the key of ada does not count at this time", "trust.period"),
)
# fmt: on

AREA = "people and stages"
SCENARIOS = (*APPROVALS, *FREEZES, *STAGES, *LATER_ON)
