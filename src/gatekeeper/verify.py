"""Whose word is believed: each attestation gets a verdict, with the reason.

The order matters and is the same for all: readable, signed by whom, about this subject, of a kind that is read,
accepted from these signers, at a possible time, with facts that hold. Whatever fails a step is rejected and never
seen by a rule. Signatures are checked over the bytes received; only those bytes are parsed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gatekeeper import _time
from gatekeeper.approval import (
    APPROVAL_NAMESPACE,
    APPROVAL_TYPE,
    WAIVER_NAMESPACE,
    WAIVER_TYPE,
    read_approval,
    read_waiver,
)
from gatekeeper.attestation import Attestation, Statement, parse_statement
from gatekeeper.decision import Item, Status
from gatekeeper.errors import MalformedError
from gatekeeper.facts import FACTS_TYPE, Document, Source
from gatekeeper.facts import kind as kind_called
from gatekeeper.memory import Memory
from gatekeeper.record_form import DECISION_TYPE
from gatekeeper.roster import UNSIGNED, HeldKey, IdentitySigner, KeySigner, Trust
from gatekeeper.verified import Content, Verdict, Verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from gatekeeper.evidence import Evidence
    from gatekeeper.stage import GateSpec
    from gatekeeper.subject import Subject

CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far a proven time may lie ahead of ``at``: clocks differ, but not by more between synchronised machines."""


T = TypeVar("T")

_PAYLOAD_AS_RECEIVED: Final = frozenset({"plain", "dsse"})
"""Forms whose payload is parsed as it was received."""


class _NotBelievedError(Exception):
    def __init__(self, reason: str, status: Status = "rejected") -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """Whose signatures hold on an attestation."""

    signers: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    verified_at: datetime | None = None
    lapses: tuple[datetime, ...] = ()
    notes: tuple[str, ...] = ()


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
    desk = _Desk(gate=gate, stage=stage, subject=subject, at=at, memory=memory or Memory(0))
    verdicts = sorted(
        (desk.judge(item) for item in evidence), key=lambda verdict: (verdict.item.digest, verdict.item.slot)
    )
    return Verified(verdicts=tuple(verdicts), evidence_digest=evidence.digest)


