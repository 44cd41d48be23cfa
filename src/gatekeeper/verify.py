"""Whose word is believed: each attestation gets a verdict, with the reason.

The order matters and is the same for all: readable, signed by whom, about this subject, of a kind that is read,
accepted from these signers, at a possible time, with facts that hold. Whatever fails a step is rejected and never
seen by a rule. Signatures are checked over the bytes received; only those bytes are parsed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from gatekeeper import _time
from gatekeeper.approval import APPROVAL_TYPE, WAIVER_TYPE, read_approval, read_waiver
from gatekeeper.attestation import parse_statement
from gatekeeper.baseline import keep_newest, kinds_compared, read_baseline, unfit
from gatekeeper.decision import Item
from gatekeeper.emergency import EMERGENCY_TYPE, read_emergency
from gatekeeper.errors import MalformedError
from gatekeeper.facts import FACTS_TYPE, Document, Source
from gatekeeper.facts import kind as kind_called
from gatekeeper.links import LINK_KINDS, is_about, reached
from gatekeeper.memory import Memory
from gatekeeper.record_form import DECISION_TYPE
from gatekeeper.roster import UNSIGNED
from gatekeeper.signatures import CLOCK_SKEW, NotBelievedError, Signatures, Signed
from gatekeeper.trail import stages_before
from gatekeeper.verified import Content, Verdict, Verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from gatekeeper.approval import Approval, Waiver
    from gatekeeper.attestation import Attestation, Statement
    from gatekeeper.decision import Status
    from gatekeeper.emergency import Emergency
    from gatekeeper.evidence import Evidence
    from gatekeeper.stage import BaselineAsk, GateSpec, Slot
    from gatekeeper.subject import Subject

T = TypeVar("T")

_BY_PEOPLE: Final = {"approval": "approvals", "waiver": "waivers", "emergency": "emergencies"}
"""Kinds of statements that people sign, and more of them."""

_PAYLOAD_AS_RECEIVED: Final = frozenset({"plain", "dsse"})
"""Forms whose payload is parsed as it was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a believed statement says."""

    kind: str
    content: Content
    slot: str = ""
    read_by: str = ""
    name: str = ""
    claimed_at: datetime | None = None


def verify(
    evidence: Evidence, gate: GateSpec, stage: str, subject: Subject, *, at: datetime, memory: Memory | None = None
) -> Verified:
    """Give each attestation its verdict.

    Args:
        evidence: What was received.
        gate: Whose trust applies.
        stage: The stage that asks; ``accept`` may be looser there.
        subject: What the evidence has to be about.
        at: The instant at which keys, roles and times are judged.
        memory: What earlier calls found out about the same bytes under the same keys.
    """
    remembered = memory or Memory(0)
    signatures = Signatures(trust=gate.trust, at=at, memory=remembered)
    desk = _Desk(gate=gate, stage=stage, subject=subject, at=at, memory=remembered, signatures=signatures)
    while True:  # what is linked may link further; it ends where nothing new is reached
        verdicts = [desk.judge(item) for item in evidence]
        found = reached(desk.linking, subject, verdicts)
        if found <= desk.linked:
            break
        desk = replace(desk, linked=desk.linked | found)
    ordered = sorted(verdicts, key=lambda verdict: (verdict.item.digest, verdict.item.slot))
    return Verified(verdicts=keep_newest(ordered), evidence_digest=evidence.digest)


@dataclass(frozen=True, kw_only=True)
class _Desk:
    gate: GateSpec
    stage: str
    subject: Subject
    at: datetime
    memory: Memory
    signatures: Signatures
    linked: frozenset[str] = frozenset()

    @property
    def linking(self) -> list[Slot]:
        """The slots whose evidence is about what links lead to: of the stage, and of those whose allow it rests on."""
        asked = self.gate.stages.get(self.stage)
        names = [self.stage, *stages_before(self.gate, asked)] if asked else []
        stages = [self.gate.stages[name] for name in names if name in self.gate.stages]
        return [slot for stage in stages for slot in stage.slots.values() if slot.of]

    def judge(self, received: Attestation) -> Verdict:
        bare = Item(digest=received.digest, kind="", slot=received.slot, status="rejected", name=received.name)
        told = Verdict(item=bare, payload_digest=received.payload_digest if received.payload else "")
        try:
            signed, payload = self.signatures.check(received)
            told = replace(told, item=replace(bare, signers=tuple(sorted(signed.signers | signed.people))))
            statement = self._statement(payload, received)
            kind, slot = _labels(statement, received)
            baseline = self._baseline_for(statement)
            slot = baseline.name if baseline else slot
            told = replace(told, item=replace(told.item, kind=kind, slot=slot))
            return self._believe(told, received, signed, statement)
        except NotBelievedError as refusal:
            item = replace(told.item, status=refusal.status, reason=str(refusal))
            return replace(told, item=item, lapses=tuple(instant for instant in refusal.until if instant > self.at))
        except MalformedError as problem:
            return replace(told, item=replace(told.item, reason=_without(received.name, str(problem))))

    def _statement(self, payload: bytes, received: Attestation) -> Statement:
        return self._recall("statement", received, lambda: parse_statement(payload, where=received.name))

    def _recall(self, what: str, received: Attestation, make: Callable[[], T]) -> T:
        """What follows from the payload alone. Of the other forms it is not the payload received that is believed."""
        if received.form not in _PAYLOAD_AS_RECEIVED:
            return make()
        return self.memory.recall((what, received.payload_digest), len(received.payload), make)

    def _believe(self, told: Verdict, received: Attestation, signed: Signed, statement: Statement) -> Verdict:
        said, about = self._said(statement, received)
        status = self._accepted(said, signed, received)
        if signed.verified_at is not None and signed.verified_at > self.at + CLOCK_SKEW:
            reason = f"signed at {_time.format_instant(signed.verified_at)}, which is in the future"
            raise NotBelievedError(reason, until=[signed.verified_at - CLOCK_SKEW])
        item = replace(told.item, kind=said.kind, slot=said.slot, status=status, read_by=said.read_by, name=said.name)
        return replace(
            told,
            item=item,
            content=_sign_document(said.content, signed),
            people=tuple(sorted(signed.people)),
            verified_at=signed.verified_at,
            claimed_at=said.claimed_at,
            lapses=signed.lapses,
            about=about,
        )

    def _said(self, statement: Statement, received: Attestation) -> tuple[_Said, tuple[str, ...]]:
        """What a statement says, and about what, where that is not the subject."""
        if self._asks_back(statement):
            return self._read_reversal(received), ()
        baseline = self._baseline_for(statement)
        if baseline:
            return self._read_baseline(baseline, received), ()
        about = self._about(statement)
        said = self._read(statement, received)
        if about and not self._takes(said):
            raise NotBelievedError(_of_another(statement))
        return said, about

    def _takes(self, said: _Said) -> bool:
        """Whether what links lead to may be spoken of so: by a link, or for a slot that is of such a thing."""
        if not isinstance(said.content, Document):
            return False
        return said.kind in LINK_KINDS or any(
            slot.kind == said.kind and said.slot in {"", slot.name} for slot in self.linking
        )

    def _baseline_for(self, statement: Statement) -> BaselineAsk | None:
        """The baseline that a decision about another subject may be; None for every other statement."""
        stage = self.gate.stages.get(self.stage)
        matches = {self.subject.match(digests) for _, digests in statement.subjects}
        about_another = statement.predicate_type == DECISION_TYPE and matches == {"other"}
        return stage.baseline if stage and about_another else None

    def _read_baseline(self, ask: BaselineAsk, received: Attestation) -> _Said:
        said = read_baseline(received.raw, kinds_compared(self.gate.stages[self.stage]))
        problem, until = unfit(said, ask, self.gate, self.subject, self.at)
        if problem:
            raise NotBelievedError(problem, until=until)
        return _Said(kind="decision", content=said, slot=ask.name, read_by="decision/1")

    def _asks_back(self, statement: Statement) -> bool:
        """A decision about another subject, where the stage asks whether to roll back from that one."""
        stage = self.gate.stages.get(self.stage)
        if stage is None or stage.revert is None or statement.predicate_type != DECISION_TYPE:
            return False
        return {self.subject.match(digests) for _, digests in statement.subjects} == {"other"}

    def _read_reversal(self, received: Attestation) -> _Said:
        from gatekeeper.record import read_reversal

        (said, rests_on_unsigned), ask = read_reversal(received.raw), self.gate.stages[self.stage].revert
        if ask is None or said.stage != ask.when:
            raise NotBelievedError(f"it is about another subject, and of the stage {said.stage}")
        if rests_on_unsigned and said.next == "roll_back":  # a word that takes it back is heard all the same
            raise NotBelievedError(f"{said.stage} says roll_back, and rests on unsigned evidence")
        if said.subject.digest.keys().isdisjoint(self.subject.digest):
            raise NotBelievedError("nobody can tell whether it is about this very subject")
        return _Said(kind="decision", content=said, read_by="decision/1")

    def _about(self, statement: Statement) -> tuple[str, ...]:
        """What links lead to and the statement is about; nothing where it is about the subject itself."""
        matches = [self.subject.match(digests) for _, digests in statement.subjects]
        if "contradicts" in matches:
            raise NotBelievedError("it names this subject with one digest that is equal and one that is not")
        if "same" in matches:
            return ()
        about = {key for key in self.linked for _, digests in statement.subjects if is_about(key, digests)}
        if not about:
            raise NotBelievedError(_of_another(statement))
        return tuple(sorted(about))

    def _read(self, statement: Statement, received: Attestation) -> _Said:
        match statement.predicate_type:
            case type_ if type_ == FACTS_TYPE:
                return self._recall("facts", received, lambda: _read_facts(statement))
            case type_ if type_ == APPROVAL_TYPE:
                return self._read_approval(statement)
            case type_ if type_ == WAIVER_TYPE:
                return self._read_waiver(statement)
            case type_ if type_ == EMERGENCY_TYPE:
                return self._read_emergency(statement)
            case type_ if type_ == DECISION_TYPE:
                from gatekeeper.record import read_earlier

                return _Said(kind="decision", content=read_earlier(received.raw), read_by="decision/1")
            case _:
                return _read_standard(statement, received)

    def _read_approval(self, statement: Statement) -> _Said:
        approval = read_approval(statement)
        for problem in self._unfit_approval(approval):
            raise NotBelievedError(problem, until=[approval.issued_at - CLOCK_SKEW])
        return _Said(kind="approval", content=approval, read_by="approval/1", claimed_at=approval.issued_at)

    def _read_emergency(self, statement: Statement) -> _Said:
        """One that has ended is believed as well: the time of the next one counts from it."""
        said = read_emergency(statement)
        for problem in self._of_another_gate(said):
            raise NotBelievedError(problem)
        return _Said(kind="emergency", content=said, read_by="emergency/1", claimed_at=said.issued_at)

    def _of_another_gate(self, said: Approval | Emergency) -> Iterator[str]:
        if (said.gate, said.gate_digest) != (self.gate.name, self.gate.digest):
            yield f"it is for another gate: {said.gate} {said.gate_digest}"
        if said.stage != self.stage:
            yield f"it is for the stage {said.stage}"

    def _unfit_approval(self, approval: Approval) -> Iterator[str]:
        yield from self._of_another_gate(approval)
        # a no that has expired still takes back the yes before it
        if approval.verdict == "approve" and approval.expires <= self.at:
            yield f"it expired at {_time.format_instant(approval.expires)}"
        if approval.issued_at > self.at + CLOCK_SKEW:
            yield f"it is issued at {_time.format_instant(approval.issued_at)}, in the future"

    def _read_waiver(self, statement: Statement) -> _Said:
        waiver = read_waiver(statement)
        for problem in self._unfit_waiver(waiver):
            raise NotBelievedError(problem)
        return _Said(kind="waiver", content=waiver, read_by="waiver/1", claimed_at=waiver.issued_at)

    def _unfit_waiver(self, waiver: Waiver) -> Iterator[str]:
        if (waiver.gate, waiver.stage) != (self.gate.name, self.stage):
            yield f"it is for the stage {waiver.stage} of {waiver.gate}"

    def _accepted(self, said: _Said, signed: Signed, received: Attestation) -> Status:
        if said.kind in _BY_PEOPLE:
            if received.form != "ssh" or not signed.people:
                plural = _BY_PEOPLE[said.kind]
                raise NotBelievedError(f"{plural} count when a person of trust.toml has signed them, by SSH")
            return "verified"
        accepted = self.gate.trust.accepted(said.kind, self.stage)
        if signed.signers & accepted:
            return "verified"
        if received.form == "plain" and UNSIGNED in accepted:
            return "unsigned"
        who = ", ".join(sorted(signed.signers | signed.people)) or "nobody"
        wanted = ", ".join(sorted(accepted)) or "nobody"
        raise NotBelievedError(f"signed by {who}; {said.kind} is accepted from {wanted} at {self.stage}")


def _of_another(statement: Statement) -> str:
    name, digests = statement.subjects[0]
    stated = ", ".join(f"{algorithm}:{value}" for algorithm, value in sorted(digests.items()))
    more = f" and {len(statement.subjects) - 1} more" if len(statement.subjects) > 1 else ""
    return f"it is about another subject: {name or 'unnamed'} {stated}{more}"


def _labels(statement: Statement, received: Attestation) -> tuple[str, str]:
    """Kind and slot of an attestation that may yet be rejected: as it calls itself."""
    kinds = {
        APPROVAL_TYPE: "approval",
        WAIVER_TYPE: "waiver",
        EMERGENCY_TYPE: "emergency",
        DECISION_TYPE: "decision",
    }
    if statement.predicate_type != FACTS_TYPE:
        return kinds.get(statement.predicate_type, ""), received.slot
    kind, slot = (statement.predicate.get(name) for name in ("kind", "slot"))
    return (kind if isinstance(kind, str) else ""), (slot if isinstance(slot, str) else received.slot)


def _read_facts(statement: Statement) -> _Said:
    from gatekeeper.facts import predicate

    read = predicate.read_facts(statement)
    return _Said(
        kind=read.document.kind,
        slot=read.document.source.slot,
        content=read.document,
        read_by="facts/1",
        name=read.document.source.name,
        claimed_at=read.attested_at,
    )


def _read_standard(statement: Statement, received: Attestation) -> _Said:
    from gatekeeper.facts import standard

    read = standard.read_standard(statement)
    if read is None:
        raise NotBelievedError(f"nothing here reads the predicate type {statement.predicate_type}")
    kind, facts, form = read
    kind_called(kind).validate(facts, where="$.predicate")
    source = Source(digest=received.payload_digest, kind=kind, slot=received.slot, format=form, name=received.name)
    document = Document(facts=facts, source=source)
    return _Said(kind=kind, slot=received.slot, content=document, read_by=f"{form}/1", name=received.name)


def _sign_document(content: Content, signed: Signed) -> Content:
    if not isinstance(content, Document):
        return content
    verified_at = _time.format_instant(signed.verified_at) if signed.verified_at else ""
    source = replace(content.source, signers=tuple(sorted(signed.signers)), verified_at=verified_at)
    return replace(content, source=source)


def _without(name: str, text: str) -> str:
    return text.removeprefix(f"{name}: ") if name else text
