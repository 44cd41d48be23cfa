"""Waivers: which violations stand, which are waived, and which waivers do not count and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.approval import Waiver
from gatekeeper.signatures import CLOCK_SKEW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.decision import Result, Violation
    from gatekeeper.stage import GateSpec, Stage
    from gatekeeper.verified import Verdict, Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Results after waivers.

    Attributes:
        results: The same results, what is waived set apart.
        waivers: Each waiver seen, with its ``status`` and ``why``.
        lapses: When a waiver that is used expires, or a key or role that it rests on ends.
    """

    results: tuple[Result, ...]
    waivers: tuple[dict[str, Any], ...]
    lapses: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class _Ticket:
    waiver: Waiver
    verdict: Verdict

    @property
    def digest(self) -> str:
        return self.verdict.item.digest


def settle(gate: GateSpec, stage: Stage, results: Sequence[Result], verified: Verified, *, at: datetime) -> Settled:
    """Set aside the violations that a waiver covers; only what a rule *fails* can be waived."""
    by_id = {result.id: result for result in results}
    tickets = [
        _Ticket(verdict.content, verdict)
        for verdict in verified.believed(Waiver)
        if isinstance(verdict.content, Waiver)
    ]
    problems = {ticket.digest: _problem(ticket, gate, stage, by_id, at) for ticket in tickets}
    for too_many in (_too_many_of_a_rule, _too_many):
        sound = [ticket for ticket in tickets if not problems[ticket.digest]]
        problems |= too_many(gate, [_apply(result, _about(result, sound)) for result in results])
    sound = [ticket for ticket in tickets if not problems[ticket.digest]]
    settled = tuple(_apply(result, _about(result, sound)) for result in results)
    used = {digest for result in settled for digest in result.waiver}
    return Settled(
        results=settled,
        waivers=tuple(_shown(ticket, problems[ticket.digest], ticket.digest in used) for ticket in tickets),
        lapses=tuple(lapse for ticket in sound if ticket.digest in used for lapse in _lapses(ticket, gate)),
    )


def _lapses(ticket: _Ticket, gate: GateSpec) -> Iterator[tuple[datetime, str]]:
    what = f"the waiver {ticket.waiver.ticket} of {ticket.waiver.rule}"
    yield ticket.waiver.expires, f"{what} expires"
    for end in ticket.verdict.lapses:
        yield end, f"a key behind {what} ends"
    for name in ticket.verdict.people:
        for role, period in gate.trust.people[name].roles:
            if gate.waivers and role == gate.waivers.role and period.end is not None:
                yield period.end, f"a role of {name}, behind {what}, ends"


def _about(result: Result, tickets: Sequence[_Ticket]) -> list[_Ticket]:
    return [ticket for ticket in tickets if ticket.waiver.rule == result.id]


def _apply(result: Result, tickets: Sequence[_Ticket]) -> Result:
    if result.outcome != "fail" or not tickets:
        return result
    waived = tuple(violation for violation in result.violations if _covering(violation, tickets))
    if not waived:
        return result
    standing = tuple(violation for violation in result.violations if violation not in waived)
    digests = sorted({digest for violation in waived for digest in _covering(violation, tickets)})
    return replace(
        result, outcome="fail" if standing else "waived", violations=standing, waived=waived, waiver=tuple(digests)
    )


def _covering(violation: Violation, tickets: Sequence[_Ticket]) -> list[str]:
    return [ticket.digest for ticket in tickets if ticket.waiver.covers(violation.term)]


def _too_many_of_a_rule(gate: GateSpec, results: Sequence[Result]) -> dict[str, str]:
    """The waivers of rules of which more is waived than the gate lets, and why they do not count.

    Violations are counted, not signatures: one waiver of fifty terms is no less than fifty. None of them counts then,
    since which of them should is nothing that anybody has signed.
    """
    limit = gate.waivers.max_per_rule if gate.waivers else None
    over = [result for result in results if _exceeds(len(result.waived), limit)]
    return {
        digest: f"with it {len(result.waived)} violations of {result.id} are waived, {limit} may be"
        for result in over
        for digest in result.waiver
    }


