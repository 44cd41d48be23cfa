"""Break-glass: what a declared emergency opens, what it never opens, and until when.

Nothing of it rests on the command line. It says only that the emergency is to be used; a person of the role has to have
signed it, for this subject, stage and gate, and the time it lasts counts from that signature.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.emergency import Emergency
from gatekeeper.revert import REASON, TARGET
from gatekeeper.signatures import CLOCK_SKEW
from gatekeeper.verified import Earlier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from gatekeeper.decision import Result
    from gatekeeper.emergency import EmergencyTerms
    from gatekeeper.stage import GateSpec, Stage
    from gatekeeper.verified import Verdict, Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Results after an emergency.

    Attributes:
        results: The same results; those that are broken through name the statement that does it.
        emergency: What became of it, as the decision shows it; None where none was asked for.
        lapses: When it ends, where it is used.
    """

    results: tuple[Result, ...]
    emergency: dict[str, Any] | None = None
    lapses: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Call:
    """One signed emergency."""

    said: Emergency
    verdict: Verdict

    @property
    def digest(self) -> str:
        return self.verdict.item.digest


def break_glass(
    gate: GateSpec, stage: Stage, results: Sequence[Result], verified: Verified, *, asked: str, at: datetime
) -> Broken:
    """Open what an emergency may open, if with that nothing is left closed; else nothing at all.

    Args:
        gate: Whose ``[emergency]`` applies.
        stage: The stage.
        results: After waivers.
        verified: The evidence, with the statements of people.
        asked: The reason the caller gives; empty where no emergency is asked for.
        at: The instant.
    """
    plain = Broken(results=tuple(results))
    if not asked:
        return plain
    closed = [result for result in results if not result.is_open]
    if not closed:
        return replace(plain, emergency={"asked": asked, "status": "unneeded"})
    call, end, problem = _declared(gate, stage, verified, at)
    problem = problem or "; ".join(_barred(gate.emergency, stage, closed))
    if call is None or end is None or problem:
        return replace(plain, emergency={"asked": asked, "status": "refused", "why": problem})
    through = {result.id for result in closed}
    return Broken(
        results=tuple(replace(result, emergency=call.digest) if result.id in through else result for result in results),
        emergency=_shown(call, end, asked, sorted(through)),
        lapses=tuple(_lapses(call, end, gate)),
    )


def _declared(
    gate: GateSpec, stage: Stage, verified: Verified, at: datetime
) -> tuple[_Call | None, datetime | None, str]:
    """The emergency that counts and its end, or why none does."""
    terms = gate.emergency
    if terms is None:
        return None, None, "the gate declares no [emergency]"
    calls = [
        _Call(verdict.content, verdict)
        for verdict in verified.believed(Emergency)
        if isinstance(verdict.content, Emergency)
    ]
    if not calls:
        return None, None, f"nobody has signed it: a {terms.role} runs gatekeeper approve --emergency"
    entitled = [call for call in calls if _signers(call, gate, at)]
    first = _first(entitled, gate, stage, verified)
    problems = {call.digest: _unsound(call, gate, at, first) for call in calls}
    sound = [call for call in entitled if not problems[call.digest]]
    if first is None or not sound:
        return None, None, "; ".join(sorted(set(problems.values())))
    call = max(sound, key=lambda one: (one.said.expires, one.digest))
    return call, min(call.said.expires, first + terms.max_length), ""


def _first(calls: Iterable[_Call], gate: GateSpec, stage: Stage, verified: Verified) -> datetime | None:
    """When the first emergency about this subject and stage was declared, as far as the evidence knows.

    The time counts from there, so that another signature does not prolong it.
    """
    records = [verdict.content for verdict in verified.believed(Earlier)]
    earlier = [
        said.emergency_since
        for said in records
        if isinstance(said, Earlier) and said.emergency_since and (said.gate, said.stage) == (gate.name, stage.name)
    ]
    return min([*(call.said.issued_at for call in calls), *earlier], default=None)


def _signers(call: _Call, gate: GateSpec, at: datetime) -> list[str]:
    role = gate.emergency.role if gate.emergency else ""
    return [name for name in call.verdict.people if gate.trust.people[name].has_role(role, at)]


def _unsound(call: _Call, gate: GateSpec, at: datetime, first: datetime | None) -> str:
    """Why an emergency does not count; empty when it does."""
    terms, said = gate.emergency, call.said
    assert terms is not None  # noqa: S101 - told to the type checker; without terms nothing is looked at
    names, longest = ", ".join(call.verdict.people), _time.format_duration(terms.max_length)
    since = first or said.issued_at
    over = f"one was declared at {_time.format_instant(since)}, and {longest} are over"
    checks = (
        (not _signers(call, gate, at), f"{names} may not declare an emergency: no {terms.role} at this time"),
        (said.issued_at > at + CLOCK_SKEW, f"it is issued at {_time.format_instant(said.issued_at)}, in the future"),
        (said.expires - said.issued_at > terms.max_length, f"it lasts longer than {longest}"),
        (said.expires <= at, f"it ended at {_time.format_instant(said.expires)}"),
        (since + terms.max_length <= at, f"{over}: staying out there takes an ordinary decision"),
    )
    return next((message for wrong, message in checks if wrong), "")


def _barred(terms: EmergencyTerms | None, stage: Stage, closed: Sequence[Result]) -> Iterator[str]:
    """Why a closed result stays closed in any emergency.

    A rule may be broken through whatever it says, unless the gate never lets it. A requirement only where something has
    not arrived yet: what is here and wrong (a rejected attestation, somebody's no, a deny of the stage before) stays.
    What a rollback asks for stays too: an emergency would bring back what was never released.
    """
    rules = {rule.id for rule in stage.rules}
    for result in closed:
        if terms is None or terms.spares(result.id):
            yield f"{result.id} is never broken through in this gate"
        elif result.id in {REASON, TARGET}:
            yield f"{result.id} is never broken through: what comes back was released, and its return is asked for"
        elif result.id not in rules and not result.is_waiting:
            yield f"{result.id} cannot be broken through: something is wrong, not only missing"


def _lapses(call: _Call, end: datetime, gate: GateSpec) -> Iterator[tuple[datetime, str]]:
    names = ", ".join(call.verdict.people)
    yield end, f"the emergency that {names} declared ends"
    for instant in call.verdict.lapses:
        yield instant, f"a key of {names}, who declared the emergency, ends"
    for name in call.verdict.people:
        for role, period in gate.trust.people[name].roles:
            if gate.emergency and role == gate.emergency.role and period.end is not None:
                yield period.end, f"a role of {name}, who declared the emergency, ends"


def _shown(call: _Call, end: datetime, asked: str, through: list[str]) -> dict[str, Any]:
    return {
        "asked": asked,
        "status": "used",
        "reason": call.said.reason,
        "by": list(call.verdict.people),
        "digest": call.digest,
        "declared_at": _time.format_instant(call.said.issued_at),
        "ends": _time.format_instant(end),
        "through": through,
    }
