"""Can any of the people in the trust still approve a stage at a time, and if not, why.

Nobody has to have approved anything for that: everybody whose role and key count then is taken to say yes. Who the
author will be is not known, so it is also asked for each person in turn: what if it is they.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper import _time
from gatekeeper.algebra import ApprovalAsk, arrange, result_ids, shortage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gatekeeper.algebra import Seat
    from gatekeeper.roster import Person, Trust
    from gatekeeper.stage import GateSpec, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that keeps a stage from being approved, always or for some.

    Attributes:
        stage: The stage; empty for what the gate says of all of them.
        result: The id of the requirement that the finding is about; ``waivers`` or ``emergency`` for the gate's.
        is_error: Nobody can approve the stage; else only in the case that the message names.
        message: What is wrong and why.
    """

    stage: str
    result: str
    is_error: bool
    message: str


def unsatisfiable(gate: GateSpec, *, at: datetime) -> list[Finding]:
    """What keeps the stages of a gate from being approved by the people of its trust.

    Args:
        gate: The gate, with its trust.
        at: The instant at which roles and keys are judged.
    """
    if gate.open_trust:  # who there is, is for the projects that stand on this gate
        return []
    return [
        *(finding for stage in gate.stages.values() for finding in _of_stage(stage, gate.trust, at)),
        *(finding for stage in gate.stages.values() for finding in _of_freezes(stage, gate.trust, at)),
        *_of_the_gate(gate, at),
    ]


def _of_stage(stage: Stage, trust: Trust, at: datetime) -> Iterator[Finding]:
    if not stage.approvals:
        return
    asks, name = stage.approvals, result_ids(stage.approvals)[0]
    problem = problem_at(asks, trust, at)
    if problem:
        yield Finding(stage=stage.name, result=name, is_error=True, message=problem)
        return
    what = " or ".join(sorted({who for ask in asks for who in ask.excluded}))
    for person in sorted(trust.people) if what else ():
        problem = problem_at(asks, trust, at, without=person)
        if problem:
            message = f"where {person} is the {what}: {problem}"
            yield Finding(stage=stage.name, result=name, is_error=False, message=message)
    yield from _later(stage, trust, at, name)


def _of_freezes(stage: Stage, trust: Trust, at: datetime) -> Iterator[Finding]:
    for freeze in stage.freezes:
        problem = problem_at([ApprovalAsk(role=freeze.exception)], trust, at) if freeze.exception else ""
        if problem:
            message = f"nobody can except from the freeze {freeze.name}: {problem}"
            yield Finding(stage=stage.name, result=freeze.result_id, is_error=False, message=message)


def _of_the_gate(gate: GateSpec, at: datetime) -> Iterator[Finding]:
    """Waivers that nobody can approve, emergencies that nobody can declare, or review after whoever declared them."""
    if gate.waivers:
        problem = problem_at([ApprovalAsk(role=gate.waivers.role)], gate.trust, at)
        if problem:
            message = f"nobody can approve a waiver: {problem}"
            yield Finding(stage="", result="waivers", is_error=False, message=message)
    if gate.emergency:
        declares, reviews = (ApprovalAsk(role=role) for role in (gate.emergency.role, gate.emergency.review))
        alone = problem_at([declares], gate.trust, at)
        both = problem_at([declares, reviews], gate.trust, at)
        what = "nobody can declare an emergency" if alone else "nobody can review an emergency but who declared it"
        if alone or both:
            yield Finding(stage="", result="emergency", is_error=False, message=f"{what}: {alone or both}")


def _later(stage: Stage, trust: Trust, at: datetime, name: str) -> Iterator[Finding]:
    """The first instant at which roles and keys that end leave too few."""
    for instant in sorted({edge for edge in _ends(trust) if edge > at}):
        problem = problem_at(stage.approvals, trust, instant)
        if problem:
            message = f"from {_time.format_instant(instant)} on: {problem}"
            yield Finding(stage=stage.name, result=name, is_error=False, message=message)
            return


def _ends(trust: Trust) -> Iterator[datetime]:
    for person in trust.people.values():
        periods = [*(period for _, period in person.roles), *(key.period for key in person.keys)]
        yield from (period.end for period in periods if period.end is not None)


def problem_at(asks: Sequence[ApprovalAsk], trust: Trust, at: datetime, *, without: str = "") -> str:
    """Why nobody can approve all of some asks at an instant; empty when somebody can.

    Args:
        asks: What a stage asks.
        trust: Who is who.
        at: The instant.
        without: A person who is taken for everybody whom an ask excludes; empty for nobody.
    """

    def able(ask: ApprovalAsk) -> list[str]:
        held = (name for name, person in trust.people.items() if _can_sign(person, ask.role, at))
        return sorted(name for name in held if name != without or not ask.exclude)

    found = arrange(asks, able)
    return _said(*shortage(found.seats, able), trust, at) if found.missing else ""


def _can_sign(person: Person, role: str, at: datetime) -> bool:
    return person.has_role(role, at) and any(key.period.covers(at) for key in person.keys)


def _said(seats: Sequence[Seat], people: Sequence[str], trust: Trust, at: datetime) -> str:
    wanted = Counter(seat.serves.role for seat in seats)
    listed = " and ".join(f"{count} of role {role}" for role, count in sorted(wanted.items()))
    left = f"there is only {', '.join(people)}" if people else "there is nobody"
    gone = (why for role in sorted(wanted) for why in _gone(role, trust, at))
    return "; ".join([f"{listed} needed, and {left}", *gone])


def _gone(role: str, trust: Trust, at: datetime) -> Iterator[str]:
    """Those who have a role at some time, and cannot sign in it now."""
    for name, person in sorted(trust.people.items()):
        periods = [period for held, period in person.roles if held == role]
        if not periods or _can_sign(person, role, at):
            continue
        ends = sorted(period.end for period in periods if period.end is not None and period.end <= at)
        starts = sorted(period.start for period in periods if period.start is not None and period.start > at)
        if person.has_role(role, at):
            yield f"{name} has no key that counts then"
        elif starts:
            yield f"{name} is {role} from {_time.format_instant(starts[0])} on only"
        elif ends:
            yield f"{name} was {role} until {_time.format_instant(ends[-1])}"
