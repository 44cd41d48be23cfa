"""Replay: recompute a recorded decision from what the record holds, offline, to the same bytes.

It starts from the verdicts and the engine input that were recorded, so that a better reader or verifier of ours
never looks like tampering. How deep a replay went is part of its answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.attestation import Attestation, read_attestation, unreadable
from gatekeeper.errors import MalformedError
from gatekeeper.evidence import Evidence, digest_over
from gatekeeper.gate import DEADLINE, Gate
from gatekeeper.load.recorded import recorded_gate
from gatekeeper.verified import Verdict, Verified
from gatekeeper.verify import verify

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from gatekeeper.decision import Decision
    from gatekeeper.material import Material
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
    record: Record,
    *,
    engine: Engine | None = None,
    signatures: bool = False,
    deadline: float = DEADLINE,
    records: Iterable[Record] = (),
) -> Replay:
    """Recompute a record's decision.

    Args:
        record: The record, read.
        engine: What runs OPA; by default one process of the version that the record names.
        signatures: Check the sealed attestations again as well, under the recorded trust.
        deadline: Seconds the engine may take.
        records: Other records. Those that this one names and does not hold are looked at again as well, where
            ``signatures`` asks for that.

    Raises:
        MalformedError: The material does not make a gate.
        EngineMissingError: The recorded version of OPA is not there.
        GatekeeperError: The engine gave no answer.
    """
    recorded = record.decision
    gate = Gate(recorded_gate(record.material, recorded.stage), Path(record.name), engine=engine)
    evidence = Evidence.of(_received(data) for data in record.material.attestations)
    elsewhere = record.material.elsewhere
    received = digest_over({*(item.digest for item in evidence), *elsewhere})
    verified = Verified(verdicts=_verdicts(record.material), evidence_digest=received)
    differences = list(_about_what_is_sealed(verified, evidence, elsewhere))
    given = [_received(one.data) for one in records if one.digest in elsewhere]
    missing = set(elsewhere) - {item.digest for item in given}
    differences += _verify_again(gate, recorded, evidence | Evidence.of(given), verified, missing) if signatures else []
    decision = _conclude(gate, recorded, verified, evidence, engine, deadline)
    differences += _compare_questions(record.material.question, _asked(decision))
    differences += compare(recorded.as_json(), decision.as_json(), "$")
    return Replay(
        decision_id=record.decision_id,
        recomputed=decision,
        differences=tuple(differences),
        depth=_depth(len(missing)) if signatures else RECOMPUTED,
    )


def _depth(missing: int) -> str:
    if not missing:
        return RE_VERIFIED
    return f"{RE_VERIFIED}, but for {missing} record{'s' if missing > 1 else ''} that this one names and does not hold"


def _received(data: bytes) -> Attestation:
    """A sealed attestation; what was no attestation when it was received is none now."""
    try:
        return read_attestation(data) or unreadable(data, "not an attestation")
    except MalformedError as problem:
        return unreadable(data, problem.message)


def _verdicts(material: Material) -> tuple[Verdict, ...]:
    return tuple(
        Verdict.from_json(verdict, where=f"$.material.verdicts[{index}]")
        for index, verdict in enumerate(material.verdicts)
    )


def _about_what_is_sealed(verified: Verified, evidence: Evidence, elsewhere: Sequence[str]) -> Iterator[Difference]:
    """Where a verdict is about nothing that is sealed, or something that is sealed has no verdict."""
    judged = sorted({verdict.item.digest for verdict in verified.verdicts})
    sealed = sorted({*(item.digest for item in evidence), *elsewhere})
    yield from compare(judged, sealed, "$.material.verdicts")
    # nothing but a believed record is kept elsewhere; records that were written before this held them as well
    strangers = sorted(set(elsewhere) - set(verified.records))
    yield from compare(strangers, [], "$.material.elsewhere")


def _verify_again(
    gate: Gate, recorded: Decision, evidence: Evidence, verified: Verified, missing: Collection[str]
) -> Iterator[Difference]:
    """Where checking the sealed attestations again, under the recorded trust, says something else of one of them."""
    sealed = {item.digest: item for item in evidence}
    named = [verdict.item for verdict in verified.verdicts if verdict.item.digest in sealed]
    told = Evidence.of(replace(sealed[item.digest], slot=item.slot, name=item.name) for item in named)
    again = verify(told, gate.spec, recorded.stage, recorded.subject, at=recorded.at)
    now = {(verdict.item.digest, verdict.item.slot): _said(verdict) for verdict in again.verdicts}
    for verdict in verified.verdicts:
        item = verdict.item
        if item.digest in missing:
            continue
        yield from compare(_said(verdict), now.get((item.digest, item.slot)), f"$.evidence.items[{item.digest}]")


def _said(verdict: Verdict) -> dict[str, Any]:
    """A verdict without the words for its reason, which may be put better later."""
    said = verdict.as_json()
    return said | {"item": {name: value for name, value in said["item"].items() if name != "reason"}}


def _conclude(
    gate: Gate, recorded: Decision, verified: Verified, evidence: Evidence, engine: Engine | None, deadline: float
) -> Decision:
    try:
        return gate.conclude(
            gate.stage(recorded.stage),
            recorded.subject,
            verified,
            evidence,
            at=recorded.at,
            engine=engine or gate.engine,
            deadline=deadline,
            emergency=(recorded.emergency or {}).get("asked", ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        problem = f"it does not make a decision: {type(cause).__name__}: {cause}"
        raise MalformedError(problem, where="$.material", code="record.material") from cause


def _compare_questions(recorded: str, recomputed: str) -> Iterator[Difference]:
    place = "$.material.question"
    found = list(compare(_question(recorded), _question(recomputed), place))
    yield from found
    if recorded != recomputed and not found:
        yield Difference(place, "the same JSON, written differently", "the engine's input")


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
    return _json.parse(text.encode(), where="$.material.question") if text else None


def _shown(value: Any) -> str:
    text = _json.canonical(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth
