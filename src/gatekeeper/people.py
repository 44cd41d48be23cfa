"""Approvals: enough distinct people of the right roles, none of whom may be an author, and nobody who says no.

How seats are made of ``any`` and ``all``, and how people sit down on them, is in :mod:`gatekeeper.algebra`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.algebra import AUTHOR, DEPLOYER, arrange, result_ids
from gatekeeper.approval import Approval
from gatekeeper.decision import Result, Violation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.algebra import ApprovalAsk
    from gatekeeper.facts import Document
    from gatekeeper.roster import Trust
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


_NOBODY_TOLD: Final = Authors(problem="nobody can tell who deploys it")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hall:
    """Who is here, and who does not count for what."""

    voices: Sequence[Voice]
    trust: Trust
    at: datetime
    apart: Mapping[str, Authors]

    def able(self, ask: ApprovalAsk) -> list[str]:
        """Who may sit for a single ask."""
        return [voice.person for voice in self.voices if voice.approves and not self.unable(ask, voice)]

    def unable(self, ask: ApprovalAsk, voice: Voice) -> str:
        """Why this person does not count for a single ask; empty when they do."""
        if not self.has_role(voice, ask.role):
            return f"no {ask.role} at this time"
        for name in ask.exclude:
            apart = self.apart.get(name, Authors(problem=f"nobody can tell who is the {name}"))
            if apart.problem:
                return apart.problem
            if voice.person in apart.people:
                return _APART[name]
        return ""

    def passed_over(self, ask: ApprovalAsk, voice: Voice) -> str:
        """Why this person has no seat for an ask."""
        singles = dict.fromkeys(single for way in ask.ways for single in way)
        reasons = dict.fromkeys(self.unable(single, voice) for single in singles)
        return "counted elsewhere" if "" in reasons else ", ".join(reasons)

    def has_role(self, voice: Voice, role: str) -> bool:
        return self.trust.people[voice.person].has_role(role, self.at)

    def problems(self, ask: ApprovalAsk) -> list[str]:
        """Why nobody can be told apart from those who do not count."""
        apart = [self.apart[name] for name in sorted(ask.excluded & self.apart.keys())]
        return [one.problem for one in apart if one.problem]


_APART: Final = {AUTHOR: "an author of the change", DEPLOYER: "who deploys it"}


def count_approvals(
    asks: Sequence[ApprovalAsk],
    voices: Sequence[Voice],
    authors: Authors,
    trust: Trust,
    *,
    at: datetime,
    deployers: Authors = _NOBODY_TOLD,
) -> Assent:
    """Seat distinct people on what the asks need, so that nobody sits twice, and say who does not count and why."""
    hall = _Hall(voices=voices, trust=trust, at=at, apart={AUTHOR: authors, DEPLOYER: deployers})
    found = arrange(asks, hall.able)
    results = tuple(
        _result(ask, name, *found.of(index), hall)
        for index, (ask, name) in enumerate(zip(asks, result_ids(asks), strict=True))
    )
    counted = set(found.seated.values())
    roles = {role for ask in asks for role in ask.roles}
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


def find_authors(changes: Sequence[Document], trust: Trust) -> Authors:
    """Every person who is author, committer or pusher in verified evidence of the change."""
    if not changes:
        return Authors(problem="nobody can tell who the author is: there is no change evidence")
    if not all(change.facts["complete"] for change in changes):
        return Authors(problem="nobody can tell who the author is: the change evidence is not complete")
    logins = sorted({login for change in changes for login in _identities(change.facts)})
    if not logins:
        return Authors(problem="the change evidence names no author")
    return _known(logins, "author", trust)


def find_deployers(changes: Sequence[Document], trust: Trust) -> Authors:
    """Every person who pushed the change, or whom the evidence of it names as who deploys it."""
    if not changes:
        return Authors(problem="nobody can tell who deploys it: there is no change evidence")
    if not all(change.facts["complete"] for change in changes):
        return Authors(problem="nobody can tell who deploys it: the change evidence is not complete")
    named = {change.facts.get(name) for change in changes for name in ("pusher", "deployer")}
    logins = sorted(login for login in named if login is not None)
    if not logins:
        return Authors(problem="the change evidence names nobody who deploys it")
    return _known(logins, "deployer", trust)


def _known(logins: Sequence[str], what: str, trust: Trust) -> Authors:
    owner = {login: name for name, person in trust.people.items() for login in _known_as(person)}
    strangers = [login for login in logins if login not in owner]
    if strangers:
        return Authors(problem=f"the {what} {strangers[0]} is nobody in trust.toml", logins=tuple(logins))
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


def _result(ask: ApprovalAsk, name: str, wanted: int, seated: Sequence[str], hall: _Hall) -> Result:
    problems = [_veto(voice) for voice in hall.voices if _vetoes(voice, ask, hall)]
    if len(seated) < wanted:
        problems.append(_short(ask, wanted, seated, hall))
    return Result(
        id=name,
        title=f"Approved by {ask.words}" + (f", not {' or '.join(sorted(ask.excluded))}" if ask.excluded else ""),
        outcome="fail" if problems else "pass",
        violations=tuple(sorted(problems, key=lambda violation: violation.sort_key)),
    )


def _vetoes(voice: Voice, ask: ApprovalAsk, hall: _Hall) -> bool:
    """A no that stands by somebody who holds a role that the ask names anywhere, or as a veto."""
    return voice.vetoes(hall.at) and any(hall.has_role(voice, role) for role in ask.roles)


def _veto(voice: Voice) -> Violation:
    comment = f": {voice.approval.comment}" if voice.approval.comment else ""
    return Violation(
        message=f"{voice.person} rejects it{comment}",
        term=voice.person,
        remedy=f"settle it with {voice.person}, who can approve later",
    )


def _short(ask: ApprovalAsk, wanted: int, seated: Sequence[str], hall: _Hall) -> Violation:
    passed_over = [
        f"{voice.person} does not count: {hall.passed_over(ask, voice)}"
        for voice in hall.voices
        if voice.approves and voice.person not in seated
    ]
    counted = f"{len(seated)} of {wanted} approvals" + (f": {', '.join(seated)}" if seated else "")
    asked = [] if ask.role else [f"asked is {ask.words}"]
    unknown = hall.problems(ask)
    message = "; ".join([counted, *asked, *passed_over, *([] if passed_over else unknown)])
    who = f"a {ask.role} runs" if ask.role else f"people of {', '.join(sorted(ask.roles - set(ask.veto)))} run"
    return Violation(
        message=message,
        expected=wanted,
        actual=len(seated),
        remedy=f"{who} gatekeeper approve",
        waiting=not unknown,
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
    optional = {
        "comment": approval.comment,
        "decision": approval.decision,
        "without_baseline": list(approval.without_baseline),
    }
    return shown | {name: said for name, said in optional.items() if said}


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
