"""Whether one trust believes nobody whom another does not believe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper._json import canonical
from gatekeeper.roster import SUBJECT_REPOSITORY
from gatekeeper.tighten_words import Change, loosening, tightening, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.stage import GateSpec


def changes(old: GateSpec, new: GateSpec) -> Iterator[Change]:
    """Every difference between the trusts of two gates; places begin with ``trust``."""
    before, now = old.trust.as_json(), new.trust.as_json()
    filled = {name: _filled(signer, old, new) for name, signer in before["signers"].items()}
    yield from _holders("signers", filled, now["signers"])
    yield from _holders("people", before["people"], now["people"])
    for name in sorted({*before, *now} - {"signers", "people", "accept", "stages"}):
        if before.get(name) != now.get(name):
            yield from unknown(("trust", name), before.get(name), now.get(name))
    yield from _accept(old, new)


def _filled(signer: Mapping[str, Any], old: GateSpec, new: GateSpec) -> Mapping[str, Any]:
    """A signer of a base once the project has named its repository, which the deploy side compares."""
    is_open = not old.repository and new.repository and signer.get("repository") == SUBJECT_REPOSITORY
    return {**signer, "repository": new.repository} if is_open else signer


def _holders(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted({*before, *now}):
        place = ("trust", what, name)
        if name not in before:
            yield loosening(place, f"{name} is new among the {what}")
        elif name not in now:
            # a person who is gone says no any more, and is no author that anybody knows
            change = tightening if what == "signers" else loosening
            yield change(place, f"{name} is gone from the {what}")
        elif canonical(before[name]) != canonical(now[name]):
            yield loosening(place, f"{name} among the {what} has other keys, roles, dates or names")


def _accept(old: GateSpec, new: GateSpec) -> Iterator[Change]:
    """Whose word counts: in general, and for each stage that has a line of its own."""
    lines = [trust.accept for trust in (old.trust, new.trust)]
    for kind in sorted({*lines[0], *lines[1]}):
        before, now = (frozenset(line.get(kind, ())) for line in lines)
        yield from _believed(("trust", "accept", kind), kind, before, now)
    for stage in sorted({*old.trust.stage_accept, *new.trust.stage_accept}):
        own = [trust.stage_accept.get(stage, {}) for trust in (old.trust, new.trust)]
        for kind in sorted({*own[0], *own[1]}):
            before, now = (trust.accepted(kind, stage) for trust in (old.trust, new.trust))
            yield from _believed(("trust", "stages", stage, "accept", kind), f"{kind} in {stage}", before, now)


def _believed(place: tuple[str, ...], what: str, before: frozenset[str], now: frozenset[str]) -> Iterator[Change]:
    if now - before:
        yield loosening(place, f"{what} is accepted from {', '.join(sorted(now - before))} too")
    if before - now:
        yield tightening(place, f"{what} is no longer accepted from {', '.join(sorted(before - now))}")
