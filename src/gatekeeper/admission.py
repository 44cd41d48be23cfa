"""Admit: the deploy side believes a record, or refuses it and says why.

What is read is the record and what the deployer insists on; there is no OPA here and nothing is decided again. The
gate is named by digest: a record of any other gate that happens to have the same name opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper import _json, _time
from gatekeeper.emergency import EmergencyTerms
from gatekeeper.engine.find import known_digests
from gatekeeper.errors import GatekeeperError, MalformedError, NotAdmittedError, UsageError
from gatekeeper.record import Record
from gatekeeper.roster import KeySigner, Trust
from gatekeeper.signatures import CLOCK_SKEW, SIGNING_WINDOW, is_identity

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from gatekeeper.attestation import Attestation
    from gatekeeper.ledger import Ledger
    from gatekeeper.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a deployer insists on.

    Attributes:
        subject: What is about to enter the stage, digested here and now.
        stage: The stage.
        gate: The gate's name.
        gate_digest: The digest of the gate. It covers rules, parameters, slots, trust and the engine's version. None
            where its base is named.
        base: The digest of a gate that it stands on and may only have tightened; None where its own is named.
        trust: Whose word counts; the line ``decision`` of ``accept`` names who may sign records.
        at: The instant, aware.
        repository: The repository that the gate has to be of; None for any.
        unsigned: Accept an allow that rests on unsigned evidence.
        emergency: Accept an allow by which an emergency was declared.
        engine_digests: Digests of OPA binaries that may have answered, beside those that the gate itself lists.
        withdrawn: Digests of gates that no longer count, whatever ``gate_digest`` says.
    """

    subject: Subject
    stage: str
    gate: str
    gate_digest: str | None
    trust: Trust
    at: datetime
    base: str | None = None
    repository: str | None = None
    unsigned: bool = False
    emergency: bool = False
    engine_digests: Collection[str] = ()
    withdrawn: Collection[str] = ()

    def __post_init__(self) -> None:
        """Refuse a demand that asks less than it seems to."""
        if self.at.tzinfo is None:
            raise UsageError("at has no time zone", hint="use datetime.now(UTC)", code="usage.at")
        if self.gate_digest is None and self.base is None:
            hint = "give gate_digest or base: the name alone says nothing of what the gate asks"
            raise UsageError(
                "a gate is named by its digest, or by that of its base", hint=hint, code="usage.gate_digest"
            )
        for name in ("gate_digest", "base"):
            if (digest := getattr(self, name)) is not None:
                _json.check_digest(digest, where=name)


def admit(  # noqa: PLR0913 - the contract's keyword arguments; they are the members of Demand
    record: Record | bytes | str | os.PathLike[str],
    *,
    subject: Subject,
    stage: str,
    gate: str,
    trust: Trust,
    at: datetime,
    gate_digest: str | None = None,
    base: str | None = None,
    repository: str | None = None,
    unsigned: bool = False,
    emergency: bool = False,
    engine_digests: Collection[str] = (),
    withdrawn: Collection[str] = (),
    ledger: Ledger | None = None,
) -> Record:
    """Accept a signed allow for this subject, stage and gate from a signer we believe, still valid.

    Args:
        record: The record, its bytes or its file.
        subject: What is about to enter the stage, digested here and now.
        stage: The stage.
        gate: The gate's name.
        trust: Whose word counts; the line ``decision`` of ``accept`` names who may sign records.
        at: The instant, aware; read the clock.
        gate_digest: The digest of the gate. It or ``base`` is needed, because a name says nothing of what a gate asks.
        base: The digest of an organisation's gate: the gate has to stand on it, and the stage to be one of its own.
        repository: The repository that the gate has to be of; needed with ``base`` where that leaves it to the project.
        unsigned: Accept an allow that rests on unsigned evidence.
        emergency: Accept an allow by an emergency; without it one is refused.
        engine_digests: Digests of OPA binaries that may have answered, beside those that the gate lists, the released
            ones, and that of the library's own installation on this machine.
        withdrawn: Digests of gates that no longer count.
        ledger: Where the record has to be entered, with no later deny of the same gate for this subject and stage.

    Returns:
        The record, read.

    Raises:
        NotAdmittedError: The record opens nothing; ``code`` says which check failed, the message why.
        UsageError: Neither ``gate_digest`` nor ``base`` is given, or the file is not there.
        SourceError: The file cannot be read.
        LedgerError: The ledger cannot be read, or it is broken.
    """
    read = record if isinstance(record, Record) else _read(record)
    demand = Demand(
        subject=subject,
        stage=stage,
        gate=gate,
        gate_digest=gate_digest,
        base=base,
        trust=trust,
        at=at,
        repository=repository,
        unsigned=unsigned,
        emergency=emergency,
        engine_digests={*engine_digests, *known_digests(read.engine.version)},
        withdrawn=withdrawn,
    )
    check_admissible(read, demand)
    if ledger is not None:
        _check_entered(read, demand, ledger)
    return read


