"""The ``[stages.<stage>.evidence]`` of ``gate.toml``: slots, and what a release is compared with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from gatekeeper.facts import kinds
from gatekeeper.links import LINK_KINDS
from gatekeeper.load.table import suggestion
from gatekeeper.stage import BaselineAsk, Slot

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gatekeeper.algebra import ApprovalAsk
    from gatekeeper.load.table import Table
    from gatekeeper.roster import Trust
    from gatekeeper.stage import Stage

CHANGE: Final = "change"
"""The kind that says who made a change, and the slot that is there for it where a gate names none."""

MAX_BASELINE_AGE: Final = timedelta(days=365)
"""Oldest release that one may be compared with: what else would be left out is everything that came since."""


def read_slots(
    entry: Table, approvals: tuple[ApprovalAsk, ...], roles: Collection[str] | None
) -> tuple[dict[str, Slot], BaselineAsk | None]:
    """The slots as written, one for the change where an approval has to know its people, and the baseline.

    Args:
        entry: The table.
        approvals: What the stage asks of people.
        roles: Roles that somebody has; None where the people are not known yet.

    Raises:
        ConfigError: With file and line.
    """
    named = dict(entry.named())
    baselines = [_baseline(name, table, roles) for name, table in named.items() if table.has("baseline")]
    if len(baselines) > 1:
        raise entry.error("a stage compares with one earlier release, and two slots are a baseline", baselines[1].name)
    slots = {name: _slot(name, table) for name, table in named.items() if not table.has("baseline")}
    asks_change = any(ask.excluded for ask in approvals)
    if asks_change and not any(slot.kind == CHANGE for slot in slots.values()):
        if CHANGE in named:
            raise entry.error(f"an approval excludes people, and the slot {CHANGE} is of another kind", CHANGE)
        slots[CHANGE] = Slot(name=CHANGE, kind=CHANGE)
    return slots, (baselines[0] if baselines else None)


def check_slots(stages: Mapping[str, Stage], entries: Mapping[str, Table], trust: Trust | None) -> None:
    """Check that links can be followed, and that a stage has slots for what rules need of the release before.

    Raises:
        ConfigError: With file and line.
    """
    for name, stage in stages.items():
        ask, entry = stage.baseline, entries[name]
        _check_links(stage, entry, trust)
        if ask is not None:
            _check_ask(ask, stages, entry, trust, name)
        expected = {slot.kind for slot in stages[ask.stage].slots.values()} if ask else set()
        for rule in stage.rules:
            for kind in sorted(rule.baseline.keys() - expected):
                what = f"the stage {ask.stage} has no slot for it" if ask else "no slot is a baseline"
                hint = f'[stages.{name}.evidence] previous = {{ baseline = "{name}", max_age = "90d" }}'
                problem = f"{rule.id} needs baseline.{kind}, and {what}"
                raise entry.error(problem, "evidence", hint="" if ask else hint, code="config.slot")


def _check_links(stage: Stage, entry: Table, trust: Trust | None) -> None:
    linking = any(trust.accepted(kind, stage.name) for kind in LINK_KINDS) if trust else True
    for name, slot in stage.slots.items():
        if slot.of and not linking:
            problem = f"the slot {name} follows provenance to {slot.of}, and trust.toml accepts that from nobody"
            raise entry.error(problem, "evidence", hint='[accept] provenance = ["ci"]')


def _check_ask(ask: BaselineAsk, stages: Mapping[str, Stage], entry: Table, trust: Trust | None, name: str) -> None:
    if ask.stage not in stages:
        problem = f"the baseline is a record of {ask.stage!r}, which is no stage"
        raise entry.error(problem, "evidence", hint=suggestion(ask.stage, stages))
    if trust is not None and not trust.accepted("decision", name):
        problem = f"{name} compares with a record, and trust.toml accepts decisions from nobody"
        raise entry.error(problem, "evidence", hint='[accept] decision = ["gate"]')


def _baseline(name: str, entry: Table, roles: Collection[str] | None) -> BaselineAsk:
    _check_name(name, entry)
    max_age, without = entry.duration("max_age"), entry.text("without", "")
    if max_age is None:
        raise entry.error("a baseline needs max_age: an older one may be given and the newest left out", "baseline")
    if max_age > MAX_BASELINE_AGE:
        raise entry.error("max_age of a baseline is longer than 365d", "max_age")
    if without and roles is not None and without not in roles:
        raise entry.error(f"nobody in trust.toml has the role {without!r}", "without", hint=suggestion(without, roles))
    ask = BaselineAsk(
        name=name,
        stage=entry.text("baseline"),
        max_age=max_age,
        unsigned=entry.boolean("unsigned", default=False),
        without=without,
    )
    entry.finish("baseline", "max_age", "unsigned", "without")
    return ask


def _slot(name: str, entry: Table) -> Slot:
    _check_name(name, entry)
    of = entry.choice("of", ("commit", "artifact", "image"), "") if entry.has("of") else ""
    if entry.has("named") and not of:
        raise entry.error("named says which of several the evidence is of, and there is no of", "named")
    slot = Slot(
        name=name,
        kind=_kind(entry),
        shards=entry.integer("shards", 1),
        count=entry.integer("count", 1),
        max_age=entry.duration("max_age"),
        on_repeat="latest" if entry.choice("on_repeat", ("all", "latest"), "all") == "latest" else "all",
        time="claimed" if entry.choice("time", ("verified", "claimed"), "verified") == "claimed" else "verified",
        of=of,  # type: ignore[arg-type]  # choice() has refused everything else
        named=entry.text("named", ""),
    )
    entry.finish("kind", "shards", "count", "max_age", "on_repeat", "time", "of", "named")
    if slot.count > 1 and slot.on_repeat == "latest":
        raise entry.error("latest keeps one document, count asks for more", "on_repeat")
    return slot


def _check_name(name: str, entry: Table) -> None:
    if not name.replace("_", "").replace("-", "").isalnum() or not name[0].isalnum() or name == "unknown":
        raise entry.error(f"a slot cannot be called {name!r}")


def _kind(entry: Table) -> str:
    kind = entry.text("kind")
    if kind not in kinds():
        raise entry.error(f"no kind of evidence is called {kind!r}", "kind", hint=suggestion(kind, kinds()))
    return kind