@dataclass(frozen=True, kw_only=True)
class _Desk:
    gate: GateSpec
    stage: str
    subject: Subject
    at: datetime
    memory: Memory
    keys: dict[str, Any] = field(default_factory=dict)

    @property
    def trust(self) -> Trust:
        return self.gate.trust

    def judge(self, received: Attestation) -> Verdict:
        bare = Item(digest=received.digest, kind="", slot=received.slot, status="rejected", name=received.name)
        told = Verdict(item=bare, payload_digest=received.payload_digest if received.payload else "")
        try:
            signed, payload = self._signatures(received)
            told = replace(told, item=replace(bare, signers=tuple(sorted(signed.signers | signed.people))))
            statement = self._statement(payload, received)
            kind, slot = _labels(statement, received)
            told = replace(told, item=replace(told.item, kind=kind, slot=slot))
            return self._believe(told, received, signed, statement)
        except _NotBelievedError as refusal:
            return replace(told, item=replace(told.item, status=refusal.status, reason=str(refusal)))
        except MalformedError as problem:
            return replace(told, item=replace(told.item, reason=_without(received.name, str(problem))))

    def _statement(self, payload: bytes, received: Attestation) -> Statement:
        return self._recall("statement", received, lambda: parse_statement(payload, where=received.name))

    def _recall(self, what: str, received: Attestation, make: Callable[[], T]) -> T:
        """What follows from the payload alone. Of the other forms it is not the payload received that is believed."""
        if received.form not in _PAYLOAD_AS_RECEIVED:
            return make()
        return self.memory.recall((what, received.payload_digest), len(received.payload), make)

    def _believe(self, told: Verdict, received: Attestation, signed: _Signed, statement: Statement) -> Verdict:
        self._about_subject(statement)
        said = self._read(statement, received)
        status = self._accepted(said, signed, received)
        if signed.verified_at is not None and signed.verified_at > self.at + CLOCK_SKEW:
            raise _NotBelievedError(f"signed at {_time.format_instant(signed.verified_at)}, which is in the future")
        notes = "; ".join(signed.notes)
        item = replace(
            told.item, kind=said.kind, slot=said.slot, status=status, reason=notes, read_by=said.read_by, name=said.name
        )
        return replace(
            told,
            item=item,
            content=_sign_document(said.content, signed),
            people=tuple(sorted(signed.people)),
            verified_at=signed.verified_at,
            claimed_at=said.claimed_at,
            lapses=signed.lapses,
        )

    def _signatures(self, received: Attestation) -> tuple[_Signed, bytes]:
        match received.form:
            case "unreadable":
                raise _NotBelievedError(received.problem)
            case "plain":
                return _Signed(), received.payload
            case "dsse":
                return self._dsse(received), received.payload
            case "record":
                from gatekeeper.record import Record

                inner = Record(received.raw).attestation
                return self._signatures(inner) if inner is not None else (_Signed(), received.payload)
            case "ssh":
                return self._ssh(received), received.payload
            case "sigstore":
                return self._sigstore(received)

    def _dsse(self, received: Attestation) -> _Signed:
        from gatekeeper.trust import dsse

        if not received.signatures:
            return _Signed()
        held = dict(self._held_keys())
        follows_from = ("dsse", self.trust.digest, received.payload_digest, received.payload_type, received.signatures)
        found = self.memory.recall(
            follows_from, len(received.payload), lambda: dsse.verify(received, [self._key(key) for key in held])
        )
        return self._holders(found, held)

    def _ssh(self, received: Attestation) -> _Signed:
        from gatekeeper.trust import ssh

        statement = parse_statement(received.payload, where=received.name)
        namespace = {APPROVAL_TYPE: APPROVAL_NAMESPACE, WAIVER_TYPE: WAIVER_NAMESPACE}.get(statement.predicate_type)
        if namespace is None:
            raise _NotBelievedError("SSH signatures count for approvals and waivers only")
        found = frozenset(signature.fingerprint for signature in ssh.verify(received, namespace=namespace))
        return self._holders(found, dict(self._held_keys()))

    def _sigstore(self, received: Attestation) -> tuple[_Signed, bytes]:
        from gatekeeper.trust import sigstore

        if self.trust.trusted_root is None:
            raise _NotBelievedError("trust.toml names no Sigstore trusted root", "unsupported")
        verdict = sigstore.verify(received.raw, trusted_root=self.trust.trusted_root)
        if verdict.status != "verified":
            raise _NotBelievedError(verdict.reason, verdict.status)
        signers = frozenset(name for name, signer in self.trust.signers.items() if _is_identity(signer, verdict))
        if not signers:
            raise _NotBelievedError(f"signed by {verdict.identity} of {verdict.issuer}, who is no signer here")
        return _Signed(signers=signers, verified_at=verdict.verified_at), verdict.payload

    def _held_keys(self) -> Iterator[tuple[HeldKey, tuple[str, bool]]]:
        for name, signer in self.trust.signers.items():
            if isinstance(signer, KeySigner):
                yield signer.key, (name, False)
        for name, person in self.trust.people.items():
            for key in person.keys:
                yield key, (name, True)

    def _key(self, key: HeldKey) -> Any:
        from gatekeeper.trust import keys

        if key.fingerprint not in self.keys:
            self.keys[key.fingerprint] = keys.load_public_key(key.text, where=key.fingerprint)
        return self.keys[key.fingerprint]

    def _holders(self, fingerprints: frozenset[str], held: Mapping[HeldKey, tuple[str, bool]]) -> _Signed:
        if not fingerprints:
            raise _NotBelievedError("no signature holds under a key of trust.toml")
        holders = [(key, *owner) for key, owner in held.items() if key.fingerprint in fingerprints]
        current = [(key, name, human) for key, name, human in holders if key.period.covers(self.at)]
        if not current:
            names = ", ".join(sorted({name for _, name, _ in holders}))
            raise _NotBelievedError(f"the key of {names or 'nobody'} does not count at this time")
        return _Signed(
            signers=frozenset(name for _, name, human in current if not human),
            people=frozenset(name for _, name, human in current if human),
            lapses=tuple(sorted(key.period.end for key, _, _ in current if key.period.end is not None)),
        )

    def _about_subject(self, statement: Statement) -> None:
        matches = [self.subject.match(digests) for _, digests in statement.subjects]
        if "contradicts" in matches:
            raise _NotBelievedError("it names this subject with one digest that is equal and one that is not")
        if "same" not in matches:
            name, digests = statement.subjects[0]
            stated = ", ".join(f"{algorithm}:{value}" for algorithm, value in sorted(digests.items()))
            more = f" and {len(statement.subjects) - 1} more" if len(statement.subjects) > 1 else ""
            raise _NotBelievedError(f"it is about another subject: {name or 'unnamed'} {stated}{more}")

    def _read(self, statement: Statement, received: Attestation) -> _Said:
        match statement.predicate_type:
            case type_ if type_ == FACTS_TYPE:
                return self._recall("facts", received, lambda: _read_facts(statement))
            case type_ if type_ == APPROVAL_TYPE:
                return self._read_approval(statement)
            case type_ if type_ == WAIVER_TYPE:
                return self._read_waiver(statement)
            case type_ if type_ == DECISION_TYPE:
                from gatekeeper.record import read_earlier

                return _Said(kind="decision", content=read_earlier(received.raw), read_by="decision/1")
            case _:
                return _read_standard(statement, received)

    def _read_approval(self, statement: Statement) -> _Said:
        approval = read_approval(statement)
        if (approval.gate, approval.gate_digest) != (self.gate.name, self.gate.digest):
            raise _NotBelievedError(f"it is for another gate: {approval.gate} {approval.gate_digest}")
        if approval.stage != self.stage:
            raise _NotBelievedError(f"it is for the stage {approval.stage}")
        if approval.expires <= self.at:
            raise _NotBelievedError(f"it expired at {_time.format_instant(approval.expires)}")
        if approval.issued_at > self.at + CLOCK_SKEW:
            raise _NotBelievedError(f"it is issued at {_time.format_instant(approval.issued_at)}, in the future")
        return _Said(kind="approval", content=approval, read_by="approval/1", claimed_at=approval.issued_at)

    def _read_waiver(self, statement: Statement) -> _Said:
        waiver = read_waiver(statement)
        if waiver.gate != self.gate.name or waiver.stage != self.stage:
            raise _NotBelievedError(f"it is for the stage {waiver.stage} of {waiver.gate}")
        return _Said(kind="waiver", content=waiver, read_by="waiver/1", claimed_at=waiver.issued_at)

    def _accepted(self, said: _Said, signed: _Signed, received: Attestation) -> Status:
        if said.kind in {"approval", "waiver"}:
            if not signed.people:
                raise _NotBelievedError(f"{said.kind}s count when a person of trust.toml has signed them")
            return "verified"
        accepted = self.trust.accepted(said.kind, self.stage)
        if signed.signers & accepted:
            return "verified"
        if received.form == "plain" and UNSIGNED in accepted:
            return "unsigned"
        who = ", ".join(sorted(signed.signers | signed.people)) or "nobody"
        wanted = ", ".join(sorted(accepted)) or "nobody"
        raise _NotBelievedError(f"signed by {who}; {said.kind} is accepted from {wanted} at {self.stage}")


