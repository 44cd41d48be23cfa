"""``[emergency]`` of ``gate.toml``: who may declare one, how long it lasts, and what it never breaks through."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from gatekeeper.algebra import result_ids as approval_ids
from gatekeeper.emergency import EmergencyTerms
from gatekeeper.load.table import suggestion
from gatekeeper.revert import REASON, TARGET

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gatekeeper.load.table import Table
    from gatekeeper.roster import Trust
    from gatekeeper.stage import Stage

MAX_EMERGENCY: Final = timedelta(hours=24)
"""Longest an emergency may last: what takes longer can be decided in the ordinary way."""


def emergency_terms(
    entry: Table, trust: Trust | None, stages: Mapping[str, Stage], rules: Collection[str]
) -> EmergencyTerms | None:
    """Read the table; None where there is none.

    Args:
        entry: The table.
        trust: Who has which role; None in a base that leaves that to whoever extends it.
        stages: The stages of the gate.
        rules: Ids of all rules there are; ``never`` may name one that no stage asks yet.

    Raises:
        ConfigError: A role that nobody has, a length that is missing or too long, a name in ``never`` that nothing has,
            or a trust that accepts no records, so that an earlier emergency could not be seen.
    """
    if not entry.values:
        return None
    role = entry.text("role")
    review = entry.text("review", role)
    longest, never = entry.duration("max"), entry.texts("never", ())
    entry.finish("role", "max", "never", "review")
    if trust is not None:
        _check_roles(entry, trust, role=role, review=review)
        _check_seen(entry, trust, stages)
    if longest is None or longest > MAX_EMERGENCY:
        raise entry.error("an emergency needs a maximum length of at most 24h", "max", hint='max = "4h"')
    _check_never(entry, never, stages, rules)
    return EmergencyTerms(role=role, max_length=longest, never=tuple(sorted(never)), review=review)


def _check_roles(entry: Table, trust: Trust, **named: str) -> None:
    for key, role in named.items():
        if role not in trust.roles:
            raise entry.error(f"nobody in trust.toml has the role {role!r}", key, hint=suggestion(role, trust.roles))


def _check_never(entry: Table, never: tuple[str, ...], stages: Mapping[str, Stage], rules: Collection[str]) -> None:
    known = {*rules, *(name for stage in stages.values() for name in result_ids(stage))}
    known |= {f"trail.{name}" for name in stages if any(stage.trail for stage in stages.values())}
    known |= {f"{name.partition('.')[0]}.*" for name in known}
    for name in never:
        if name not in known:
            raise entry.error(f"{name!r} is no rule or requirement here", "never", hint=suggestion(name, known))


def _check_seen(entry: Table, trust: Trust, stages: Mapping[str, Stage]) -> None:
    for name in stages:
        if not trust.accepted("decision", name):
            hint = '[accept] decision = ["gate"]'
            problem = f"records are accepted from nobody at {name}: an earlier emergency could not be seen"
            raise entry.error(problem, "role", hint=hint)


def result_ids(stage: Stage) -> tuple[str, ...]:
    """What the results of a stage can be called, beside ``slot.unknown``."""
    return (
        *(rule.id for rule in stage.rules),
        *(f"slot.{name}" for name in stage.slots),
        *([f"slot.{stage.baseline.name}"] if stage.baseline else []),
        *approval_ids(stage.approvals),
        *(freeze.result_id for freeze in stage.freezes),
        *([f"stage.{stage.after}"] if stage.after else []),
        *([REASON, TARGET] if stage.revert else []),
    )
