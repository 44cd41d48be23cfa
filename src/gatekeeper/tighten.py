"""Whether one gate asks at least what another one asks: every difference, and which way it goes.

The comparison walks the form that a gate's digest covers, so that nothing that changes a verdict is passed over. It is
closed by construction: a member that no line of the tables below knows is a loosening when it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import tighten_trust, tighten_words
from gatekeeper._json import canonical
from gatekeeper.policy import code_of
from gatekeeper.tighten_words import Change, apart, loosening, neutral, shown, tightening, unknown

if TYPE_CHECKING:
    from gatekeeper.policy import Rule
    from gatekeeper.stage import GateSpec, Slot, Stage

Place = tuple[str, ...]
Step = Callable[[Place, Any, Any], Iterator[Change]]
Steps = Mapping[str, Step]


def changes(old: GateSpec, new: GateSpec) -> tuple[Change, ...]:
    """Every difference between two gates, in the order of a gate's file.

    Args:
        old: The gate that was there, or the base.
        new: The gate that comes, or the project's.
    """
    found = [*_walk(_GATE, (), old.as_json(), new.as_json())]
    if not old.open_trust:
        found += tighten_trust.changes(old, new)
    for name in sorted({*old.stages, *new.stages}):
        found += _stage(("stages", name), old.stages.get(name), new.stages.get(name))
    return tuple(found)


def _walk(steps: Steps, place: Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """The changes of each member that differs; of one that no step knows it cannot be told which way it goes."""
    for name in sorted({*old, *new}):
        if not _same(old.get(name), new.get(name)):
            yield from steps.get(name, unknown)((*place, name), old.get(name), new.get(name))


def _same(old: Any, new: Any) -> bool:
    return canonical(old) == canonical(new)


def _stage(place: Place, old: Stage | None, new: Stage | None) -> Iterator[Change]:
    if old is None:
        yield neutral(place, f"the stage {place[-1]} is new")
    elif new is None:
        yield loosening(place, f"the stage {place[-1]} is gone")
    else:
        yield from _rules((*place, "rules"), old, new)
        yield from _parameters((*place, "parameters"), old, new)
        yield from _slots((*place, "evidence"), old, new)
        yield from _walk(_STAGE, place, old.as_json(), new.as_json())


# rules and their parameters


def _rules(place: Place, old: Stage, new: Stage) -> Iterator[Change]:
    before, now = _by_id(old), _by_id(new)
    for rule in sorted(before.keys() - now.keys()):
        yield loosening(place, f"{rule} is no longer asked")
    for rule in sorted(now.keys() - before.keys()):
        yield tightening(place, f"{rule} is asked too")
    for rule in sorted(before.keys() & now.keys()):
        yield from _rule((*place, rule), before[rule], now[rule])
    yield from _libraries(place, old, new)


def _by_id(stage: Stage) -> dict[str, Rule]:
    return {rule.id: rule for rule in stage.rules}


def _rule(place: Place, old: Rule, new: Rule) -> Iterator[Change]:
    yield from _walk(_RULE, place, *({**rule.as_json(), "text": code_of(rule.text)} for rule in (old, new)))


def _libraries(place: Place, old: Stage, new: Stage) -> Iterator[Change]:
    """The libraries of the packs that were asked before; those of further packs come with their rules."""
    before, now = old.rule_set.libraries, new.rule_set.libraries
    packs = {rule.pack for rule in old.rules}
    for path in sorted({*before, *now}):
        if path.partition("/")[0] in packs and code_of(before.get(path, "")) != code_of(now.get(path, "")):
            yield loosening(place, f"{path} has changed, and which way cannot be told")


def _parameters(place: Place, old: Stage, new: Stage) -> Iterator[Change]:
    rules = _by_id(old)
    for rule in sorted(old.parameters.keys() & new.parameters.keys() & rules.keys()):
        before, now = old.parameters[rule], new.parameters[rule]
        for name in sorted({*before, *now}):
            if not _same(before.get(name), now.get(name)):
                yield _parameter((*place, *rule.split("."), name), rules[rule], before.get(name), now.get(name))


def _parameter(place: Place, rule: Rule, old: Any, new: Any) -> Change:
    name = place[-1]
    parameter = rule.parameters.get(name)
    told = f"{name} of {rule.id} goes from {shown(old)} to {shown(new)}"
    if parameter is None or parameter.tighten is None:
        return loosening(place, f"{told}; the rule does not say which way is stricter")
    if tighten_words.is_stricter(parameter, old, new):
        return tightening(place, told)
    return loosening(place, f"{told}; {tighten_words.STRICTER[parameter.tighten]}")


# slots


def _slots(place: Place, old: Stage, new: Stage) -> Iterator[Change]:
    for name in sorted({*old.slots, *new.slots}):
        before, now = old.slots.get(name), new.slots.get(name)
        if before is None and now is not None:
            yield _new_slot((*place, name), now, old)
        elif before is not None and now is None:
            yield loosening((*place, name), f"the slot {name} is gone")
        elif before is not None and now is not None:
            yield from _walk(_SLOT, (*place, name), _beside(before, now), now.as_json())


def _beside(old: Slot, new: Slot) -> dict[str, Any]:
    """A slot as it is compared with another: by which times an age is judged says nothing where there is no limit."""
    return {**old.as_json(), "time": new.time if old.max_age is None else old.time}


def _new_slot(place: Place, slot: Slot, old: Stage) -> Change:
    """A slot more is stricter if what it lets in could have come before: else it feeds the old rules something new."""
    readers = sorted(rule.id for rule in old.rules if slot.kind in rule.facts)
    if not readers or any(_lets_in_no_more(slot, other) for other in old.slots.values()):
        return tightening(place, f"the slot {slot.name} is asked too")
    return loosening(
        place, f"the slot {slot.name} is new, and lets in {slot.kind} that {readers[0]} would not have been shown"
    )


def _lets_in_no_more(slot: Slot, other: Slot) -> bool:
    """Whether every document that fills one slot could have been shown to the rules by way of the other."""
    admits = [{**item, "shards": 1, "count": 1, "on_repeat": "all"} for item in (_beside(other, slot), slot.as_json())]
    return other.on_repeat == "all" and all(change.way == "tightening" for change in _walk(_SLOT, (), *admits))


# members, one step each


def _repository(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old:
        yield from unknown(place, old, new)
    else:
        yield neutral(place, f"the repository is {new}")


def _fewer(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if {*(new or ())} < {*(old or ())}:
        yield tightening(place, f"{place[-1]} are fewer: {shown(new)}")
    else:
        yield from unknown(place, old, new)


def _waivers(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old is None:
        yield loosening(place, f"rules can be waived, by the role {new['role']}")
    elif new is None:
        yield tightening(place, "nothing can be waived any more")
    else:
        yield from _walk({"max": _shorter, "max_count": _less, "max_per_rule": _less}, place, old, new)


def _emergency(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old is None:
        yield loosening(place, f"an emergency breaks through, declared by the role {new['role']}")
    elif new is None:
        yield tightening(place, "no emergency breaks through any more")
    else:
        yield from _walk({"max": _shorter, "never": _excludes}, place, old, new)


def _open_trust(place: Place, old: Any, _new: Any) -> Iterator[Change]:
    yield neutral(place, "the trust is named") if old else loosening(place, "nothing says whose word counts any more")


def _shorter(place: Place, old: Any, new: Any) -> Iterator[Change]:
    """A longest age or length; None is none at all."""
    told = f"{place[-1]}{_of(place)} goes from {shown(old)} to {shown(new)}"
    shorter = new is not None and (old is None or tighten_words.seconds(new) < tighten_words.seconds(old))
    yield tightening(place, told) if shorter else loosening(place, f"{told}; only less is stricter")


def _less(place: Place, old: Any, new: Any) -> Iterator[Change]:
    """A greatest number; None is none at all."""
    told = f"{place[-1]} goes from {shown(old)} to {shown(new)}"
    less = new is not None and (old is None or new < old)
    yield tightening(place, told) if less else loosening(place, f"{told}; only less is stricter")


def _more(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"{place[-1]}{_of(place)} goes from {shown(old)} to {shown(new)}"
    yield tightening(place, told) if new > old else loosening(place, f"{told}; only more is stricter")


def _time(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"time{_of(place)} goes from {shown(old)} to {shown(new)}"
    yield tightening(place, told) if new == "verified" else loosening(place, told)


def _of(place: Place) -> str:
    """Which slot or stage a member is of."""
    return f" of {place[-2]}" if len(place) > 1 else ""


def _after(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old is None:
        yield tightening(place, f"it comes after {new['stage']}")
    elif new is None or new["stage"] != old["stage"]:
        yield loosening(place, f"it no longer comes after {old['stage']}")
    elif new["unsigned"]:
        yield loosening(place, f"the allow of {new['stage']} may rest on unsigned evidence")
    else:
        yield tightening(place, f"the allow of {new['stage']} may no longer rest on unsigned evidence")


def _approvals(place: Place, old: Any, new: Any) -> Iterator[Change]:
    """Each approval that was asked finds one that asks at least as much; what is left over is asked too."""
    left = list(new)
    for ask in old:
        heir = next((one for one in left if _same(ask, one)), None) or next(
            (one for one in left if _asks_more(ask, one)), None
        )
        if heir is None:
            yield loosening(place, f"an approval is asked for no longer, or by less: {_ask_shown(ask)}")
            continue
        left.remove(heir)
        if not _same(ask, heir):
            yield tightening(place, f"an approval asks more: {_ask_shown(heir)}")
    for ask in left:
        yield tightening(place, f"an approval is asked for too: {_ask_shown(ask)}")


def _asks_more(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return all(change.way == "tightening" for change in _walk(_ASK, (), old, new))


def _excludes(place: Place, old: Any, new: Any) -> Iterator[Change]:
    """A list of what does not count, may say no or is never broken through: more is stricter."""
    if {*(new or ())} > {*(old or ())}:
        yield tightening(place, f"{place[-1]} is {shown(new)}")
    else:
        yield from unknown(place, old, new)


def _ask_shown(ask: Mapping[str, Any]) -> str:
    excluded = f", not {', '.join(ask['not'])}" if ask.get("not") else ""
    return f"{ask['count']} of role {ask['role']}{excluded}" if ask.get("role") else shown(ask)


def _freezes(place: Place, old: Any, new: Any) -> Iterator[Change]:
    before, now = ({freeze["name"]: freeze for freeze in freezes} for freezes in (old, new))
    for name in sorted(before.keys() - now.keys()):
        yield loosening(place, f"the freeze {name} is gone")
    for name in sorted(now.keys() - before.keys()):
        yield tightening(place, f"the freeze {name} is new")
    for name in sorted(before.keys() & now.keys()):
        yield from _walk(_FREEZE, place, before[name], now[name])


def _earlier(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"a freeze is from {new} instead of {old}"
    yield tightening(place, told) if new < old else loosening(place, told)


def _later(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"a freeze is until {new} instead of {old}"
    yield tightening(place, told) if new > old else loosening(place, told)


def _exception(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"the exception to a freeze is {shown(new or 'none')} instead of {shown(old or 'none')}"
    yield loosening(place, told) if new else tightening(place, told)


def _canary(place: Place, _old: Any, new: Any) -> Iterator[Change]:
    if new:
        yield neutral(place, "it is a canary, and says what comes next")
    else:
        yield loosening(place, "it is no canary any more, and asks for no way back")


def _trail(place: Place, _old: Any, new: Any) -> Iterator[Change]:
    if new:
        yield tightening(place, "the record of every earlier stage is asked")
    else:
        yield loosening(place, "the records of earlier stages are asked no longer")


def _baseline(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old is None:
        yield tightening(place, f"it is compared with what {new['stage']} allowed before")
    elif new is None:
        yield loosening(place, f"it is no longer compared with what {old['stage']} allowed before")
    else:
        yield from _walk(_COMPARED, place, old, new)


def _unsigned(place: Place, _old: Any, new: Any) -> Iterator[Change]:
    told = f"the baseline may {'' if new else 'not '}rest on unsigned evidence"
    yield loosening(place, told) if new else tightening(place, told)


def _without(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"{shown(new or 'nobody')} instead of {shown(old or 'nobody')} may approve a release without baseline"
    yield loosening(place, told) if new else tightening(place, told)


def _waivable(place: Place, _old: Any, new: Any) -> Iterator[Change]:
    told = f"{place[-2]} can{'' if new else 'not'} be waived"
    yield loosening(place, told) if new else tightening(place, told)


def _effective(place: Place, old: Any, new: Any) -> Iterator[Change]:
    told = f"{place[-2]} denies from {shown(new or 'now')} on instead of {shown(old or 'now')}"
    yield tightening(place, told) if new is None or (old and new < old) else loosening(place, told)


_GATE: Final[Steps] = {
    "name": lambda place, old, new: iter([neutral(place, f"it is called {new} instead of {old}")]),
    "repository": _repository,
    "engine_digests": _fewer,
    "waivers": _waivers,
    "emergency": _emergency,
    "open_trust": _open_trust,
    "bases": apart,
    "stages": apart,
    "trust": apart,
}
_STAGE: Final[Steps] = {
    "rules": apart,
    "rules_digest": apart,
    "terms": apart,
    "parameters": apart,
    "slots": apart,
    "after": _after,
    "approvals": _approvals,
    "freezes": _freezes,
    "valid_for": _shorter,
    "canary": _canary,
    "trail": _trail,
    "baseline": _baseline,
}
_COMPARED: Final[Steps] = {"max_age": _shorter, "unsigned": _unsigned, "without": _without}
_RULE: Final[Steps] = {
    **dict.fromkeys(("title", "description", "remedy", "severity", "controls"), apart),
    "waivable": _waivable,
    "effective_on": _effective,
}
_SLOT: Final[Steps] = {"shards": _more, "count": _more, "max_age": _shorter, "time": _time}
_ASK: Final[Steps] = {"count": _more, "not": _excludes, "veto": _excludes}
_FREEZE: Final[Steps] = {"from": _earlier, "until": _later, "exception": _exception}


def loosenings(found: Sequence[Change]) -> tuple[Change, ...]:
    """Those that a project may not make."""
    return tuple(change for change in found if change.way == "loosening")
