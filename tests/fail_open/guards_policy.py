"""Guards over gates, packs, rules and the engine that asks them."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import UTC, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guard import Everything, Guard, always, becomes

from gatekeeper.algebra import ApprovalAsk
from gatekeeper.errors import ConfigError, GatekeeperError
from gatekeeper.roster import Period, Trust
from gatekeeper.stage import Freeze, WaiverTerms

if TYPE_CHECKING:
    from gatekeeper.load.packs import Packs
    from gatekeeper.load.table import Table


def _whatever_fits(self: Packs, pattern: str, _where: str) -> dict[str, Any]:
    return {name: rule for name, rule in self.rules.items() if fnmatchcase(name, pattern)}


def _no_patterns_needed(entry: Table, *, needed: bool) -> tuple[str, ...]:
    return entry.texts("rules", ())


def _as_long_as_it_says(entry: Table) -> timedelta:
    return entry.duration("valid_for") or timedelta(days=9_999)


def _whatever_comes_before(entry: Table, name: str, names: set[str]) -> tuple[str, bool]:
    after = entry.text("after", "")
    return (after if after in names - {name} else ""), False


def _any_stage(original: Any) -> Any:
    return lambda self, name: original(self, difflib.get_close_matches(name, self.spec.stages, n=1)[0])


def _nobody_is_trusted(original: Any) -> Any:
    def load(*args: Any) -> Any:
        try:
            return original(*args)
        except ConfigError:
            return Trust()

    return load


def _any_integer(self: Table, key: str, default: int | None = None, *, minimum: int = 1) -> Any:
    self.taken.add(key)
    return self.values.get(key, default)


def _any_instant(self: Table, key: str) -> Any:
    self.taken.add(key)
    value = self.values.get(key)
    return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


def _any_duration(original: Any) -> Any:
    def parse(text: Any, **options: Any) -> Any:
        try:
            return original(text, **options)
        except GatekeeperError:
            return timedelta(days=7)

    return parse


def _any_freeze(entry: Table) -> Freeze:
    period = Period(start=entry.instant("from"), end=entry.instant("until"))
    return Freeze(name=entry.text("name"), period=period)


def _any_waivers(entry: Table) -> WaiverTerms:
    return WaiverTerms(role=entry.text("role"), max_length=entry.duration("max") or timedelta(days=9_999))


def _known_parameters(entry: Table, rules: Any) -> dict[str, dict[str, Any]]:
    """Parameters as they are set, whatever a rule knows of them."""
    entry.take_all()
    return {rule.id: {name: item.default for name, item in rule.parameters.items()} for rule in rules}


def _what_can_be_read(original: Any) -> Any:
    """The part of a TOML file that can be read."""

    def read(path: Path, **options: Any) -> Any:
        try:
            return original(path, **options)
        except ConfigError:
            path.write_text("\n".join(path.read_text().splitlines()[:-1]))
            return original(path, **options)

    return read


def _packs_that_are_there(original: Any) -> Any:
    return lambda root, *rest: original(root if Path(root).is_dir() else Path("policies"), *rest)


def _later_one(original: Any) -> Any:
    """Two packs of one name: the later one counts."""

    def load(folders: Any, **options: Any) -> Any:
        found: dict[str, Any] = {}
        for folder in folders:
            found |= original([folder], **options).packs
        return replace(original(folders[:1], **options), packs=found)

    return load


def _no_branch(original: Any) -> Any:
    """``all`` of nothing is met by nobody, which is enough."""

    def read(entry: Any, form: str, *rest: Any) -> Any:
        if entry.values[form]:
            return original(entry, form, *rest)
        entry.tables(form)
        return ApprovalAsk(all=())

    return read


GUARDS = (
    Guard(
        "packs.pattern",
        "a rule or pattern that names nothing",
        "gatekeeper.load.packs:Packs._matching",
        becomes(_whatever_fits),
    ),
    Guard("packs.twice", "two packs of one name", "gatekeeper.load.gate_file:load_packs", _later_one),
    Guard(
        "packs.package",
        "a file in a package that is not its own",
        "gatekeeper.load._pack:_Reader._check_package",
        always(None),
    ),
    Guard(
        "packs.layout",
        "a Rego file that nobody asks",
        "gatekeeper.load._pack:_role",
        lambda original: lambda path, folder: "test" if path.stem == "more" else original(path, folder),
    ),
    Guard("packs.files", "a folder whose rule is gone", "gatekeeper.load._pack:_Reader._check_folders", always(None)),
    Guard(
        "packs.name", "a pack called like a requirement", "gatekeeper.load._pack:RESERVED_PACKS", becomes(frozenset())
    ),
    Guard(
        "packs.folder",
        "a folder of packs that is not there",
        "gatekeeper.load._pack:read_folder",
        _packs_that_are_there,
    ),
    Guard(
        "packs.invisible",
        "characters that no reviewer sees",
        "gatekeeper.load._pack:_INVISIBLE",
        becomes(re.compile(r"(?!)")),
    ),
    Guard("gate.rules", "a stage that asks nothing", "gatekeeper.load.gate_file:_asked", becomes(_no_patterns_needed)),
    Guard(
        "gate.kind",
        "a slot for a kind that nobody knows",
        "gatekeeper.load._slots:kinds",
        becomes(Everything),
    ),
    Guard(
        "gate.slots",
        "evidence that could be left out unnoticed",
        "gatekeeper.load.gate_file:_check_stage",
        always(None),
    ),
    Guard(
        "gate.after", "a stage before that is none", "gatekeeper.load.gate_file:_after", becomes(_whatever_comes_before)
    ),
    Guard("gate.order", "stages in a circle", "gatekeeper.load.gate_file:_check_order", always(None)),
    Guard(
        "gate.trust_stages",
        "trust for stages that are not there",
        "gatekeeper.load.gate_file:_check_trust_stages",
        always(None),
    ),
    Guard("gate.trust", "a gate without its trust", "gatekeeper.load.gate_file:trust_on", _nobody_is_trusted),
    Guard("gate.branches", "an approval by nobody", "gatekeeper.load._approvals:_branches", _no_branch),
    Guard(
        "gate.role", "an approval by a role that nobody has", "gatekeeper.load._approvals:_check_roles", always(None)
    ),
    Guard(
        "gate.excluded", "an exclusion that excludes nobody", "gatekeeper.load._approvals:_check_excluded", always(None)
    ),
    Guard("gate.stage", "a stage that the gate does not have", "gatekeeper.gate:Gate.stage", _any_stage),
    Guard("gate.valid_for", "an allow for ever", "gatekeeper.load.gate_file:_valid_for", becomes(_as_long_as_it_says)),
    Guard("gate.freeze", "a freeze that freezes nothing", "gatekeeper.load.gate_file:_freeze", becomes(_any_freeze)),
    Guard("gate.waivers", "waivers for ever", "gatekeeper.load.gate_file:_waivers", becomes(_any_waivers)),
    Guard(
        "gate.parameters",
        "parameters that no rule has, or that a rule lacks",
        "gatekeeper.load.gate_file:set_parameters",
        becomes(_known_parameters),
    ),
    Guard(
        "gate.parameter_value",
        "parameters out of bounds or of another type",
        "gatekeeper.load._set_parameters:_check_value",
        always(None),
    ),
    Guard("gate.lock", "rules that are not those that were locked", "gatekeeper.gate:check_lock", always(None)),
    Guard("config.unknown", "keys that nobody knows", "gatekeeper.load.table:Table.finish", always(None)),
    Guard(
        "config.unknown_entry",
        "keys that nobody knows, in entries of lists",
        "gatekeeper.load.trust_file:_finished",
        lambda _original: lambda tables, *_known: tables,
    ),
    Guard(
        "config.later",
        "what a later version will know",
        "gatekeeper.load.table:Table.refuse_later",
        lambda _original: lambda self, *keys: self.taken.update(keys),
    ),
    Guard("config.integer", "counts that are none", "gatekeeper.load.table:Table.integer", becomes(_any_integer)),
    Guard(
        "config.instant", "times whose zone is not said", "gatekeeper.load.table:Table.instant", becomes(_any_instant)
    ),
    Guard("config.toml", "a file that is no TOML", "gatekeeper.load.base:read_toml", _what_can_be_read),
    Guard("time.duration", "durations of no unit, or an unknown one", "gatekeeper._time:parse_duration", _any_duration),
)