def _exceeds(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit


def _too_many(gate: GateSpec, results: Sequence[Result]) -> dict[str, str]:
    """All waivers that are used, where more is waived in the decision than the gate lets."""
    limit, count = gate.waivers.max_count if gate.waivers else None, sum(len(result.waived) for result in results)
    if not _exceeds(count, limit):
        return {}
    problem = f"with it {count} violations are waived in this decision, {limit} may be"
    return {digest: problem for result in results for digest in result.waiver}


def _problem(ticket: _Ticket, gate: GateSpec, stage: Stage, results: Mapping[str, Result], at: datetime) -> str:
    """Why a waiver does not count; empty when it does."""
    return next(
        iter((*_of_people(ticket, gate, at), *_of_time(ticket.waiver, gate, at), *_of_scope(ticket, stage, results))),
        "",
    )


def _of_people(ticket: _Ticket, gate: GateSpec, at: datetime) -> Iterator[str]:
    if gate.waivers is None:
        yield "the gate names nobody who may approve waivers ([waivers] role)"
        return
    requester, signers = ticket.waiver.requester, set(ticket.verdict.people)
    if requester not in signers:
        yield f"{requester}, who asks for it, has not signed it"
    others = sorted(signers - {requester})
    if not others:
        yield f"only {requester}, who asks for it, has signed it"
    elif not any(gate.trust.people[name].has_role(gate.waivers.role, at) for name in others):
        yield f"{', '.join(others)} may not approve waivers: no {gate.waivers.role} at this time"


def _of_time(waiver: Waiver, gate: GateSpec, at: datetime) -> Iterator[str]:
    if waiver.expires <= at:
        yield f"it expired at {_time.format_instant(waiver.expires)}"
    if waiver.issued_at > at + CLOCK_SKEW:
        yield f"it is issued at {_time.format_instant(waiver.issued_at)}, in the future"
    longest = gate.waivers.max_length if gate.waivers else None
    if longest is not None and waiver.expires - waiver.issued_at > longest:
        yield f"it lasts longer than {_time.format_duration(longest)}"


def _of_scope(ticket: _Ticket, stage: Stage, results: Mapping[str, Result]) -> Iterator[str]:
    waiver = ticket.waiver
    rule = next((rule for rule in stage.rules if rule.id == waiver.rule), None)
    if rule is None:
        yield f"{waiver.rule} is no rule of this stage; requirements cannot be waived"
        return
    result = results[waiver.rule]
    if not rule.waivable:
        yield f"{waiver.rule} cannot be waived"
    if result.outcome == "unanswered":
        yield f"{waiver.rule} is unanswered, and only what a rule fails can be waived"
    if not waiver.terms and any(violation.term for violation in result.violations):
        yield "it names no term where the rule has some: over-broad"
    if any(not term.strip() or "*" in term for term in waiver.terms):
        yield "a term is empty or a pattern: over-broad"


def _shown(ticket: _Ticket, problem: str, used: bool) -> dict[str, Any]:  # noqa: FBT001 - private, named at its one call
    waiver = ticket.waiver
    status = _status(problem) if problem else "used" if used else "unused"
    return {
        "digest": ticket.digest,
        "status": status,
        "rule": waiver.rule,
        "terms": list(waiver.terms),
        "reason": waiver.reason,
        "ticket": waiver.ticket,
        "requester": waiver.requester,
        "approved_by": sorted(set(ticket.verdict.people) - {waiver.requester}),
        "expires": _time.format_instant(waiver.expires),
    } | ({"why": problem} if problem else {})


def _status(problem: str) -> str:
    """What is wrong with a waiver, in a word that auditors count."""
    words = {"expired": "it expired", "over-broad": "over-broad", "self-approved": "who asks for it, has signed it"}
    return next((word for word, sign in words.items() if sign in problem), "rejected")
