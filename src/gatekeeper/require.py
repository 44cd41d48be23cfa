"""Requirements: everything about presence, people and time. Rules are about facts, and see none of this."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.baseline import compare_with
from gatekeeper.decision import Result, Violation
from gatekeeper.facts import Document
from gatekeeper.links import LINK_KINDS
from gatekeeper.people import count_approvals, find_authors, find_deployers, hear, lapses_of
from gatekeeper.reversal import Reversal
from gatekeeper.revert import find_revert
from gatekeeper.slots import fill_slots
from gatekeeper.trail import contradictions, find_trail, newest_record
from gatekeeper.verified import Baseline, Earlier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.baseline import Compared
    from gatekeeper.people import Voice
    from gatekeeper.roster import Trust
    from gatekeeper.slots import Filling
    from gatekeeper.stage import Freeze, GateSpec, Stage
    from gatekeeper.subject import Subject
    from gatekeeper.verified import Verdict, Verified

Lapse = tuple["datetime", str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """What became of a stage's requirements.

    Attributes:
        results: One for each requirement, sorted by id.
        documents: What fills the slots, by kind: all that rules may see.
        approvals: Approvals as the decision shows them.
        lapses: Instants at which a requirement may change its answer.
        links: How slots were followed to what their evidence is about, as the decision shows it.
        compared: The earlier release that is compared with.
        after: ``stage`` and ``decision`` of the allow that opened the stage; None where none did.
        trail: The records behind it, as the decision shows them.
        rests_on_unsigned: A slot is filled by unsigned evidence, or the stage before rests on some.
    """

    results: tuple[Result, ...]
    documents: dict[str, list[Document]]
    approvals: tuple[dict[str, object], ...]
    lapses: tuple[Lapse, ...]
    links: tuple[dict[str, Any], ...]
    compared: Compared
    after: dict[str, str] | None
    trail: tuple[dict[str, Any], ...]
    rests_on_unsigned: bool


def require(gate: GateSpec, stage: Stage, subject: Subject, verified: Verified, *, at: datetime) -> Required:
    """Check every requirement of a stage against verified evidence."""
    fillings = fill_slots(gate, stage, subject, verified, at=at)
    held = [candidate for filling in fillings.values() for candidate in filling.held]
    documents: dict[str, list[Document]] = {}
    for candidate in held:
        documents.setdefault(candidate.document.kind, []).append(candidate.document)
    voices = hear(verified)
    changes = documents.get("change", ())
    assent = count_approvals(
        stage.approvals,
        voices,
        find_authors(changes, gate.trust),
        gate.trust,
        at=at,
        deployers=find_deployers(changes, gate.trust),
    )
    compared = compare_with(gate, stage, verified, voices, at=at)
    record = newest_record(stage.after, verified) if stage.after else None
    earlier = record.content if record and isinstance(record.content, Earlier) else None
    entered = _after(gate, stage, earlier, verified, at)
    trail = find_trail(gate, stage, record, verified)
    reverted = find_revert(gate, stage, verified, voices, at=at)
    results = [
        _about_subject(verified),
        *(filling.result for filling in fillings.values()),
        *([compared.result] if compared.result else []),
        *assent.results,
        *(_freeze(freeze, voices, gate.trust, at) for freeze in stage.freezes),
        *([entered] if entered else []),
        *trail.results,
        *reverted.results,
    ]
    lapses = [
        *(lapse for filling in fillings.values() for lapse in filling.lapses),
        *(lapse for candidate in held for lapse in _key_lapses(candidate.verdict)),
        *(lapse for verdict in verified.verdicts if verdict.content is None for lapse in _key_lapses(verdict)),
        *assent.lapses,
        *(lapse for verdict in verified.believed(Document) if _is_link(verdict) for lapse in _key_lapses(verdict)),
        *compared.lapses,
        *(lapse for verdict in verified.believed(Baseline) for lapse in _key_lapses(verdict)),
        *reverted.lapses,
        *(edge for freeze in stage.freezes for edge in _edges(freeze, voices, gate.trust, at)),
        *(lapse for verdict in verified.believed(Earlier) for lapse in _key_lapses(verdict)),
        *([(earlier.valid_until, f"the allow of {stage.after} ends")] if earlier else []),
    ]
    unsigned = any(candidate.verdict.item.status == "unsigned" for candidate in held)
    return Required(
        results=tuple(sorted(results, key=lambda result: result.id)),
        documents={kind: _sorted(documents[kind]) for kind in sorted(documents)},
        approvals=assent.approvals,
        lapses=tuple(lapses),
        links=tuple(_links(stage, fillings)),
        compared=compared,
        after={"stage": earlier.stage, "decision": earlier.decision}
        if earlier and earlier.rests_on is not None and entered and entered.is_open
        else None,
        trail=trail.steps,
        rests_on_unsigned=unsigned or compared.rests_on_unsigned or bool(earlier and earlier.rests_on_unsigned),
    )


def _sorted(documents: Sequence[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: (document.source.slot, document.source.shard, document.source.digest))


def _is_link(verdict: Verdict) -> bool:
    return isinstance(verdict.content, Document) and verdict.content.kind in LINK_KINDS


def _links(stage: Stage, fillings: Mapping[str, Filling]) -> Iterator[dict[str, Any]]:
    for name, filling in sorted(fillings.items()):
        for one in filling.linked:
            path = [link.as_json() for link in one.path]
            if path:
                yield {"slot": name, "of": stage.slots[name].of, "subject": one.digest, "path": path}


def _about_subject(verified: Verified) -> Result:
    title = "Some evidence is about this subject"
    asides = (Baseline, Reversal)
    own = (verdict for verdict in verified.verdicts if verdict.content and not verdict.about)
    if any(not isinstance(verdict.content, asides) for verdict in own):
        return Result(id="subject.digest", title=title, outcome="pass")
    how_many = len(verified.verdicts)
    message = (
        f"none of {how_many} attestations is believed and about this subject" if how_many else "there is no evidence"
    )
    remedy = "see what is said of each attestation" if how_many else "attest a report of this subject"
    violation = Violation(message=message, remedy=remedy, waiting=not how_many)
    return Result(id="subject.digest", title=title, outcome="fail", violations=(violation,))


def _freeze(freeze: Freeze, voices: Sequence[Voice], trust: Trust, at: datetime) -> Result:
    bare = Result(id=freeze.result_id, title=f"Not in the freeze {freeze.name}", outcome="pass")
    if not freeze.period.covers(at):
        return bare
    if _excepted(freeze, voices, trust, at):
        who = ", ".join(voice.person for voice in voices if _may_except(freeze, voice, trust, at) and voice.approves)
        return replace(bare, title=f"Excepted from the freeze {freeze.name} by {who}")
    end = _time.format_instant(freeze.period.end) if freeze.period.end else "further notice"
    exception = f", or a {freeze.exception} approves an exception" if freeze.exception else ""
    violation = Violation(
        message=f"nothing enters during {freeze.name}, until {end}", remedy=f"wait until {end}{exception}", waiting=True
    )
    return Result(id=bare.id, title=bare.title, outcome="fail", violations=(violation,))


def _excepted(freeze: Freeze, voices: Sequence[Voice], trust: Trust, at: datetime) -> bool:
    if not freeze.exception:
        return False
    holders = [voice for voice in voices if _may_except(freeze, voice, trust, at)]
    return any(voice.approves for voice in holders) and not any(voice.vetoes(at) for voice in holders)


def _may_except(freeze: Freeze, voice: Voice, trust: Trust, at: datetime) -> bool:
    return trust.people[voice.person].has_role(freeze.exception, at)


def _edges(freeze: Freeze, voices: Sequence[Voice], trust: Trust, at: datetime) -> Iterator[Lapse]:
    if freeze.period.start is not None:
        yield freeze.period.start, f"the freeze {freeze.name} begins"
    if freeze.period.end is not None:
        yield freeze.period.end, f"the freeze {freeze.name} ends"
    if freeze.exception and freeze.period.covers(at):
        for voice in voices:
            if voice.said_no or trust.people[voice.person].has_role(freeze.exception, at):
                yield from lapses_of(voice, {freeze.exception}, trust)


def _key_lapses(verdict: Verdict) -> Iterator[Lapse]:
    """When keys behind an attestation begin or end: what is believed may no longer be, and what is not may be."""
    name = verdict.item.name or verdict.item.digest
    what = f"a key behind {name} ends" if verdict.content is not None else f"{name} may begin to count"
    return ((instant, what) for instant in verdict.lapses)


def _after(gate: GateSpec, stage: Stage, earlier: Earlier | None, verified: Verified, at: datetime) -> Result | None:
    """Whether the stage before lets it in; None for a stage that comes after none."""
    if not stage.after:
        return None
    problem = _inadmissible(gate, stage, earlier, at) if earlier else f"no signed record of {stage.after} is here"
    found = list(contradictions(gate, stage, earlier, verified)) if earlier else []
    if problem:
        violation = Violation(
            message=problem,
            actual=earlier.decision if earlier else None,
            remedy=f"decide {stage.after} for this subject and give its record as evidence",
            waiting=earlier is None or problem == _of_an_emergency(stage, earlier),
        )
        # an emergency breaks through an earlier one, and not through what speaks against it
        found = [violation, *(found if violation.waiting else ())]
    return Result(
        id=f"stage.{stage.after}",
        title=f"The stage {stage.after} allows it",
        outcome="fail" if found else "pass",
        violations=tuple(sorted(found, key=lambda one: one.sort_key)),
    )


def _inadmissible(gate: GateSpec, stage: Stage, earlier: Earlier, at: datetime) -> str:
    """Why the record before does not open this stage; empty when it does. The same checks as ``admit``."""
    until = _time.format_instant(earlier.valid_until)
    checks = (
        (earlier.gate != gate.name, f"the record is of the gate {earlier.gate}"),
        (earlier.gate_digest != gate.digest, f"the gate has changed since: the record is of {earlier.gate_digest}"),
        (earlier.outcome != "allow", f"{stage.after} denies it"),
        (earlier.at > at, f"the record is of {_time.format_instant(earlier.at)}, in the future"),
        (earlier.valid_until <= at, f"the allow of {stage.after} ended at {until}"),
        (
            earlier.valid_until > earlier.at + timedelta(seconds=earlier.valid_for_seconds),
            f"the allow of {stage.after} says it is valid longer than its gate lets it",
        ),
        (
            earlier.rests_on_unsigned and not stage.after_unsigned,
            f"the allow of {stage.after} rests on unsigned evidence",
        ),
        (earlier.emergency_since is not None, _of_an_emergency(stage, earlier)),
    )
    return next((message for wrong, message in checks if wrong), "")


def _of_an_emergency(stage: Stage, earlier: Earlier) -> str:
    """An ordinary allow may still arrive, so this is waited for; and another emergency may break through it."""
    since = _time.format_instant(earlier.emergency_since) if earlier.emergency_since else ""
    return f"the allow of {stage.after} is of the emergency that was declared at {since}"
