"""Baselines: the record of an earlier release that this one is compared with.

A record about another subject is believed for this and for nothing else: it is another type than the record of a stage
before, so neither can stand in for the other. What is compared with are the documents that the earlier decision judged,
from the verdicts that are sealed in its record, not what anybody says of them today.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.decision import Result, Violation
from gatekeeper.errors import MalformedError
from gatekeeper.links import LINK_KINDS
from gatekeeper.people import lapses_of
from gatekeeper.record import Record, earlier_of
from gatekeeper.slots import fill_named
from gatekeeper.stage import Slot
from gatekeeper.verified import Baseline, Verdict, Verified

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from gatekeeper.facts import Document
    from gatekeeper.people import Voice
    from gatekeeper.stage import BaselineAsk, GateSpec, Stage
    from gatekeeper.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What became of a stage's baseline.

    Attributes:
        result: ``slot.<name>``; None where the stage has no baseline.
        documents: Documents of the earlier release by kind, all that rules may see of it.
        excused: Who approves a release without one, in words; empty where nobody does.
        shown: What the decision shows of it.
        lapses: Instants at which it may be another one, or none.
        rests_on_unsigned: The earlier decision rests on unsigned evidence.
    """

    result: Result | None = None
    documents: dict[str, list[Document]]
    excused: str = ""
    shown: dict[str, Any] | None = None
    lapses: tuple[tuple[datetime, str], ...] = ()
    rests_on_unsigned: bool = False


def kinds_compared(stage: Stage) -> frozenset[str]:
    """The kinds that the rules of a stage need of the release before."""
    return frozenset(kind for rule in stage.rules for kind in rule.baseline)


def read_baseline(data: bytes, kinds: Collection[str]) -> Baseline:
    """What a record of an earlier release says, as far as it is compared with.

    Args:
        data: The bytes of the record as received.
        kinds: The kinds of documents that are compared.

    Raises:
        MalformedError: They are no record, or one whose material does not hold together.
    """
    record = Record(data)
    try:
        documents = tuple(_judged(record, kinds))
        repository = str(record.material.gate["repository"])
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        problem = f"it makes no baseline: {type(cause).__name__}: {cause}"
        raise MalformedError(problem, where="$.material", code="record.material") from cause
    return Baseline(
        earlier=earlier_of(record), subject=record.decision.subject, repository=repository, documents=documents
    )


def _judged(record: Record, kinds: Collection[str]) -> Iterator[Document]:
    """The documents that filled slots of the recorded stage: those that its rules were asked about."""
    decision, recorded = record.decision, record.material.gate["stages"][record.decision.stage]
    slots = {name: Slot.from_json(name, entry) for name, entry in recorded["slots"].items() if entry["kind"] in kinds}
    wanted = {*kinds, *LINK_KINDS}  # a slot of then may have been filled through links
    verdicts = tuple(
        Verdict.from_json(value, where=f"$.material.verdicts[{index}]")
        for index, value in enumerate(record.material.verdicts)
        if _kind_of(value) in wanted
    )
    verified = Verified(verdicts=verdicts, evidence_digest=decision.evidence_digest)
    for filling in fill_named(slots, decision.subject, verified, at=decision.at).values():
        yield from (held.document for held in filling.held)


def _kind_of(verdict: Any) -> str:
    content = verdict["content"] or {}
    return str(content["document"]["source"]["kind"]) if "document" in content else ""


def unfit(
    said: Baseline, ask: BaselineAsk, gate: GateSpec, subject: Subject, at: datetime
) -> tuple[str, tuple[datetime, ...]]:
    """Why a record cannot be the baseline, and when that may change; empty when it can be.

    The gate changes from release to release, so another digest of it is no reason.
    """
    earlier = said.earlier
    made, limit = _time.format_instant(earlier.at), _time.format_duration(ask.max_age)
    checks = (
        (said.subject.digest.keys().isdisjoint(subject.digest), "nobody can tell whether it is of this very subject"),
        (earlier.stage != ask.stage, f"it is for the stage {earlier.stage}, a baseline is of {ask.stage}"),
        (earlier.gate != gate.name, f"it is of the gate {earlier.gate}"),
        (said.repository != gate.repository, f"its gate is of the repository {said.repository!r}"),
        (earlier.outcome != "allow", f"{earlier.stage} denied it"),
        (earlier.emergency_since is not None, "it was let through in an emergency"),
        (earlier.rests_on_unsigned and not ask.unsigned, "it rests on unsigned evidence"),
        (earlier.at > at, f"it is of {made}, in the future"),
        (at - earlier.at >= ask.max_age, f"it is of {made}, and a baseline is at most {limit} old"),
    )
    problem = next((message for wrong, message in checks if wrong), "")
    return problem, ((earlier.at,) if earlier.at > at else ())


