"""``revert`` of a stage: when an earlier release may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.load.table import suggestion
from gatekeeper.reversal import RevertAsk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from gatekeeper.load.table import Table
    from gatekeeper.roster import Trust
    from gatekeeper.stage import Stage

_DIGEST: Final = "sha256:"


def read_revert(entry: Table, names: set[str]) -> RevertAsk | None:
    """Read the table; None for a stage that does not roll back.

    Args:
        entry: The stage.
        names: All stages of the gate.

    Raises:
        ConfigError: It names no stage, or says not for how long.
    """
    if not entry.has("revert"):
        return None
    table = entry.table("revert")
    ask = RevertAsk(
        when=_stage(table, "when", names),
        to=_stage(table, "to", names),
        max_age=_length(table, "max_age", '"24h"'),
        within=_length(table, "within", '"90d"'),
        role=table.text("role", ""),
        gates=table.texts("gates", ()),
    )
    table.finish("when", "to", "max_age", "within", "role", "gates")
    for digest in ask.gates:
        if not digest.startswith(_DIGEST):
            raise table.error(f"{digest!r} is no digest of a gate", "gates", hint='gates = ["sha256:..."]')
    return ask


def _stage(table: Table, key: str, names: set[str]) -> str:
    name = table.text(key)
    if name not in names:
        raise table.error(f"{key} names {name!r}, which is no stage", key, hint=suggestion(name, names))
    return name


def _length(table: Table, key: str, example: str) -> timedelta:
    length = table.duration(key)
    if length is None:
        raise table.error(f"{key} is missing: nothing asks for a rollback for ever", hint=f"{key} = {example}")
    return length


def check_reverts(stages: Mapping[str, Stage], entries: Mapping[str, Table], trust: Trust | None) -> None:
    """What has to hold between stages, and with the trust where it is known.

    Raises:
        ConfigError: ``when`` is no canary, nobody has the role, or records are accepted from nobody.
    """
    for name, stage in stages.items():
        if stage.revert is None:
            continue
        ask, entry = stage.revert, entries[name]
        if stage.baseline is not None:
            problem = (
                f"a record about another subject would be the baseline {stage.baseline.name} or ask for a rollback"
            )
            raise entry.error(problem, "revert", hint="compare in another stage")
        if not stages[ask.when].canary:
            raise entry.error(f"{ask.when} is no canary: it never says roll_back", "revert", hint="canary = true")
        if trust is None:
            continue
        if ask.role and ask.role not in trust.roles:
            raise entry.error(f"nobody in trust.toml has the role {ask.role!r}", "revert")
        if not trust.accepted("decision", name):
            raise entry.error(f"records are accepted from nobody at {name}", "revert", hint='decision = ["gate"]')
