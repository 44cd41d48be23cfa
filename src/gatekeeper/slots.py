"""Slots: what has to be here, how much of it, and how old it may be."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from gatekeeper import _time
from gatekeeper.decision import Result, Violation
from gatekeeper.facts import Document, kind
from gatekeeper.links import LINK_KINDS, trace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.decision import Item
    from gatekeeper.links import Linked, Trace
    from gatekeeper.stage import GateSpec, Slot, Stage
    from gatekeeper.subject import Subject
    from gatekeeper.verified import Verdict, Verified

_SKEW: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A believed document that may fill a slot.

    Attributes:
        document: The document, with the signers of every envelope around its statement.
        verdict: The first of its verdicts.
        times: The times known of it that count for its age, oldest first; empty when none counts.
    """

    document: Document
    verdict: Verdict
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What became of one slot."""

    result: Result
    held: tuple[Held, ...] = ()
    lapses: tuple[tuple[datetime, str], ...] = ()
    linked: tuple[Linked, ...] = ()


def fill_slots(
    gate: GateSpec, stage: Stage, subject: Subject, verified: Verified, *, at: datetime
) -> dict[str, Filling]:
    """Fill each slot of a stage from the believed documents, and ``unknown`` with those that no slot expects."""
    filled = fill_named(stage.slots, subject, verified, at=at)
    known = gate.slot_names
    offered = _offered(stage.slots, verified)
    linking = any(slot.of for slot in stage.slots.values())
    strays = [
        document
        for name, held in sorted(offered.items())
        if name not in known
        for document, verdict in held
        if not verdict.about and not (linking and not name and document.kind in LINK_KINDS)
    ]
    return filled | ({"unknown": Filling(result=_unknown(strays, stage))} if strays else {})


def fill_named(
    slots: Mapping[str, Slot],
    subject: Subject,
    verified: Verified,
    *,
    at: datetime,
) -> dict[str, Filling]:
    """Fill some slots from the believed documents."""
    offered = _offered(slots, verified)
    first_in: dict[str, str] = {}
    filled = {}
    for name, slot in sorted(slots.items()):
        refused = _refused(name, verified)
        if slot.of:
            filled[name] = _fill_linked(slot, subject, offered[name], refused, first_in, verified, at)
        else:
            own = [pair for pair in offered[name] if not pair[1].about]
            filled[name] = _fill(slot, own, refused, first_in, at)
        first_in |= {document.source.digest: name for document, _ in offered[name]}
    return filled


def _fill_linked(
    slot: Slot,
    subject: Subject,
    offered: Sequence[tuple[Document, Verdict]],
    refused: Sequence[Item],
    first_in: Mapping[str, str],
    verified: Verified,
    at: datetime,
) -> Filling:
    """Fill a slot from evidence of what links lead to; all of that has to have it."""
    way = trace(slot, subject, verified.verdicts)
    keys = {one.digest for one in way.linked}
    parts = [
        (one, _fill(slot, [pair for pair in offered if _is_of(pair[1], one)], (), first_in, at)) for one in way.linked
    ]
    problems = [
        *_unlinked(slot, subject, way, verified),
        *(_elsewhere(slot, document, verdict, subject) for document, verdict in offered if not _leads(verdict, keys)),
        *(_named(problem, one) for one, part in parts for problem in part.result.violations),
    ]
    problems += _refusals(refused) if problems and not way.missing else []
    return Filling(
        result=Result(
            id=f"slot.{slot.name}",
            title=f"Evidence of kind {slot.kind}, of the {slot.of}",
            outcome="fail" if problems else "pass",
            violations=tuple(sorted(problems, key=lambda violation: violation.sort_key)),
        ),
        held=tuple({id(held.document): held for _, part in parts for held in part.held}.values()),
        lapses=tuple(sorted({lapse for _, part in parts for lapse in part.lapses})),
        linked=way.linked,
    )


def _is_of(verdict: Verdict, linked: Linked) -> bool:
    return linked.digest in verdict.about if linked.digest else not verdict.about


def _leads(verdict: Verdict, keys: Collection[str]) -> bool:
    return any(key in keys for key in verdict.about or ("",))


def _named(problem: Violation, linked: Linked) -> Violation:
    return replace(problem, message=f"{problem.message}, of {linked.digest}") if linked.digest else problem


def _unlinked(slot: Slot, subject: Subject, way: Trace, verified: Verified) -> Iterator[Violation]:
    """Which links are missing, and what is here and is none."""
    if not way.missing:
        return
    no_links = [item for item in verified.items if item.kind in LINK_KINDS and item.status != "verified"]
    for item in no_links:
        why = f": {item.reason}" if item.reason else ", and links have to be signed"
        yield Violation(message=f"{item.name or item.digest} is {item.status}{why}", actual=item.digest)
    for problem in way.missing:
        yield Violation(
            message=problem,
            remedy=f"give the signed provenance that leads from {subject.name} to its {slot.of}",
            waiting=not no_links,
        )


def _elsewhere(slot: Slot, document: Document, verdict: Verdict, subject: Subject) -> Violation:
    about = ", ".join(verdict.about) or str(subject)
    message = f"{_name(document)} is about {about}, which is not the {slot.of} that the slot is of"
    return Violation(message=message, source=document.source.as_json(), remedy=f"attest it for the {slot.of}")


def _offered(slots: Mapping[str, Slot], verified: Verified) -> dict[str, list[tuple[Document, Verdict]]]:
    offered: dict[str, list[tuple[Document, Verdict]]] = defaultdict(list)
    for document, verdict in _unique(verified):
        offered[_slot_of(document, slots)].append((document, verdict))
    return offered


def _unique(verified: Verified) -> list[tuple[Document, Verdict]]:
    """One document for each statement, whoever wrapped and signed it how often."""
    by_payload: dict[tuple[str, str], tuple[Document, Verdict]] = {}
    for verdict in verified.believed(Document):
        document = verdict.content
        assert isinstance(document, Document)  # noqa: S101 - told to the type checker; believed() has selected it
        key = (verdict.payload_digest, document.source.slot)
        earlier = by_payload.get(key)
        if earlier is not None:
            document, verdict = _merge(earlier, (document, verdict))  # noqa: PLW2901 - the merged pair replaces both
        by_payload[key] = (document, verdict)
    return [by_payload[key] for key in sorted(by_payload)]


def _merge(one: tuple[Document, Verdict], two: tuple[Document, Verdict]) -> tuple[Document, Verdict]:
    signers = tuple(sorted({*one[0].source.signers, *two[0].source.signers}))
    proven, verdict = min((one, two), key=lambda pair: (pair[1].verified_at is None, str(pair[1].verified_at)))
    lapses = tuple(sorted({*one[1].lapses, *two[1].lapses}))
    return replace(proven, source=replace(proven.source, signers=signers)), replace(verdict, lapses=lapses)


def _slot_of(document: Document, slots: Mapping[str, Slot]) -> str:
    if document.source.slot:
        return document.source.slot
    takers = [name for name, slot in slots.items() if slot.kind == document.kind]
    return takers[0] if len(takers) == 1 else ""


def _refused(name: str, verified: Verified) -> list[Item]:
    return [item for item in verified.items if item.slot == name and item.status in {"rejected", "unsupported"}]


def _fill(
    slot: Slot,
    offered: Sequence[tuple[Document, Verdict]],
    refused: Sequence[Item],
    first_in: Mapping[str, str],
    at: datetime,
) -> Filling:
    problems: list[Violation] = []
    held = [_hold(slot, document, verdict) for document, verdict in offered]
    usable = []
    for candidate in held:
        problem = _unfit(slot, candidate, at) or _copied(slot, candidate, first_in)
        if problem:
            problems.append(problem)
        else:
            usable.append(candidate)
    usable, repeats = _settle_repeats(slot, usable)
    explained = bool(problems) and (slot.shards, slot.count) == (1, 1)
    problems += [*repeats, *_same_report(usable), *([] if explained else _missing(slot, usable, refused))]
    lapses = tuple(
        (candidate.times[0] + slot.max_age, f"slot {slot.name}: {_name(candidate.document)} gets too old")
        for candidate in usable
        if slot.max_age is not None
    )
    result = Result(
        id=f"slot.{slot.name}",
        title=f"Evidence of kind {slot.kind}",
        outcome="fail" if problems else "pass",
        violations=tuple(sorted(problems, key=lambda violation: violation.sort_key)),
    )
    return Filling(result=result, held=tuple(usable), lapses=lapses)


def _hold(slot: Slot, document: Document, verdict: Verdict) -> Held:
    reported = [
        _time.parse_instant(document.facts[name]) for name in kind(document.kind).times if name in document.facts
    ]
    if verdict.verified_at is not None:
        return Held(document=document, verdict=verdict, times=tuple(sorted([*reported, verdict.verified_at])))
    claimed = [verdict.claimed_at] if verdict.claimed_at is not None else []
    times = sorted([*reported, *claimed]) if slot.time == "claimed" else []
    return Held(document=document, verdict=verdict, times=tuple(times))


def _unfit(slot: Slot, held: Held, at: datetime) -> Violation | None:
    """Why a document cannot fill the slot: its kind, its shard, its age."""
    document = held.document
    source, name = document.source.as_json(), _name(document)
    if document.kind != slot.kind:
        return Violation(message=f"{name} is {document.kind}, the slot takes {slot.kind}", source=source)
    if document.source.shard[1] != slot.shards:
        index, count = document.source.shard
        return Violation(
            message=f"{name} is shard {index} of {count}, the slot has {slot.shards}",
            source=source,
            remedy=f"attest every shard with --shard I/{slot.shards}",
        )
    if slot.max_age is None:
        return None
    return _stale(slot, slot.max_age, held, at)


def _stale(slot: Slot, max_age: timedelta, held: Held, at: datetime) -> Violation | None:
    source, name, limit = held.document.source.as_json(), _name(held.document), _time.format_duration(max_age)
    if not held.times:
        known = "its time is only claimed" if held.verdict.claimed_at or slot.time == "verified" else "it has no time"
        return Violation(
            message=f"{name} may be at most {limit} old, and {known}",
            source=source,
            remedy='sign with a time that can be proven, or let the slot say time = "claimed"',
        )
    if held.times[-1] > at + _SKEW:
        return Violation(message=f"{name} is of {_time.format_instant(held.times[-1])}, in the future", source=source)
    age = at - held.times[0]
    if age >= max_age:
        return Violation(
            message=f"{name} is {_age(age)} old, at most {limit} is allowed",
            source=source,
            expected=limit,
            actual=_age(age),
            remedy="run it again",
        )
    return None


def _copied(slot: Slot, held: Held, first_in: Mapping[str, str]) -> Violation | None:
    other = first_in.get(held.document.source.digest, slot.name)
    if other == slot.name:
        return None
    message = f"{_name(held.document)} is the same report that fills slot {other}"
    return Violation(message=message, source=held.document.source.as_json(), remedy="attest each report once")


def _settle_repeats(slot: Slot, usable: Sequence[Held]) -> tuple[list[Held], list[Violation]]:
    """With ``latest`` the newest of each shard by proven time; with ``all`` every one of them."""
    if slot.on_repeat == "all":
        return list(usable), []
    by_shard: dict[tuple[int, int], list[Held]] = defaultdict(list)
    for candidate in usable:
        by_shard[candidate.document.source.shard].append(candidate)
    kept: list[Held] = []
    problems: list[Violation] = []
    for shard, repeats in sorted(by_shard.items()):
        if len(repeats) > 1 and any(candidate.verdict.verified_at is None for candidate in repeats):
            message = f"{len(repeats)} repeats of shard {shard[0]}, and which is the latest is only claimed"
            problems.append(Violation(message=message, remedy="sign with a time that can be proven"))
            kept.extend(repeats)
        else:
            kept.append(
                max(repeats, key=lambda candidate: (str(candidate.verdict.verified_at), candidate.verdict.item.digest))
            )
    return kept, problems


def _same_report(usable: Sequence[Held]) -> Iterator[Violation]:
    shards: dict[str, set[int]] = defaultdict(set)
    for candidate in usable:
        shards[candidate.document.source.digest].add(candidate.document.source.shard[0])
    for digest, indexes in sorted(shards.items()):
        if len(indexes) > 1:
            listed = " and ".join(str(index) for index in sorted(indexes))
            yield Violation(
                message=f"shards {listed} are one and the same report",
                actual=digest,
                remedy="see whether an artifact download overwrote another",
            )


def _missing(slot: Slot, usable: Sequence[Held], refused: Sequence[Item]) -> Iterator[Violation]:
    present = Counter(_distinct(usable))
    short = [index for index in range(1, slot.shards + 1) if present[index] < slot.count]
    if not short:
        return
    yield from _refusals(refused)
    yield Violation(
        message=_shortage(slot, short, present),
        waiting=not refused,
        remedy=f"attest {slot.kind} with --slot {slot.name}",
    )


def _refusals(refused: Sequence[Item]) -> Iterator[Violation]:
    for item in refused:
        yield Violation(
            message=f"{item.name or item.digest} is {item.status}: {item.reason}",
            actual=item.digest,
            remedy="attest it again, signed by a signer whose word counts here",
        )


def _distinct(usable: Sequence[Held]) -> Iterator[int]:
    """The shard of each different report: one that was attested twice is here once."""
    reports = {(candidate.document.source.shard[0], candidate.document.source.digest) for candidate in usable}
    return (shard for shard, _ in sorted(reports))


def _shortage(slot: Slot, short: Sequence[int], present: Counter[int]) -> str:
    if slot.shards == 1 and slot.count == 1:
        return f"no {slot.kind} here"
    if slot.shards == 1:
        return f"{present[1]} of {slot.count} documents are here"
    listed = ", ".join(str(index) for index in short)
    plural = "shards" if len(short) > 1 else "shard"
    return f"{plural} {listed} of {slot.shards} missing"


def _unknown(strays: Sequence[Document], stage: Stage) -> Result:
    slots = ", ".join(stage.slots) or "none"
    return Result(
        id="slot.unknown",
        title="Every document is expected by a slot",
        outcome="fail",
        violations=tuple(
            Violation(
                message=_stray(document),
                term=document.source.slot,
                source=document.source.as_json(),
                remedy=f"attest it for a slot of the gate ({slots})",
            )
            for document in strays
        ),
    )


def _stray(document: Document) -> str:
    if document.source.slot:
        return f"{_name(document)} is for the slot {document.source.slot}, which no stage has"
    return f"{_name(document)} names no slot, and not exactly one takes {document.kind}"


def _name(document: Document) -> str:
    return document.source.name or document.source.format or document.kind


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds()) // 3_600
    if hours >= 1:
        return f"{hours} h"
    return f"{int(age.total_seconds()) // 60} min"
