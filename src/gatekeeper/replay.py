"""Replay: recompute a recorded decision from what the record holds, offline, to the same bytes.

It starts from the verdicts and the engine input that were recorded, so that a better reader or verifier of ours
never looks like tampering. How deep a replay went is part of its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.decision import Decision
from gatekeeper.evidence import Evidence
from gatekeeper.gate import DEADLINE, Gate
from gatekeeper.load.recorded import recorded_gate
from gatekeeper.verified import Verdict, Verified

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    gate = Gate(recorded_gate(record.material, recorded.stage), record_path(record), engine=engine)
    stage = gate.stage(recorded.stage)
    evidence = Evidence.of(_received(record))
    verified = Verified(
        verdicts=tuple(Verdict.from_json(verdict) for verdict in record.material.verdicts),
        evidence_digest=evidence.digest,
    )
    differences = list(_signature_differences(gate, record, evidence, verified)) if signatures else []
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
