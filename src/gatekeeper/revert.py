"""Requirements of a stage that rolls back: somebody or something asks for it, and the target was released before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper import _time
from gatekeeper.decision import Result, Violation
from gatekeeper.people import lapses_of
from gatekeeper.reversal import Reversal
from gatekeeper.verified import Earlier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gatekeeper.people import Voice
    from gatekeeper.reversal import RevertAsk
    from gatekeeper.stage import GateSpec, Stage
    from gatekeeper.verified import Verdict, Verified

REASON, TARGET = "revert.reason", "revert.target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverted:
    """What became of the question.

    Attributes:
        results: ``revert.reason`` and ``revert.target``; none for a stage that does not roll back.
        lapses: When an answer may change.
    """

    results: tuple[Result, ...] = ()
    lapses: tuple[tuple[datetime, str], ...] = ()


def find_revert(gate: GateSpec, stage: Stage, verified: Verified, voices: Sequence[Voice], *, at: datetime) -> Reverted:
    """Whether this subject may be come back to now."""
    ask = stage.revert
    if ask is None:
        return Reverted()
    holders = [voice for voice in voices if ask.role and gate.trust.people[voice.person].has_role(ask.role, at)]
    cause = _cause(gate, ask, verified, at)
    release = _release(ask, verified)
    return Reverted(
        results=(_reason(gate, ask, cause, verified, holders, at), _target(gate, ask, release, verified, at)),
        lapses=(
            *_lapses(cause, ask.max_age, f"what {ask.when} says of it gets too old"),
            *_lapses(release, ask.within, "the release that is come back to gets too old"),
            *(lapse for voice in holders for lapse in lapses_of(voice, {ask.role}, gate.trust)),
        ),
    )


def _cause(gate: GateSpec, ask: RevertAsk, verified: Verified, at: datetime) -> Verdict | None:
    """The newest record by which another subject has to go: the last word of the canary about it."""
    last: dict[str, tuple[Reversal, Verdict]] = {}
    for verdict in sorted(verified.believed(Reversal), key=_order):
        said = verdict.content
        assert isinstance(said, Reversal)  # noqa: S101 - told to the type checker; believed() has selected it
        last[str(sorted(said.subject.digest.items()))] = (said, verdict)
    causes = [verdict for said, verdict in last.values() if not _unfit(gate, ask, said, at)]
    return max(causes, key=_order, default=None)


def _order(verdict: Verdict) -> tuple[datetime, bool, str]:
    """By time; of one instant ``roll_back`` is the first word and not the last, so that it does not win by a tie."""
    said = verdict.content
    assert isinstance(said, Reversal)  # noqa: S101 - as above
    return said.at, said.next != "roll_back", said.decision


def _unfit(gate: GateSpec, ask: RevertAsk, said: Reversal, at: datetime) -> str:
    """Why a record of a canary does not ask for it; empty when it does."""
    made, limit = _time.format_instant(said.at), _time.format_duration(ask.max_age)
    checks = (
        (said.gate != gate.name, f"the record is of the gate {said.gate}"),
        (said.gate_digest != gate.digest, f"the gate has changed since: the record is of {said.gate_digest}"),
        (said.at > at, f"the record is of {made}, in the future"),
        (at - said.at >= ask.max_age, f"the record is of {made}, and at most {limit} old it counts"),
        (said.next != "roll_back", f"{ask.when} says {said.next or 'nothing'} of {said.subject.name}"),
    )
    return next((message for wrong, message in checks if wrong), "")


def _reason(
    gate: GateSpec,
    ask: RevertAsk,
    cause: Verdict | None,
    verified: Verified,
    holders: Sequence[Voice],
    at: datetime,
) -> Result:
    vetoes = [voice for voice in holders if voice.vetoes(at)]
    yes = [voice.person for voice in holders if voice.approves]
    if vetoes:
        told = "; ".join(f"{voice.person} says no" for voice in vetoes)
        return _failed(REASON, "Rolling back is asked for", f"{told} to rolling back", "settle it with them")
    said = cause.content if cause else None
    if isinstance(said, Reversal):
        return Result(
            id=REASON, title=f"Rolling back is asked for by {ask.when} of {said.subject.name}", outcome="pass"
        )
    if yes:
        return Result(id=REASON, title=f"Rolling back is asked for by {', '.join(yes)}", outcome="pass")
    others = (verdict.content for verdict in verified.believed(Reversal))
    why = sorted({_unfit(gate, ask, other, at) for other in others if isinstance(other, Reversal)})
    message = "; ".join(["nothing here asks for it", *filter(None, why)])
    instead = f", or a {ask.role} runs gatekeeper approve" if ask.role else ""
    remedy = f"give the signed record in which {ask.when} says roll_back{instead}"
    return _failed(REASON, "Rolling back is asked for", message, remedy, waiting=True)


def _release(ask: RevertAsk, verified: Verified) -> Verdict | None:
    """The newest record of the target in the stage that it comes back to; a deny wins over an allow of one instant."""
    found = [
        ((said.at, said.outcome == "deny", said.decision), verdict)
        for verdict in verified.believed(Earlier)
        if isinstance(said := verdict.content, Earlier) and said.stage == ask.to
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _target(gate: GateSpec, ask: RevertAsk, release: Verdict | None, verified: Verified, at: datetime) -> Result:
    title = f"The target was released to {ask.to} before"
    said = release.content if release else None
    if not isinstance(said, Earlier):
        remedy = f"give the signed record by which {ask.to} allowed it"
        return _failed(TARGET, title, f"no signed record of {ask.to} for it is here", remedy, waiting=True)
    problem = next(_unreleased(gate, ask, said, at), "") or _denied_since(ask, said, verified)
    if not problem:
        return Result(id=TARGET, title=title, outcome="pass")
    return _failed(TARGET, title, problem, "roll back to another release")


def _unreleased(gate: GateSpec, ask: RevertAsk, said: Earlier, at: datetime) -> Iterator[str]:
    """Why a record does not show a release; the end of its allow is none, or nothing could ever be come back to."""
    made, limit = _time.format_instant(said.at), _time.format_duration(ask.within)
    checks = (
        (said.gate != gate.name, f"the release is of the gate {said.gate}"),
        (
            said.gate_digest not in {gate.digest, *ask.gates},
            f"the release is of the gate {said.gate_digest}, which gates does not name",
        ),
        (said.outcome != "allow", f"{ask.to} denies it"),
        (said.at > at, f"the release is of {made}, in the future"),
        (at - said.at >= ask.within, f"the release is of {made}, and at most {limit} old it is come back to"),
        (
            said.valid_until > said.at + timedelta(seconds=said.valid_for_seconds),
            "the release says it is valid longer than its gate lets it",
        ),
        (said.rests_on_unsigned, "the release rests on unsigned evidence"),
        (said.emergency_since is not None, "the release was let through in an emergency"),
    )
    return (message for wrong, message in checks if wrong)


def _denied_since(ask: RevertAsk, release: Earlier, verified: Verified) -> str:
    """The canary has denied the target itself after it was released."""
    records = (verdict.content for verdict in verified.believed(Earlier))
    canary = [said for said in records if isinstance(said, Earlier) and said.stage == ask.when]
    newest = max(canary, key=lambda said: (said.at, said.outcome == "deny"), default=None)
    denied = newest is not None and newest.outcome == "deny" and newest.at >= release.at
    return f"{ask.when} has denied it since" if denied else ""


def _failed(name: str, title: str, message: str, remedy: str, *, waiting: bool = False) -> Result:
    violation = Violation(message=message, remedy=remedy, waiting=waiting)
    return Result(id=name, title=title, outcome="fail", violations=(violation,))


def _lapses(verdict: Verdict | None, limit: timedelta, what: str) -> Iterator[tuple[datetime, str]]:
    said = verdict.content if verdict else None
    if verdict is not None and isinstance(said, Reversal | Earlier):
        yield said.at + limit, what
        yield from (
            (instant, f"a key behind {verdict.item.name or verdict.item.digest} ends") for instant in verdict.lapses
        )
