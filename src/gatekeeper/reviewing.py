"""Which emergencies have been reviewed, by whom: statements that people signed after the fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.attestation import parse_statement
from gatekeeper.emergency import REVIEW_TYPE, Review
from gatekeeper.errors import MalformedError
from gatekeeper.memory import Memory
from gatekeeper.signatures import NotBelievedError, Signatures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gatekeeper.attestation import Attestation
    from gatekeeper.record import Record
    from gatekeeper.stage import GateSpec


def reviewers(record: Record, signed: Iterable[Attestation], gate: GateSpec, *, at: datetime) -> list[str]:
    """Who has reviewed the emergency of a record: people of the role for it who did not declare it themselves.

    Args:
        record: The record of an allow by an emergency.
        signed: Attestations, reviews among them.
        gate: Whose ``[emergency]`` and people count.
        at: The instant at which keys and roles are judged.
    """
    role = gate.emergency.review if gate.emergency else ""
    declared_by = set((record.decision.emergency or {}).get("by", ()))
    signatures = Signatures(trust=gate.trust, at=at, memory=Memory(0))
    names = {name for item in signed for name in _signers(item, record, signatures)}
    return sorted(name for name in names - declared_by if gate.trust.people[name].has_role(role, at))


def _signers(item: Attestation, record: Record, signatures: Signatures) -> frozenset[str]:
    """The people whose signatures hold on a review of this record; nobody where it is none."""
    if item.form != "ssh":
        return frozenset()
    try:
        statement = parse_statement(item.payload, where=item.name)
        if statement.predicate_type != REVIEW_TYPE:
            return frozenset()
        review = Review.from_json(statement.predicate)
        people = signatures.check(item)[0].people
    except (MalformedError, NotBelievedError):
        return frozenset()
    about = (review.record, review.decision) == (record.digest, record.decision_id)
    return people if about else frozenset()
