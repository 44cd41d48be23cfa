"""Read a decision back from its JSON: the exact inverse of :meth:`gatekeeper.decision.Decision.as_json`.

What is read is built into a value, written again and compared: a member that is unknown, missing, in another form or
at odds with the rest (an ``outcome`` that the results do not give) is a difference, and a difference is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from gatekeeper import _json, _time
from gatekeeper.decision import Decision, Item, Outcome, Result, Status, Violation
from gatekeeper.emergency import check_shown
from gatekeeper.errors import MalformedError
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

T = TypeVar("T")

_OUTCOMES: Final = get_args(Outcome)
_STATUSES: Final = get_args(Status)
_MISSING: Final[Any] = object()
_SCALARS: Final = (str, int, float, bool)


def read_decision(value: Any, *, where: str = "$") -> Decision:
    """Build a decision from its JSON object, as strictly as it was written.

    Args:
        value: Parsed JSON, by :func:`gatekeeper._json.parse`.
        where: What to call its place in errors.

    Raises:
        MalformedError: It is not exactly what a decision writes; ``where`` has the first place that differs.
    """
    decision = _decision(value, where)
    _check_emergency(decision, f"{where}.emergency")
    for place, problem in _differences(value, decision.as_json(), where):
        raise MalformedError(problem, where=place, code="decision.difference")
    return decision


def _decision(value: Any, where: str) -> Decision:
    gate = _object(value, "gate", where)
    evidence = _object(value, "evidence", where)
    results = tuple(_result(item, place) for place, item in _list(value, "results", where))
    _check_order(results, where)
    return Decision(
        subject=_subject(_object(value, "subject", where), f"{where}.subject"),
        stage=_name(value, "stage", where),
        at=_instant(value, "at", where),
        gate_name=_name(gate, "name", f"{where}.gate"),
        gate_digest=_digest(gate, "digest", f"{where}.gate"),
        trust=_digest(value, "trust", where),
        rules_digest=_digest(value, "rules_digest", where),
        engine=_name(value, "engine", where),
        evidence_digest=_digest(evidence, "digest", f"{where}.evidence"),
        items=tuple(_item(item, place) for place, item in _list(evidence, "items", f"{where}.evidence")),
        results=results,
        waivers=tuple(_member(item, place, dict) for place, item in _list(value, "waivers", where)),
        approvals=tuple(_member(item, place, dict) for place, item in _list(value, "approvals", where)),
        lapses=_lapses(value, where),
        rests_on_unsigned=_get(value, "rests_on_unsigned", where, bool),
        emergency=_get(value, "emergency", where, dict, default=None),
        after=_after(value, where),
        trail=tuple(_member(item, place, dict) for place, item in _list(value, "trail", where, [])),
        baseline=_get(value, "baseline", where, dict, default=None),
        links=tuple(_member(item, place, dict) for place, item in _list(value, "links", where, [])),
        canary="next" in value,
        gate_base=_digest(gate, "base", f"{where}.gate") if gate.get("base") is not None else None,
    )


def _after(value: Any, where: str) -> dict[str, str] | None:
    if "after" not in value:
        return None
    after, place = _object(value, "after", where), f"{where}.after"
    return {"stage": _name(after, "stage", place), "decision": _digest(after, "decision", place)}


def _result(value: Any, where: str) -> Result:
    result = Result(
        id=_name(value, "id", where),
        title=_get(value, "title", where, str),
        outcome=_one_of(value, "outcome", where, _OUTCOMES),
        description=_get(value, "description", where, str, default=""),
        violations=_violations(value, "violations", where),
        warnings=_violations(value, "warnings", where, default=[]),
        waived=_violations(value, "waived", where, default=[]),
        waiver=_texts(value, "waiver", where),
        severity=_get(value, "severity", where, str, default=""),
        controls=_texts(value, "controls", where),
        effective_on=_get(value, "effective_on", where, str, default=""),
        emergency=_digest(value, "emergency", where) if "emergency" in value else "",
        on_fail=_one_of(value, "on_fail", where, ("roll_back",)) if "on_fail" in value else "",
    )
    problem = _incoherence(result)
    if problem:
        raise MalformedError(problem, where=f"{where}.outcome", code="decision.incoherent")
    return result


def _incoherence(result: Result) -> str:
    """An outcome that its own violations contradict, in words; empty when they agree."""
    if result.emergency and result.outcome not in {"fail", "unanswered"}:
        return "an emergency breaks through what is open"
    if result.outcome == "pass" and (result.violations or result.waived):
        return "a pass with violations"
    if result.outcome == "waived" and (result.violations or not result.waived or not result.waiver):
        return "waived, and not all of it by a waiver"
    if result.outcome in {"fail", "unanswered"} and not result.violations:
        return f"{result.outcome} without a violation"
    return ""


def _check_emergency(decision: Decision, where: str) -> None:
    if decision.emergency is not None:
        check_shown(decision.emergency, where=where)
    problem = _emergency_problem(decision)
    if problem:
        raise MalformedError(problem, where=where, code="decision.incoherent")


def _emergency_problem(decision: Decision) -> str:
    """Where results and the emergency that is said to break through them disagree; empty when they agree."""
    said = decision.emergency or {}
    used = said.get("status") == "used"
    if not used:
        return "results are broken through by an emergency that is not used" if decision.broken else ""
    if any(result.emergency not in {"", said.get("digest")} for result in decision.results):
        return "results are broken through by another emergency"
    if said.get("through") != list(decision.broken) or not decision.broken:
        return "it does not break through what it says"
    return ""


def _check_order(results: tuple[Result, ...], where: str) -> None:
    ids = [result.id for result in results]
    if not ids:
        raise MalformedError("no result: nothing was asked", where=f"{where}.results", code="decision.empty")
    if ids != sorted(set(ids)):
        raise MalformedError("not sorted by id, each once", where=f"{where}.results", code="decision.order")


def _violations(value: Any, name: str, where: str, *, default: Any = _MISSING) -> tuple[Violation, ...]:
    return tuple(_violation(item, place) for place, item in _list(value, name, where, default))


def _violation(value: Any, where: str) -> Violation:
    return Violation(
        message=_name(value, "message", where),
        term=_get(value, "term", where, str, default=""),
        source=_get(value, "source", where, dict, default=None),
        locator=_get(value, "locator", where, str, default=""),
        expected=_get(value, "expected", where, _SCALARS, default=None),
        actual=_get(value, "actual", where, _SCALARS, default=None),
        unit=_get(value, "unit", where, str, default=""),
        remedy=_get(value, "remedy", where, str, default=""),
        waiting=_get(value, "waiting", where, bool, default=False),
    )


def _item(value: Any, where: str) -> Item:
    return Item(
        digest=_digest(value, "digest", where),
        kind=_get(value, "kind", where, str),
        slot=_get(value, "slot", where, str),
        status=_one_of(value, "status", where, _STATUSES),
        reason=_get(value, "reason", where, str, default=""),
        signers=_texts(value, "signers", where),
        read_by=_get(value, "read_by", where, str, default=""),
        name=_get(value, "name", where, str, default=""),
    )


def _subject(value: dict[str, Any], where: str) -> Subject:
    digests = _object(value, "digest", where)
    try:
        return Subject.of(_get(value, "name", where, str), digests)
    except MalformedError as problem:
        raise MalformedError(
            problem.message, where=f"{where}.digest", hint=problem.hint, code=problem.code
        ) from problem


def _lapses(value: Any, where: str) -> tuple[tuple[datetime, str], ...]:
    lapses = tuple(
        (_instant(item, "at", place), _name(item, "reason", place)) for place, item in _list(value, "lapses", where)
    )
    if not lapses:
        raise MalformedError(
            "nothing ends it: no decision is for ever", where=f"{where}.lapses", code="decision.lapses"
        )
    return lapses


def _get(value: Any, name: str, where: str, kind: type[T] | tuple[type[T], ...], *, default: Any = _MISSING) -> T:
    member = _member(value, where, dict).get(name, default)
    if member is _MISSING:
        raise MalformedError("absent", where=f"{where}.{name}", code="decision.absent")
    return member if member is default else _member(member, f"{where}.{name}", kind)


def _member(value: Any, where: str, kind: type[T] | tuple[type[T], ...]) -> T:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds):
        wanted = {dict: "an object", list: "a list", str: "text", bool: "true or false"}.get(kinds[0], "a scalar")
        raise MalformedError(f"not {wanted}", where=where, code="decision.type")
    return value


def _object(value: Any, name: str, where: str) -> dict[str, Any]:
    return _get(value, name, where, dict)


def _list(value: Any, name: str, where: str, default: Any = _MISSING) -> Iterator[tuple[str, Any]]:
    for index, item in enumerate(_get(value, name, where, list, default=default)):
        yield f"{where}.{name}[{index}]", item


def _texts(value: Any, name: str, where: str) -> tuple[str, ...]:
    return tuple(_member(item, place, str) for place, item in _list(value, name, where, []))


def _name(value: Any, name: str, where: str) -> str:
    text: str = _get(value, name, where, str)
    if not text:
        raise MalformedError("empty", where=f"{where}.{name}", code="decision.empty")
    return text


def _one_of(value: Any, name: str, where: str, allowed: tuple[T, ...]) -> T:
    text: Any = _get(value, name, where, str)
    if text not in allowed:
        raise MalformedError(
            f"{text!r} is none of {', '.join(map(str, allowed))}", where=f"{where}.{name}", code="decision.value"
        )
    return allowed[allowed.index(text)]


def _instant(value: Any, name: str, where: str) -> datetime:
    return _time.parse_instant(_get(value, name, where, str), where=f"{where}.{name}")


def _digest(value: Any, name: str, where: str) -> str:
    return _json.check_digest(_get(value, name, where, str), where=f"{where}.{name}")


def _differences(got: Any, wanted: Any, where: str) -> Iterator[tuple[str, str]]:
    """Where JSON that was read is not what the value it was read into writes, and how."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        for name in sorted(got.keys() - wanted.keys()):
            yield f"{where}.{name}", "not known here, or empty, which is written by leaving it out"
        for name in sorted(wanted.keys() - got.keys()):
            yield f"{where}.{name}", "absent"
        for name in sorted(got.keys() & wanted.keys()):
            yield from _differences(got[name], wanted[name], f"{where}.{name}")
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for index, pair in enumerate(zip(got, wanted, strict=True)):
            yield from _differences(*pair, f"{where}[{index}]")
    elif type(got) is not type(wanted) or got != wanted:
        yield where, f"says {_shown(got)}, the rest of it gives {_shown(wanted)}"


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, str) else _json.canonical(value).decode()
    return text if len(text) <= 80 else f"{text[:80]}..."  # noqa: PLR2004 - enough to recognise it in a message
