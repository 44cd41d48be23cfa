"""``gate.toml``: what a pipeline asks, stage by stage."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files, _json
from gatekeeper.algebra import result_ids
from gatekeeper.load._approvals import read_approvals
from gatekeeper.load._emergency import emergency_terms
from gatekeeper.load._revert import check_reverts, read_revert
from gatekeeper.load._set_parameters import set_parameters
from gatekeeper.load._slots import check_slots, read_slots
from gatekeeper.load.base import Ground, read_ground
from gatekeeper.load.base_trust import trust_on
from gatekeeper.load.no_looser import refuse_loosening
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.load.table import Table, suggestion
from gatekeeper.revert import REASON, TARGET
from gatekeeper.roster import Period, Trust
from gatekeeper.stage import EngineServer, Freeze, GateSpec, Stage, WaiverTerms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MAX_VALID_FOR: Final = timedelta(days=30)
"""Longest an allow may stand: an allow for ever outlives every key, role and finding it rests on."""

MAX_WAIVER: Final = timedelta(days=365)
_NAME: Final = r"[a-z0-9][a-z0-9_-]*"
_ENGINE: Final = r"opa \d+\.\d+\.\d+"
_DIGEST: Final = r"sha256:[0-9a-f]{64}"


def load_gate(path: Path, *, whole: bool = True, refresh: bool = False) -> GateSpec:
    """Read ``gate.toml`` with the trust, the packs and the base that it names. The lock is compared apart.

    Args:
        path: The file.
        whole: Read and check all rules of the packs; else only those that a stage names, which are all that count.
        refresh: Look again at what commit the tag of a base in git is, whatever the lock says.

    Raises:
        ConfigError: With file, line and a suggestion; also where a project loosens its base.
        PolicyError: A pack or rule is wrong.
        UsageError: The file is not there.
        SourceError: A file cannot be read, or a base cannot be fetched.
    """
    ground = read_ground(path, refresh=refresh)
    spec = gate_on(ground, whole=whole)
    refuse_loosening(ground, spec)
    return spec


def gate_on(ground: Ground, *, whole: bool = True, packs: Packs | None = None) -> GateSpec:
    """The gate of a ground, with its bases; whether it is no looser than they are is compared apart.

    Args:
        ground: What it is read from.
        whole: Read and check all rules of the packs.
        packs: Packs that were read already, its own among them; they are read when this is None.

    Raises:
        ConfigError: With file, line and a suggestion.
        PolicyError: A pack or rule is wrong.
        SourceError: A file cannot be read.
    """
    table, path = ground.table, ground.path
    name = table.text("name", pattern=_NAME)
    repository = table.text("repository", "", pattern=r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
    engine = table.text("engine", pattern=_ENGINE).removeprefix("opa ")
    digests = table.texts("engine_digests", ())
    trust = trust_on(ground, repository)
    folders = [_pack_folder(folder, path.parent) for folder in table.texts("pack_dirs", ("gatekeeper",))]
    waivers = _waivers(table.table("waivers"))
    server = _server(table.table("engine_server"), path.parent)
    entries = dict(table.table("stages", required=True).named())
    if not entries:
        raise table.error("the gate has no stage", "stages")
    packs = packs.within(folders) if packs else load_packs(folders, only=None if whole else _patterns(entries))
    base = gate_on(ground.base, whole=whole, packs=packs) if ground.base else None
    roles = None if ground.open_trust else trust.roles
    stages = {stage: _stage(stage, entry, packs, roles, set(entries)) for stage, entry in entries.items()}
    emergency = emergency_terms(table.table("emergency"), None if ground.open_trust else trust, stages, packs.known)
    table.finish(
        *("name", "repository", "engine", "engine_digests", "pack_dirs", "trust", "waivers", "engine_server", "stages"),
        *("emergency", "extends", "open_trust"),
    )
    _check_order(stages, table)
    check_reverts(stages, entries, None if ground.open_trust else trust)
    if not ground.open_trust:
        _check_trust_stages(trust, stages, table)
    check_slots(stages, entries, None if ground.open_trust else trust)
    return GateSpec(
        name=name,
        repository=repository,
        engine=engine,
        engine_digests=tuple(sorted(digests)),
        trust=trust,
        stages=stages,
        waivers=waivers,
        emergency=emergency,
        server=server,
        places=_places(entries, stages) | {"": {name: _top(table, name) for name in ("waivers", "emergency")}},
        open_trust=ground.open_trust,
        base=base,
        origin=ground.source.as_json() if ground.source else None,
    )


def _patterns(entries: dict[str, Table]) -> list[str]:
    return [pattern for entry in entries.values() for pattern in entry.texts("rules", ())]


def _pack_folder(folder: str, base: Path) -> Path:
    return Path(folder) if folder == "gatekeeper" else base / folder


def _server(entry: Table, folder: Path) -> EngineServer | None:
    if not entry.values:
        return None
    url, ca = entry.text("url", pattern=r"https?://[^\s]+"), entry.text("ca", "")
    entry.finish("url", "ca")
    if not ca:
        return EngineServer(url=url)
    return EngineServer(url=url, ca=str(folder / ca), ca_digest=_json.digest(_files.read_bytes(folder / ca)))


def _waivers(entry: Table) -> WaiverTerms | None:
    if not entry.values:
        return None
    role, longest = entry.text("role"), entry.duration("max")
    limits = {name: entry.integer(name) for name in ("max_count", "max_per_rule") if entry.has(name)}
    entry.finish("role", "max", "max_count", "max_per_rule")
    if longest is None or longest > MAX_WAIVER:
        raise entry.error("a waiver needs a maximum length of at most 365d", "max", hint='max = "30d"')
    return WaiverTerms(
        role=role, max_length=longest, max_count=limits.get("max_count"), max_per_rule=limits.get("max_per_rule")
    )


def _stage(name: str, entry: Table, packs: Packs, roles: frozenset[str] | None, names: set[str]) -> Stage:
    if not name.replace("_", "").replace("-", "").isalnum() or not name.islower():
        raise entry.error(f"a stage cannot be called {name!r}", hint="lower-case letters, digits, - and _")
    revert = read_revert(entry, names)
    rules = packs.resolve(_asked(entry, needed=revert is None), where=entry.where("rules"))
    parameters = set_parameters(entry.table("parameters"), rules)
    approvals = read_approvals(entry, roles)
    slots, baseline = read_slots(entry.table("evidence"), approvals, roles)
    after, after_unsigned = _after(entry, name, names)
    freezes = tuple(_freeze(table) for table in entry.tables("freezes"))
    valid_for = _valid_for(entry)
    canary, trail = entry.boolean("canary", default=False), _trail(entry, after)
    entry.finish(
        *("rules", "parameters", "evidence", "after", "approvals", "freezes", "valid_for", "unsigned", "canary"),
        *("trail", "revert"),
    )
    stage = Stage(
        name=name,
        rule_set=packs.rule_set(rules),
        parameters=parameters,
        slots=slots,
        baseline=baseline,
        after=after,
        after_unsigned=after_unsigned,
        approvals=approvals,
        freezes=freezes,
        valid_for=valid_for,
        canary=canary,
        trail=trail,
        revert=revert,
    )
    _check_stage(stage, entry)
    return stage


def _asked(entry: Table, *, needed: bool) -> tuple[str, ...]:
    patterns = entry.texts("rules", None if needed else ())
    if not patterns and needed:
        raise entry.error("no rule is named", "rules", hint='rules = ["tests.*"]')
    return patterns


def _valid_for(entry: Table) -> timedelta:
    valid_for = entry.duration("valid_for")
    if valid_for is None:
        raise entry.error("valid_for is missing: an allow is never for ever", hint='valid_for = "7d"')
    if valid_for > MAX_VALID_FOR:
        raise entry.error("valid_for is longer than 30d", "valid_for")
    return valid_for


def _after(entry: Table, name: str, names: set[str]) -> tuple[str, bool]:
    after = entry.text("after", "")
    unsigned = entry.boolean("unsigned", default=False)
    if after and (after not in names or after == name):
        raise entry.error(
            f"after names {after!r}, which is no other stage", "after", hint=suggestion(after, names - {name})
        )
    if unsigned and not after:
        raise entry.error("unsigned says what the stage before may rest on, and there is none", "unsigned")
    return after, unsigned


def _trail(entry: Table, after: str) -> bool:
    trail = entry.boolean("trail", default=False)
    if trail and not after:
        raise entry.error(
            "trail asks for the records of earlier stages, and there is none", "trail", hint="after = ..."
        )
    return trail


def _freeze(entry: Table) -> Freeze:
    freeze = Freeze(
        name=entry.text("name", pattern=r"[A-Za-z0-9][A-Za-z0-9 _-]*"),
        period=Period(start=entry.instant("from"), end=entry.instant("until")),
        exception=entry.text("exception", ""),
    )
    entry.finish("name", "from", "until", "exception")
    if freeze.period.start is None or freeze.period.end is None or freeze.period.end <= freeze.period.start:
        raise entry.error("a freeze goes from one time until a later one", hint="from = ..., until = ...")
    return freeze


def _check_stage(stage: Stage, entry: Table) -> None:
    """A kind that the rules need and no slot expects could be left out without anybody noticing."""
    expected = {slot.kind for slot in stage.slots.values()}
    for rule in stage.rules:
        for kind in sorted(rule.needs.keys() - expected):
            raise entry.error(
                f"{rule.id} needs {kind}, and no slot expects it",
                "evidence",
                hint=f'[stages.{stage.name}.evidence] {kind} = {{ kind = "{kind}" }}',
                code="config.slot",
            )
    names = [freeze.name for freeze in stage.freezes]
    if len(set(names)) != len(names):
        raise entry.error("two freezes have one name", "freezes")


def _check_order(stages: dict[str, Stage], table: Table) -> None:
    for name in stages:
        seen: set[str] = set()
        current = name
        while current:
            if current in seen:
                raise table.error(f"the stages go round in a circle at {current}", "stages", code="config.order")
            seen.add(current)
            current = stages[current].after


def _check_trust_stages(trust: Trust, stages: dict[str, Stage], table: Table) -> None:
    for name in trust.stage_accept:
        if name not in stages:
            raise table.error(f"trust.toml loosens the stage {name!r}, which the gate does not have", "stages")
    for stage in stages.values():
        if stage.after and not trust.accepted("decision", stage.name):
            raise table.error(
                f"{stage.name} comes after {stage.after}, and trust.toml accepts decisions from nobody",
                "stages",
                hint='[accept] decision = ["gate"]',
            )


def _top(table: Table, name: str) -> tuple[str, int]:
    return table.file.path.name, table.file.line((name,))


def _places(entries: dict[str, Table], stages: dict[str, Stage]) -> dict[str, dict[str, tuple[str, int]]]:
    """Where in the file each requirement and rule is asked, for reports that point there."""
    return {name: dict(_stage_places(entries[name], stage, stages)) for name, stage in stages.items()}


def _stage_places(entry: Table, stage: Stage, earlier: Iterable[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    def place(*keys: str) -> tuple[str, int]:
        return entry.file.path.name, entry.file.line((*entry.path, *keys))

    yield from ((rule.id, place("rules")) for rule in stage.rules)
    yield from ((f"slot.{slot}", place("evidence", slot)) for slot in stage.slots)
    if stage.baseline:
        yield f"slot.{stage.baseline.name}", place("evidence", stage.baseline.name)
    yield from ((name, place("approvals")) for name in result_ids(stage.approvals))
    yield from ((freeze.result_id, place("freezes")) for freeze in stage.freezes)
    yield f"stage.{stage.after}", place("after")
    yield from ((f"trail.{name}", place("trail")) for name in earlier)
    yield from ((name, place("revert")) for name in (REASON, TARGET))
    yield "subject.digest", place("evidence")
    yield "slot.unknown", place("evidence")
