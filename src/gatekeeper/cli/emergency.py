"""Emergencies on the command line: declared, remembered, reviewed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import _files, _time
from gatekeeper.cli.people import expiry, signer_of
from gatekeeper.errors import ConfigError, UsageError

if TYPE_CHECKING:
    import argparse

    from gatekeeper.evidence import Evidence
    from gatekeeper.ledger import Ledger
    from gatekeeper.ledger.entry import Entry
    from gatekeeper.record import Record
    from gatekeeper.subject import Subject


def declare(arguments: argparse.Namespace) -> int:
    """Sign that a subject has to enter a stage now, whatever it lacks; nothing is written when anything is wrong."""
    from gatekeeper.attestation import statement_bytes
    from gatekeeper.emergency import EMERGENCY_NAMESPACE, EMERGENCY_TYPE, Emergency
    from gatekeeper.gate import Gate
    from gatekeeper.subject import Subject

    if not arguments.subject or not arguments.stage:
        raise UsageError("a subject and --stage are needed", hint="S --stage STAGE", code="usage.approve")
    gate = Gate.load(arguments.gate)
    terms = gate.spec.emergency
    if terms is None:
        raise ConfigError("the gate declares no emergency", where=arguments.gate, code="emergency.none")
    stage, subject = gate.stage(arguments.stage), Subject.parse(arguments.subject)
    signer, name = signer_of(arguments.key, EMERGENCY_NAMESPACE, gate.spec.trust)
    now = datetime.now(UTC).replace(microsecond=0)
    if not gate.spec.trust.people[name].has_role(terms.role, now):
        problem = f"{name} may not declare an emergency: no {terms.role} at this time"
        raise UsageError(problem, where=arguments.key, code="usage.emergency")
    expires = expiry(arguments.expires, now) if arguments.expires else now + terms.max_length
    if expires > now + terms.max_length:
        longest = _time.format_duration(terms.max_length)
        raise UsageError(f"an emergency lasts {longest} at most", hint="leave out --expires", code="usage.expires")
    said = Emergency(
        stage=stage.name,
        gate=gate.name,
        gate_digest=gate.digest,
        reason=arguments.emergency,
        issued_at=now,
        expires=expires,
    )
    payload = statement_bytes(subject=subject.as_json(), predicate_type=EMERGENCY_TYPE, predicate=said.as_json())
    target = Path(arguments.output or f"emergency-{stage.name}-{Path(arguments.key).stem}.dsse.json")
    _files.write_atomic(target, signer.sign(payload))
    sys.stdout.write(f"{target}\n")
    sys.stderr.write(f"declared by {name} until {_time.format_instant(expires)}; it is used with:\n")
    sys.stderr.write(f"  gatekeeper decide ... --evidence {target} --emergency REASON\n")
    return 0


def review(arguments: argparse.Namespace) -> int:
    """Sign that the emergency of a record has been looked at."""
    from gatekeeper.attestation import statement_bytes
    from gatekeeper.emergency import REVIEW_NAMESPACE, REVIEW_TYPE, Review
    from gatekeeper.load.gate_file import load_gate
    from gatekeeper.record import Record

    if arguments.subject or arguments.stage:
        raise UsageError("a record says itself what it is of", hint="leave out S and --stage", code="usage.approve")
    if not arguments.comment:
        raise UsageError("what was found?", hint="add --comment TEXT", code="usage.review")
    record = Record.read(arguments.review)
    if not record.decision.broken:
        raise UsageError("no emergency was used in it", where=arguments.review, code="usage.review")
    trust = load_gate(Path(arguments.gate), whole=False).trust
    signer, name = signer_of(arguments.key, REVIEW_NAMESPACE, trust)
    if name in (record.decision.emergency or {}).get("by", ()):
        hint = "somebody else has to review it"
        raise UsageError(f"{name} declared this emergency", where=arguments.key, hint=hint, code="usage.review")
    said = Review(
        record=record.digest,
        decision=record.decision_id,
        comment=arguments.comment,
        issued_at=datetime.now(UTC).replace(microsecond=0),
    )
    subject = record.decision.subject.as_json()
    payload = statement_bytes(subject=subject, predicate_type=REVIEW_TYPE, predicate=said.as_json())
    target = Path(arguments.output or f"review-{record.decision_id[7:15]}-{Path(arguments.key).stem}.dsse.json")
    _files.write_atomic(target, signer.sign(payload))
    sys.stdout.write(f"{target}\n")
    return 0


def with_earlier(evidence: Evidence, ledger_url: str, stage: str, subject: Subject) -> Evidence:
    """The evidence and, from the ledger, the records of earlier emergencies of this subject and stage.

    The time of an emergency counts from the first one, also where whoever gathers the evidence has left that out.
    """
    from gatekeeper.attestation import read_attestation
    from gatekeeper.evidence import Evidence
    from gatekeeper.ledger import Ledger

    ledger = Ledger.open(ledger_url)
    if not ledger.path.exists():
        return evidence
    entries = ledger.query(stage=stage, subject=subject, emergency=True)
    found = [read_attestation(ledger.record(entry).data, name=f"entry {entry.sequence}") for entry in entries]
    return Evidence.of([*evidence, *(item for item in found if item is not None)])


def unreviewed(ledger: Ledger, entries: list[Entry], arguments: argparse.Namespace) -> list[Entry]:
    """Of the entries with an emergency those that nobody has reviewed whose word counts."""
    from gatekeeper.evidence import Evidence
    from gatekeeper.load.gate_file import load_gate
    from gatekeeper.reviewing import reviewers

    if not arguments.reviews:
        return entries
    gate = load_gate(Path(arguments.gate), whole=False)
    signed = list(Evidence.read(*arguments.reviews))
    now = datetime.now(UTC)

    def is_reviewed(record: Record) -> bool:
        return bool(reviewers(record, signed, gate, at=now))

    return [entry for entry in entries if not is_reviewed(ledger.record(entry))]
