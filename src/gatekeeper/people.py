"""Approvals: enough distinct people of the right roles, none of whom may be an author, and nobody who says no."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.approval import Approval
from gatekeeper.decision import Result, Violation
from gatekeeper.stage import AUTHOR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.facts import Document
    from gatekeeper.roster import Trust
    from gatekeeper.stage import ApprovalAsk
    from gatekeeper.verified import Verdict, Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The last word of one person about this subject, stage and gate.

    Attributes:
        person, approval, digest: Who says what, and the digest of the attestation that says it.
        lapses: When a key behind it begins or ends.
        said_no: This or an earlier word of the same person is a no, which may count when this one ends.
    """

    person: str
    approval: Approval
    digest: str
    lapses: tuple[datetime, ...] = ()
    said_no: bool = False

    @property
    def approves(self) -> bool:
        """It is a yes."""
        return self.approval.verdict == "approve"

    def vetoes(self, at: datetime) -> bool:
        """It is a no that still stands. One that has expired only takes back the yes before it."""
        return not self.approves and at < self.approval.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Assent:
    """What became of the approvals.

    Attributes:
        results: One for each approval the stage asks.
        approvals: Each approval seen, as the decision shows it.
        lapses: When an approval, role or key that counts ends, or a no may begin to count.
    """

    results: tuple[Result, ...]
    approvals: tuple[dict[str, Any], ...]
    lapses: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class Authors:
    """Who made the change, or why nobody knows."""

    people: frozenset[str] = frozenset()
    problem: str = ""
    logins: tuple[str, ...] = field(default=())


def hear(verified: Verified) -> tuple[Voice, ...]:
    """The last word of each person, a no before a yes of the same instant; sorted by person."""
    voices = [voice for verdict in verified.believed(Approval) for voice in _voices(verdict)]
    last = {voice.person: voice for voice in sorted(voices, key=_order)}
    said_no = {voice.person for voice in voices if not voice.approves}
    return tuple(replace(last[person], said_no=person in said_no) for person in sorted(last))


def count_approvals(
    asks: Sequence[ApprovalAsk], voices: Sequence[Voice], authors: Authors, trust: Trust, *, at: datetime
) -> Assent:
    """Seat distinct people on what the asks need, so that nobody sits twice, and say who does not count and why."""
    able = [_able(ask, voices, authors, trust, at) for ask in asks]
    seats = [index for index, ask in enumerate(asks) for _ in range(ask.count)]
    seated = seat([able[index] for index in seats])
    taken: dict[int, list[str]] = {index: [] for index in range(len(asks))}
    for position, index in enumerate(seats):
        if position in seated:
            taken[index].append(seated[position])
    results = tuple(
        _result(ask, _number(asks, index), sorted(taken[index]), voices, authors, trust, at)
        for index, ask in enumerate(asks)
    )
    counted = {person for people in taken.values() for person in people}
    roles = {ask.role for ask in asks}
    return Assent(
        results=results,
        approvals=tuple(_shown(voice, counted) for voice in voices),
        lapses=tuple(
            lapse
            for voice in voices
            if asks and (voice.person in counted or voice.said_no)
            for lapse in lapses_of(voice, roles, trust)
        ),
    )


def seat(candidates: Sequence[Iterable[str]]) -> dict[int, str]:
    """A largest assignment of distinct people to seats (augmenting paths), the same for the same candidates.

    Args:
        candidates: For each seat the people who may take it.

    Returns:
        The person by position of the seat; seats that stay empty are absent.
    """
    seat_of: dict[str, int] = {}

    def place(position: int, tried: set[str]) -> bool:
        for person in sorted(candidates[position]):
            if person in tried:
                continue
            tried.add(person)
            if person not in seat_of or place(seat_of[person], tried):
                seat_of[person] = position
                return True
        return False

    for position in range(len(candidates)):
        place(position, set())
    return {position: person for person, position in seat_of.items()}


def find_authors(changes: Sequence[Document], trust: Trust) -> Authors:
    """Every person who is author, committer or pusher in verified evidence of the change."""
    if not changes:
        return Authors(problem="nobody can tell who the author is: there is no change evidence")
    if not all(change.facts["complete"] for change in changes):
        return Authors(problem="nobody can tell who the author is: the change evidence is not complete")
    logins = sorted({login for change in changes for login in _identities(change.facts)})
    if not logins:
        return Authors(problem="the change evidence names no author")
    owner = {login: name for name, person in trust.people.items() for login in _known_as(person)}
    strangers = [login for login in logins if login not in owner]
    if strangers:
        return Authors(problem=f"the author {strangers[0]} is nobody in trust.toml", logins=tuple(logins))
    return Authors(people=frozenset(owner[login] for login in logins), logins=tuple(logins))


def _identities(facts: Mapping[str, Any]) -> list[str]:
    return [*facts["authors"], *facts["committers"], *([facts["pusher"]] if "pusher" in facts else [])]


