"""The stages behind a stage: what has come since they decided, and the audit trail down to the first of them.

A decision names the one it rested on, so the signed records of all earlier stages form a chain. With ``trail = true``
every link of it has to be here. What arrives after a stage has allowed, and that only this stage would judge, is found
by the stage after it: an allow is no shield against a later red report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.decision import Result, Violation
from gatekeeper.facts import Document
from gatekeeper.roster import UNSIGNED
from gatekeeper.verified import Earlier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.stage import GateSpec, Stage
    from gatekeeper.verified import Verdict, Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The records behind a decision.

    Attributes:
        results: ``trail.<stage>`` for each earlier stage, sorted; empty where the stage asks for no trail.
        steps: What the decision shows of each record found, the nearest stage first.
    """

    results: tuple[Result, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()


def stages_before(gate: GateSpec, stage: Stage) -> tuple[str, ...]:
    """The stages that come before one, the nearest first; each once, even if a recorded gate goes in a circle."""
    found: list[str] = []
    name = stage.after
    while name and name not in found:
        found.append(name)
        name = gate.after_of(name)
    return tuple(found)


def newest_record(stage: str, verified: Verified) -> Verdict | None:
    """The newest believed record of a stage; a deny wins over an allow of the same instant."""
    records = [
        ((said.at, said.outcome == "deny", said.decision), verdict)
        for verdict, said in _records(verified)
        if said.stage == stage
    ]
    return max(records, key=lambda record: record[0])[1] if records else None


def contradictions(gate: GateSpec, stage: Stage, earlier: Earlier, verified: Verified) -> Iterator[Violation]:
    """What is here and speaks against resting on the record of the stage before."""
    yield from _denials(gate, stage, earlier, verified)
    yield from _unjudged(gate, stage, verified)


def find_trail(gate: GateSpec, stage: Stage, record: Verdict | None, verified: Verified) -> Trail:
    """Follow the records from the stage before down to the first stage.

    Args:
        gate: The gate.
        stage: The stage that is decided about.
        record: The record of the stage before that this decision rests on.
        verified: The evidence.
    """
    if not stage.trail:
        return Trail()
    results, steps = [], []
    wanted, rests_on = record, record.content.decision if record and isinstance(record.content, Earlier) else ""
    later: Earlier | None = None
    names = stages_before(gate, stage)
    for at, name in enumerate(names):
        wanted = wanted if later is None else _record_of(rests_on, verified)
        said = wanted.content if wanted and isinstance(wanted.content, Earlier) else None
        results.append(_result(name, _broken(name, said, later, rests_on, gate), said))
        if wanted is None or said is None or results[-1].outcome != "pass":
            results += [_result(rest, _unknown(name), None) for rest in names[at + 1 :]]
            break
        steps.append(_step(wanted, said))
        later, rests_on = said, said.rests_on or ""
    return Trail(results=tuple(sorted(results, key=lambda result: result.id)), steps=tuple(steps))


def _unknown(later: str) -> str:
    return f"which record it would be cannot be told: that of {later} is missing or does not count"


def _broken(name: str, said: Earlier | None, later: Earlier | None, rests_on: str, gate: GateSpec) -> str:
    """Why a link of the chain does not hold; empty when it does."""
    if later is not None and not rests_on:
        return f"the record of {later.stage} does not name the decision of {name} that it rested on"
    if said is None:
        wanted = f": {later.stage} rested on {rests_on}" if later else ""
        return f"no signed record of {name} is here{wanted}"
    checks = (
        (said.stage != name, f"{later.stage if later else 'this stage'} rested on a decision of {said.stage}"),
        (said.gate != gate.name, f"the record is of the gate {said.gate}"),
        (said.gate_digest != gate.digest, f"the gate has changed since: the record is of {said.gate_digest}"),
        (said.outcome != "allow", f"{name} denied it"),
        *(_out_of_time(name, said, later) if later else ()),
    )
    return next((message for wrong, message in checks if wrong), "")


def _out_of_time(name: str, said: Earlier, later: Earlier) -> tuple[tuple[bool, str], ...]:
    made, until = _time.format_instant(later.at), _time.format_instant(said.valid_until)
    return (
        (said.at > later.at, f"{later.stage} was decided at {made}, before {name}"),
        (said.valid_until <= later.at, f"the allow of {name} had ended at {until}, before {later.stage} was decided"),
    )


def _result(name: str, problem: str, said: Earlier | None) -> Result:
    result_id, title = f"trail.{name}", f"The record of {name} is in the trail"
    if not problem:
        return Result(id=result_id, title=title, outcome="pass")
    violation = Violation(
        message=problem,
        actual=said.decision if said else None,
        remedy="give the signed records of all earlier stages as evidence, or decide them again in order",
        waiting=said is None,
    )
    return Result(id=result_id, title=title, outcome="fail", violations=(violation,))


def _step(verdict: Verdict, said: Earlier) -> dict[str, Any]:
    step: dict[str, Any] = {
        "stage": said.stage,
        "decision": said.decision,
        "record": verdict.item.digest,
        "at": _time.format_instant(said.at),
        "signers": list(verdict.item.signers),
    }
    if said.approved_by:
        step["approved_by"] = list(said.approved_by)
    if said.emergency_since is not None:
        step["emergency"] = _time.format_instant(said.emergency_since)
    return step


def _records(verified: Verified) -> Iterator[tuple[Verdict, Earlier]]:
    for verdict in verified.believed(Earlier):
        if isinstance(verdict.content, Earlier):
            yield verdict, verdict.content


def _record_of(decision: str, verified: Verified) -> Verdict | None:
    """The record of a decision; which of several envelopes around it makes no difference to what it says."""
    found = [verdict for verdict, said in _records(verified) if said.decision == decision]
    return min(found, key=lambda verdict: verdict.item.digest) if found else None


def _denials(gate: GateSpec, stage: Stage, earlier: Earlier, verified: Verified) -> Iterator[Violation]:
    """Denies of stages further back that are newer than the allow that this chain stands on."""
    for name in stages_before(gate, stage)[1:]:
        newest = newest_record(name, verified)
        said = newest.content if newest else None
        if not isinstance(said, Earlier) or said.outcome != "deny" or said.gate != gate.name:
            continue
        has_allow = any(one.stage == name and one.outcome == "allow" for _, one in _records(verified))
        if has_allow or said.at >= earlier.at:
            when = _time.format_instant(said.at)
            yield Violation(
                message=f"{name} has denied it since, at {when}",
                actual=said.decision,
                remedy=f"decide {name} again, then the stages after it",
            )


def _unjudged(gate: GateSpec, stage: Stage, verified: Verified) -> Iterator[Violation]:
    """Documents for slots of earlier stages alone that none of these stages, whose record is here, has judged."""
    records = {name: found for name in stages_before(gate, stage) if (found := newest_record(name, verified))}
    for verdict in verified.believed(Document):
        document = verdict.content
        if not isinstance(document, Document) or _is_for(document, gate.kinds_of(stage.name)):
            continue
        seen = {name: _seen(found) for name, found in records.items() if _judges(gate, name, verdict, document)}
        judges = [name for name, payloads in seen.items() if payloads is not None]
        if judges and not any(verdict.payload_digest in (seen[name] or ()) for name in judges):
            yield Violation(
                message=f"{_name(document)} is here, and {judges[0]} has not judged it",
                source=document.source.as_json(),
                remedy=f"decide {judges[0]} again, with it",
            )


def _seen(record: Verdict) -> tuple[str, ...] | None:
    """What a record has judged; None for a verdict of an old record, which does not say."""
    said = record.content
    return said.seen if isinstance(said, Earlier) and said.rests_on is not None else None


def _judges(gate: GateSpec, name: str, verdict: Verdict, document: Document) -> bool:
    """Whether an earlier stage takes such a document, and from this signer."""
    accepted = gate.trust.accepted(document.kind, name)
    believed = bool(accepted & set(verdict.item.signers)) or (
        verdict.item.status == "unsigned" and UNSIGNED in accepted
    )
    return believed and _is_for(document, gate.kinds_of(name))


def _is_for(document: Document, kinds: Mapping[str, str]) -> bool:
    if document.source.slot:
        return document.source.slot in kinds
    return document.kind in kinds.values()


def _name(document: Document) -> str:
    shown = document.source.name or document.source.format or document.kind
    return f"{shown} (slot {document.source.slot})" if document.source.slot else shown