def newest(verified: Verified) -> Verdict | None:
    """The newest of the believed baselines, whichever envelope it came in."""
    found = [
        ((said.earlier.at, said.earlier.decision, verdict.item.digest), verdict)
        for verdict in verified.believed(Baseline)
        if isinstance(said := verdict.content, Baseline)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def keep_newest(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts without the documents of any baseline but the newest: nobody compares with the others."""
    kept = newest(Verified(verdicts=tuple(verdicts), evidence_digest=""))
    return tuple(
        replace(verdict, content=replace(verdict.content, documents=()))
        if isinstance(verdict.content, Baseline) and verdict is not kept
        else verdict
        for verdict in verdicts
    )


def compare_with(
    gate: GateSpec, stage: Stage, verified: Verified, voices: Sequence[Voice], *, at: datetime
) -> Compared:
    """Find what a stage compares with, or who approves that it does without."""
    ask = stage.baseline
    if ask is None:
        return Compared(documents={})
    verdict = newest(verified)
    said = verdict.content if verdict and isinstance(verdict.content, Baseline) else None
    excusing = _excusing(ask, gate, voices, at)
    excused = f"{' and '.join(excusing)} approve{'s' if len(excusing) == 1 else ''} a release without one"
    lapses = [(said.earlier.at + ask.max_age, f"the baseline {ask.name} gets too old")] if said else []
    heard = [voice for voice in voices if ask.without and (voice.person in excusing or voice.said_no)]
    return Compared(
        result=_result(ask, said, verified, excused if excusing else ""),
        documents=_by_kind(said.documents, ask.name) if said else {},
        excused=excused if excusing else "",
        shown=_shown(ask, verdict, said, excusing),
        lapses=(*lapses, *(lapse for voice in heard for lapse in lapses_of(voice, {ask.without}, gate.trust))),
        rests_on_unsigned=bool(said and said.earlier.rests_on_unsigned),
    )


def _excusing(ask: BaselineAsk, gate: GateSpec, voices: Sequence[Voice], at: datetime) -> list[str]:
    """People of the role who say themselves that there is no baseline; nobody where one of them rejects."""
    if not ask.without:
        return []
    holders = [voice for voice in voices if gate.trust.people[voice.person].has_role(ask.without, at)]
    if any(voice.vetoes(at) for voice in holders):
        return []
    return sorted(voice.person for voice in holders if voice.approves and ask.name in voice.approval.without_baseline)


def _result(ask: BaselineAsk, said: Baseline | None, verified: Verified, excused: str) -> Result:
    bare = Result(id=f"slot.{ask.name}", title=f"An earlier release that {ask.stage} allowed", outcome="pass")
    if said is not None:
        return bare
    if excused:
        return replace(bare, outcome="warn", violations=(Violation(message=f"there is no baseline: {excused}"),))
    refused = [item for item in verified.items if item.slot == ask.name and item.status in {"rejected", "unsupported"}]
    problems = [
        Violation(message=f"{item.name or item.digest} is {item.status}: {item.reason}", actual=item.digest)
        for item in refused
    ]
    remedy = "give the record of the release before as evidence"
    if ask.without:
        remedy += f", or a {ask.without} runs gatekeeper approve --without-baseline {ask.name}"
    missing = f"no signed allow of {ask.stage} for an earlier subject is here"
    problems.append(Violation(message=missing, remedy=remedy, waiting=not refused))
    ordered = tuple(sorted(problems, key=lambda violation: violation.sort_key))
    return replace(bare, outcome="fail", violations=ordered)


def _by_kind(documents: Sequence[Document], slot: str) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for document in sorted(documents, key=lambda one: (one.source.slot, one.source.shard, one.source.digest)):
        marked = replace(document, source=replace(document.source, baseline=slot))
        found.setdefault(document.kind, []).append(marked)
    return dict(sorted(found.items()))


def _shown(
    ask: BaselineAsk, verdict: Verdict | None, said: Baseline | None, excusing: Sequence[str]
) -> dict[str, Any] | None:
    if verdict is None or said is None:
        return {"slot": ask.name, "stage": ask.stage, "without": list(excusing)} if excusing else None
    shown: dict[str, Any] = {
        "slot": ask.name,
        "stage": ask.stage,
        "record": verdict.item.digest,
        "decision": said.earlier.decision,
        "subject": said.subject.as_json(),
        "gate_digest": said.earlier.gate_digest,
        "at": _time.format_instant(said.earlier.at),
        "signers": list(verdict.item.signers),
        "documents": len(said.documents),
    }
    return shown | ({"without": list(excusing)} if excusing else {})