def _is_identity(signer: KeySigner | IdentitySigner, verdict: Any) -> bool:
    if not isinstance(signer, IdentitySigner):
        return False
    if (signer.issuer, signer.identity) != (verdict.issuer, verdict.identity):
        return False
    if signer.repository and signer.repository != verdict.repository:
        return False
    return all(verdict.claims.get(name) == value for name, value in signer.claims.items())


def _labels(statement: Statement, received: Attestation) -> tuple[str, str]:
    """Kind and slot of an attestation that may yet be rejected: as it calls itself."""
    kinds = {APPROVAL_TYPE: "approval", WAIVER_TYPE: "waiver", DECISION_TYPE: "decision"}
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
        raise _NotBelievedError(f"nothing here reads the predicate type {statement.predicate_type}")
    kind, facts, form = read
    kind_called(kind).validate(facts, where="$.predicate")
    source = Source(digest=received.payload_digest, kind=kind, slot=received.slot, format=form, name=received.name)
    document = Document(facts=facts, source=source)
    return _Said(kind=kind, slot=received.slot, content=document, read_by=f"{form}/1", name=received.name)


def _sign_document(content: Content, signed: _Signed) -> Content:
    if not isinstance(content, Document):
        return content
    verified_at = _time.format_instant(signed.verified_at) if signed.verified_at else ""
    source = replace(content.source, signers=tuple(sorted(signed.signers)), verified_at=verified_at)
    return replace(content, source=source)


def _without(name: str, text: str) -> str:
    return text.removeprefix(f"{name}: ") if name else text