def _known_as(person: Any) -> list[str]:
    return [*person.logins, *(f"key:{key.fingerprint}" for key in person.keys)]


def _voices(verdict: Verdict) -> list[Voice]:
    approval = verdict.content
    assert isinstance(approval, Approval)  # noqa: S101 - told to the type checker; believed() has selected it
    return [
        Voice(person=person, approval=approval, digest=verdict.item.digest, lapses=verdict.lapses)
        for person in verdict.people
    ]


def _order(voice: Voice) -> tuple[datetime, bool, str]:
    return voice.approval.issued_at, not voice.approves, voice.digest


def _able(ask: ApprovalAsk, voices: Sequence[Voice], authors: Authors, trust: Trust, at: datetime) -> list[str]:
    return [voice.person for voice in voices if voice.approves and not _unable(ask, voice, authors, trust, at)]


def _unable(ask: ApprovalAsk, voice: Voice, authors: Authors, trust: Trust, at: datetime) -> str:
    """Why this person does not count for an ask; empty when they do."""
    if not trust.people[voice.person].has_role(ask.role, at):
        return f"no {ask.role} at this time"
    if AUTHOR not in ask.exclude:
        return ""
    if authors.problem:
        return authors.problem
    return "an author of the change" if voice.person in authors.people else ""


def _result(
    ask: ApprovalAsk,
    number: str,
    seated: Sequence[str],
    voices: Sequence[Voice],
    authors: Authors,
    trust: Trust,
    at: datetime,
) -> Result:
    problems = _vetoes(ask, voices, trust, at)
    if len(seated) < ask.count:
        problems.append(_short(ask, seated, voices, authors, trust, at))
    return Result(
        id=f"approval.{ask.role}{number}",
        title=f"Approved by {ask.count} of role {ask.role}"
        + (f", not {' or '.join(ask.exclude)}" if ask.exclude else ""),
        outcome="fail" if problems else "pass",
        violations=tuple(sorted(problems, key=lambda violation: violation.sort_key)),
    )


def _vetoes(ask: ApprovalAsk, voices: Sequence[Voice], trust: Trust, at: datetime) -> list[Violation]:
    return [_veto(voice) for voice in voices if voice.vetoes(at) and trust.people[voice.person].has_role(ask.role, at)]


def _veto(voice: Voice) -> Violation:
    comment = f": {voice.approval.comment}" if voice.approval.comment else ""
    return Violation(
        message=f"{voice.person} rejects it{comment}",
        term=voice.person,
        remedy=f"settle it with {voice.person}, who can approve later",
    )


def _short(
    ask: ApprovalAsk, seated: Sequence[str], voices: Sequence[Voice], authors: Authors, trust: Trust, at: datetime
) -> Violation:
    passed_over = [
        f"{voice.person} does not count: {_unable(ask, voice, authors, trust, at) or 'counted elsewhere'}"
        for voice in voices
        if voice.approves and voice.person not in seated
    ]
    counted = f"{len(seated)} of {ask.count} approvals" + (f": {', '.join(seated)}" if seated else "")
    message = "; ".join([counted, *passed_over])
    blocked = AUTHOR in ask.exclude and bool(authors.problem)
    if blocked and not passed_over:
        message = f"{message}; {authors.problem}"
    return Violation(
        message=message,
        expected=ask.count,
        actual=len(seated),
        remedy=f"a {ask.role} runs gatekeeper approve",
        waiting=not blocked,
    )


def _shown(voice: Voice, counted: set[str]) -> dict[str, Any]:
    approval = voice.approval
    shown = {
        "person": voice.person,
        "digest": voice.digest,
        "verdict": approval.verdict,
        "counted": voice.person in counted,
        "issued_at": _time.format_instant(approval.issued_at),
        "expires": _time.format_instant(approval.expires),
    }
    optional = {"comment": approval.comment, "decision": approval.decision}
    return shown | {name: text for name, text in optional.items() if text}


def lapses_of(voice: Voice, roles: Collection[str], trust: Trust) -> list[tuple[datetime, str]]:
    """When a voice may begin or cease to count, where those who hold ``roles`` are asked."""
    held = [period for role, period in trust.people[voice.person].roles if role in roles]
    starts = [period.start for period in held if period.start is not None and voice.said_no]
    ends = [period.end for period in held if period.end is not None]
    return [
        (voice.approval.expires, f"the {'approval' if voice.approves else 'rejection'} of {voice.person} expires"),
        *((start, f"a role of {voice.person} begins") for start in starts),
        *((end, f"a role of {voice.person} ends") for end in ends),
        *((lapse, f"a key of {voice.person} ends") for lapse in voice.lapses),
    ]


def _number(asks: Sequence[ApprovalAsk], index: int) -> str:
    earlier = sum(1 for ask in asks[:index] if ask.role == asks[index].role)
    return f"-{earlier + 1}" if earlier else ""