def check_admissible(record: Record, demand: Demand) -> None:
    """The pure part of :func:`admit`.

    Raises:
        NotAdmittedError: The record opens nothing.
    """
    _check_signature(record, demand)
    for checks in (_about, _of_gate, _on_base, _at_time, _resting_on, _by_emergency):
        for wrong, code, message in checks(record, demand):
            if wrong:
                raise NotAdmittedError(message, where=record.name, code=f"not_admitted.{code}")


def _check_entered(record: Record, demand: Demand, ledger: Ledger) -> None:
    entries = list(ledger.query(stage=demand.stage, subject=demand.subject))
    if record.digest not in {entry.record for entry in entries}:
        raise NotAdmittedError("it is not in the ledger", where=record.name, code="not_admitted.not_entered")
    for entry in entries:
        if entry.outcome == "deny" and entry.gate == demand.gate and entry.at > record.decision.at:
            when = _time.format_instant(entry.at)
            message = f"the gate has denied it since: entry {entry.sequence} of {when}"
            raise NotAdmittedError(message, where=record.name, code="not_admitted.denied_since")


_Check = tuple[bool, str, str]
"""Whether something is wrong, which check that is, and the reason in words."""


def _about(record: Record, demand: Demand) -> Iterator[_Check]:
    decision = record.decision
    match = demand.subject.match(decision.subject.digest)
    yield match == "contradicts", "subject", "it names this subject with one digest that is equal and one that is not"
    yield match != "same", "subject", f"it is about another subject: {decision.subject}"
    yield decision.stage != demand.stage, "stage", f"it is for the stage {decision.stage}"
    why = ", ".join(result.id for result in decision.results if not result.is_open)
    yield not decision.allowed, "deny", f"it is a deny: {why}"


def _of_gate(record: Record, demand: Demand) -> Iterator[_Check]:
    decision = record.decision
    yield decision.gate_name != demand.gate, "gate", f"it is of the gate {decision.gate_name}"
    other_gate = demand.gate_digest is not None and decision.gate_digest != demand.gate_digest
    yield other_gate, "gate_digest", f"it is of another gate: {decision.gate_digest}"
    yield decision.gate_digest in demand.withdrawn, "withdrawn", f"its gate is withdrawn: {decision.gate_digest}"
    named = record.material.gate.get("repository")
    other = demand.repository is not None and named != demand.repository
    yield other, "repository", f"its gate is of the repository {named!r}"


def _on_base(record: Record, demand: Demand) -> Iterator[_Check]:
    bases = record.material.bases
    for base in bases:
        yield base["digest"] in demand.withdrawn, "withdrawn", f"its base is withdrawn: {base['digest']}"
    if demand.base is None:
        return
    named = next((base for base in bases if base["digest"] == demand.base), {})
    stands = ", ".join(str(base["digest"]) for base in bases) or "no base"
    yield not named, "base", f"its gate stands on {stands}"
    yield named.get("open_trust") is not False, "base_trust", "that base says nothing of whose word counts"
    stages = named.get("stages")
    yield demand.stage not in (stages if isinstance(stages, list) else ()), "base_stage", "that base has no such stage"
    own = record.material.gate.get("repository")
    left_open = demand.repository is None and named.get("repository") != own
    yield left_open, "repository", f"its gate says it is of the repository {own!r}, which its base leaves open"


def _at_time(record: Record, demand: Demand) -> Iterator[_Check]:
    decision = record.decision
    made, until = _time.format_instant(decision.at), _time.format_instant(decision.valid_until)
    yield demand.at < decision.at - CLOCK_SKEW, "future", f"it is of {made}, in the future"
    yield demand.at >= decision.valid_until, "expired", f"it was valid until {until}"
    valid_for, problem = _valid_for(record)
    yield bool(problem), "valid_for", problem
    longest = f"its gate lets it stand for {_time.format_duration(valid_for)}"
    yield decision.valid_until > decision.at + valid_for, "valid_for", f"it says it is valid until {until}; {longest}"


def _resting_on(record: Record, demand: Demand) -> Iterator[_Check]:
    rests = record.decision.rests_on_unsigned and not demand.unsigned
    yield rests, "rests_on_unsigned", "it rests on unsigned evidence"
    engine, listed = record.engine, record.material.gate.get("engine_digests")
    known = {*demand.engine_digests, *(listed if isinstance(listed, list) else ())}
    unknown = f"{engine} answered, whose binary is none that is known: {engine.digest or 'without digest'}"
    yield engine.digest not in known, "engine", unknown


def _by_emergency(record: Record, demand: Demand) -> Iterator[_Check]:
    """An emergency opens only where the deployer says so, and no more than the gate in the material lets it."""
    broken = record.decision.broken
    if not broken:
        return
    said, terms = record.decision.emergency or {}, _terms_of(record)
    by = ", ".join(said.get("by", ())) or "nobody"
    told = f"it is an emergency's: {by} broke through {', '.join(broken)}"
    yield not demand.emergency, "emergency", told
    yield terms is None, "emergency", f"{told}, and its gate declares no emergency"
    if terms is None:
        return
    spared = ", ".join(name for name in broken if terms.spares(name))
    yield bool(spared), "emergency", f"{told}; its gate never lets anybody break through {spared}"
    ends = _time.parse_instant(said.get("declared_at"), where="$.emergency.declared_at") + terms.max_length
    late = f"{told}, and says it is valid for longer than {_time.format_duration(terms.max_length)}"
    yield record.decision.valid_until > ends, "emergency", late


def _terms_of(record: Record) -> EmergencyTerms | None:
    """The ``[emergency]`` of the gate in the material; None where it has none, or none that can be read."""
    try:
        return EmergencyTerms.from_json(record.material.gate["emergency"])
    except (KeyError, TypeError, ValueError, MalformedError):
        return None


def _valid_for(record: Record) -> tuple[timedelta, str]:
    try:
        return record.valid_for, ""
    except MalformedError as problem:
        return timedelta(0), f"its gate does not say how long an allow stands: {problem}"


def _read(source: bytes | str | os.PathLike[str]) -> Record:
    try:
        return Record.read(source)
    except MalformedError as problem:
        raise NotAdmittedError(
            f"no record, or not as it was sealed: {problem.message}",
            where=problem.where,
            hint=problem.hint,
            code="not_admitted.malformed",
        ) from problem


def _check_signature(record: Record, demand: Demand) -> None:
    accepted = demand.trust.accepted("decision", demand.stage)
    if record.attestation is None:
        raise NotAdmittedError("it is unsigned", where=record.name, code="not_admitted.unsigned")
    try:
        signers = _signers(record, record.attestation, demand)
    except GatekeeperError as problem:
        raise NotAdmittedError(problem.message, where=record.name, code="not_admitted.signature") from problem
    if not signers & accepted:
        who = ", ".join(sorted(signers)) or "nobody in trust.toml whose key counts at this time"
        wanted = ", ".join(sorted(accepted)) or "nobody"
        raise NotAdmittedError(
            f"it is signed by {who}; decisions are accepted from {wanted}",
            where=record.name,
            code="not_admitted.signer",
        )


def _signers(record: Record, envelope: Attestation, demand: Demand) -> frozenset[str]:
    """Names of the signers whose signature holds, and counts both now and when the decision was made."""
    if envelope.form == "sigstore":
        return _identities(record, demand.trust, envelope.raw)
    from gatekeeper.trust import dsse
    from gatekeeper.trust.keys import load_public_key

    held = [signer for signer in demand.trust.signers.values() if isinstance(signer, KeySigner)]
    keys = [load_public_key(signer.key.text, where=f"the key of {signer.name}") for signer in held]
    found = dsse.verify(envelope, keys)
    return frozenset(
        signer.name
        for signer, key in zip(held, keys, strict=True)
        if key.fingerprint in found
        and all(signer.key.period.covers(instant) for instant in (demand.at, record.decision.at))
    )


def _identities(record: Record, trust: Trust, bundle: bytes) -> frozenset[str]:
    from gatekeeper.trust import sigstore

    if trust.trusted_root is None:
        raise NotAdmittedError("it holds a Sigstore bundle, and trust names no trusted root")
    verdict = sigstore.verify(bundle, trusted_root=trust.trusted_root)
    if verdict.status != "verified" or verdict.verified_at is None:
        raise NotAdmittedError(verdict.reason)
    if verdict.payload != record.payload:
        raise NotAdmittedError("its bundle is around another statement")
    if abs(verdict.verified_at - record.decision.at) > SIGNING_WINDOW:
        proven = _time.format_instant(verdict.verified_at)
        raise NotAdmittedError(
            f"it was signed at {proven}, and says it is of {_time.format_instant(record.decision.at)}"
        )
    return frozenset(name for name, signer in trust.signers.items() if is_identity(signer, verdict))
