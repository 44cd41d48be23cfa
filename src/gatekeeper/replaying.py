"""Replay: recompute a recorded decision from what the record holds, offline, to the same bytes.

It starts from the verdicts and the engine input that were recorded, so that a better reader or verifier of ours
never looks like tampering. How deep a replay went is part of its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.attestation import Attestation, read_attestation, unreadable
from gatekeeper.errors import MalformedError
from gatekeeper.evidence import Evidence
from gatekeeper.gate import DEADLINE, Gate
from gatekeeper.load.recorded import recorded_gate
from gatekeeper.verified import Verdict, Verified
from gatekeeper.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.decision import Decision
    from gatekeeper.question import Engine
    from gatekeeper.record import Record

RECOMPUTED: Final = "recomputed from recorded verdicts; signatures not re-verified"
RE_VERIFIED: Final = "signatures re-verified at the decision's instant"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the recomputed decision is another."""

    place: str
    recorded: Any
    recomputed: Any

    def __str__(self) -> str:
        return f"{self.place}: recorded {_shown(self.recorded)}, recomputed {_shown(self.recomputed)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What became of a replay.

    Attributes:
        decision_id: The recorded decision's id.
        recomputed: The decision as it comes out now.
        differences: Where it differs; nothing when the bytes are the same.
        depth: What was recomputed and what was taken from the record.
    """

    decision_id: str
    recomputed: Decision
    differences: tuple[Difference, ...]
    depth: str

    def __bool__(self) -> bool:
        return not self.differences


def replay(
    record: Record, *, engine: Engine | None = None, signatures: bool = False, deadline: float = DEADLINE
) -> Replay:
    """Recompute a record's decision.

    Args:
        record: The record, read.
        engine: What runs OPA; by default one process of the version that the record names.
        signatures: Check the sealed attestations again as well, under the recorded trust.
        deadline: Seconds the engine may take.

    Raises:
        MalformedError: The material does not make a gate.
        EngineMissingError: The recorded version of OPA is not there.
        GatekeeperError: The engine gave no answer.
    """
    recorded = record.decision
    gate = Gate(recorded_gate(record.material, recorded.stage), Path(record.name), engine=engine)
    stage = gate.stage(recorded.stage)
    evidence = Evidence.of(_received(data) for data in record.material.attestations)
    verified = Verified(
        verdicts=tuple(Verdict.from_json(verdict) for verdict in record.material.verdicts),
        evidence_digest=evidence.digest,
    )
    differences = list(_verify_again(gate, recorded, evidence, verified)) if signatures else []
    decision = gate.conclude(
        stage, recorded.subject, verified, evidence, at=recorded.at, engine=engine or gate.engine, deadline=deadline
    )
    differences += compare(_question(record.material.question), _question(_asked(decision)), "$.question")
    differences += compare(recorded.as_json(), decision.as_json(), "$")
    return Replay(
        decision_id=record.decision_id,
        recomputed=decision,
        differences=tuple(differences),
        depth=RE_VERIFIED if signatures else RECOMPUTED,
    )


def _received(data: bytes) -> Attestation:
    """A sealed attestation; what was no attestation when it was received is none now."""
    try:
        return read_attestation(data) or unreadable(data, "not an attestation")
    except MalformedError as problem:
        return unreadable(data, problem.message)


def _verify_again(gate: Gate, recorded: Decision, evidence: Evidence, verified: Verified) -> Iterator[Difference]:
    """Where checking the sealed attestations again, under the recorded trust, says something else of one of them."""
    again = verify(evidence, gate.spec, recorded.stage, recorded.subject, at=recorded.at)
    now = {verdict.item.digest: verdict.item for verdict in again.verdicts}
    for verdict in verified.verdicts:
        item, found = verdict.item, now.get(verdict.item.digest)
        before = {"status": item.status, "signers": list(item.signers)}
        after = {"status": found.status, "signers": list(found.signers)} if found else None
        yield from compare(before, after, f"$.evidence.items[{item.digest}]")


def compare(recorded: Any, recomputed: Any, place: str) -> Iterator[Difference]:
    """Every place where two JSON values differ, in order."""
    if isinstance(recorded, dict) and isinstance(recomputed, dict):
        for name in sorted(recorded.keys() | recomputed.keys()):
            yield from compare(recorded.get(name), recomputed.get(name), f"{place}.{name}")
    elif isinstance(recorded, list) and isinstance(recomputed, list) and len(recorded) == len(recomputed):
        for index, (one, two) in enumerate(zip(recorded, recomputed, strict=True)):
            yield from compare(one, two, f"{place}[{index}]")
    elif _json.canonical(recorded) != _json.canonical(recomputed):
        yield Difference(place, recorded, recomputed)


def _asked(decision: Decision) -> str:
    return decision.material.question if decision.material else ""


def _question(text: str) -> Any:
    return _json.parse(text.encode(), where="$.question") if text else None


def _shown(value: Any) -> str:
    text = _json.canonical(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth
