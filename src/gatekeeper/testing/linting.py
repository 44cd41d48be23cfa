"""``gatekeeper policy lint``: everything that is wrong with rules, at once, and what Regal says of them.

Loading a pack refuses what could keep a rule silent, and stops at the first fault. Lint goes on: it lists the fault of
every rule, and beside it what is no danger but untrue or missing: METADATA that says nothing of severity or controls,
facts that are declared and never read, parameters that nothing uses, denials that no test has seen, words of an
enumeration that no test mentions, rules that no stage of a gate asks. Whether Rego is well written is Regal's to say
(github.com/open-policy-agent/regal); it is run where it is installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper.errors import GatekeeperError, PolicyError, UsageError
from gatekeeper.facts import kinds
from gatekeeper.load._module import parse_module
from gatekeeper.load._pack import read_text
from gatekeeper.load._pack_toml import CONFTEST
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.load.untested import untested_rules
from gatekeeper.testing import regal, roots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.load._pack import Pack
    from gatekeeper.policy import Rule
    from gatekeeper.stage import GateSpec

Found = Literal["gatekeeper", "regal"]
_UNSPOKEN: Final = frozenset({"source", "complete"})
"""Facts that every document has and no rule declares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        where: File and line.
        message: What is wrong.
        hint: What to do; empty where the message says it.
        rule: The id of the rule; empty where it is not about one.
        check: What found it: a check of this library, or the name of a Regal rule.
        by: Who found it.
    """

    where: str
    message: str
    check: str
    hint: str = ""
    rule: str = ""
    by: Found = "gatekeeper"


def lint(
    paths: Sequence[Path], *, binary: OpaBinary, gate: GateSpec | None = None, regal_path: Path | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with the packs at, below or around some paths; sorted by place.

    Args:
        paths: Folders of packs, packs, or folders in one.
        binary: The OPA to run the tests with.
        gate: The gate whose stages should ask each rule; None where rules are for anybody.
        regal_path: The Regal to run as well; None to leave that out.

    Raises:
        UsageError: A path is not there.
        PolicyError: There is no pack.
        SourceError: A folder or file could not be read.
        EngineError: OPA or Regal could not be run.
    """
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path), code="usage.missing_file")
    folders = roots.packs_at(paths)
    if not folders:
        where = ", ".join(map(str, paths))
        raise PolicyError("there is no pack", where=where, hint="a pack is a folder with a pack.toml", code="lint.none")
    found = [finding for folder in folders for finding in _of_pack(folder, binary)]
    if gate is not None:
        found += _unasked(folders, gate)
    if regal_path is not None:
        found += [
            Finding(where=said.where, message=said.message, check=said.rule, by="regal")
            for said in regal.lint(folders, regal_path)
        ]
    return tuple(sorted(set(found), key=lambda finding: (_place(finding.where), finding.message)))


def _of_pack(folder: Path, binary: OpaBinary) -> Iterator[Finding]:
    faults = list(_faults(folder))
    yield from faults
    if faults:
        return
    packs = Packs(packs={folder.name: load_packs([folder.parent]).packs[folder.name]})
    pack = packs.packs[folder.name]
    for rule in pack.rules:
        yield from _of_rule(rule, pack)
    yield from _unseen(packs, folder, binary)


def _faults(folder: Path) -> Iterator[Finding]:
    """Why rules of a pack do not load: the first fault of each rule, or of the pack."""
    names = sorted(entry.name for entry in folder.iterdir() if (entry / f"{entry.name}.rego").is_file())
    for name in names or [""]:
        try:
            load_packs([folder.parent], only=[f"{folder.name}.{name or '*'}"])
        except PolicyError as fault:
            where = fault.where or str(folder)
            yield Finding(where=where, message=fault.message, hint=fault.hint, check=fault.code, rule=_id(folder, name))


def _id(folder: Path, name: str) -> str:
    return f"{folder.name}.{name}" if name else ""


def _of_rule(rule: Rule, pack: Pack) -> Iterator[Finding]:
    words = _words(rule, pack)
    where = _where(rule, pack)
    for message, check, hint in (
        *_missing(rule),
        *_unread(rule, words),
        *_unused(rule, words),
        *_untold(rule, pack),
    ):
        yield Finding(where=where, message=message, check=check, hint=hint, rule=rule.id)


def _where(rule: Rule, pack: Pack) -> str:
    return str(pack.folder / "pack.toml") if pack.style == CONFTEST else f"{pack.folder.parent / rule.path}:1"


def _words(rule: Rule, pack: Pack) -> frozenset[str]:
    """Every word in the code of the rule and of its pack's library; comments are none."""
    texts = [(rule.text, rule.path), *((text, path) for path, text in pack.libraries.items())]
    modules = [parse_module(text, path) for text, path in texts]
    return frozenset(token.text for module in modules for statement in module.statements for token in statement.tokens)


Said = tuple[str, str, str]
"""Message, check and hint."""


def _missing(rule: Rule) -> Iterator[Said]:
    if not rule.severity:
        yield "METADATA names no severity", "metadata.severity", "severity: low, medium, high or critical"
    if not rule.controls:
        yield "METADATA names no control", "metadata.controls", "controls: [SSDF-PW.8.2]"
    if not rule.title[:1].isupper() or rule.title.endswith("."):
        yield "the title is no sentence without its stop", "metadata.title", "title: Every test passed"
    for name, parameter in rule.parameters.items():
        if parameter.schema.get("type") in {"integer", "number"} and parameter.tighten is None:
            hint = "tighten: up, down, subset or superset; without it no project can change it"
            yield f"the parameter {name} does not say which way is stricter", "metadata.tighten", hint


def _unread(rule: Rule, words: frozenset[str]) -> Iterator[Said]:
    """Declared facts whose name the code never says.

    Times and the count of what was examined are passed over: the library compares them, or that they are there is what
    the rule asks.
    """
    for section, declared in (("needs", rule.needs), ("reads", rule.reads), ("baseline", rule.baseline)):
        for kind, paths in declared.items():
            for path in paths:
                name = path.rpartition(".")[2]
                if name not in words | _UNSPOKEN and not _is_for_the_library(kind, path):
                    yield f"{section} declares {kind}.{path}, which it never reads", "metadata.needs", "leave it out"


def _is_for_the_library(kind: str, path: str) -> bool:
    known = kinds()[kind]
    return path == known.examined or _schema_at(known.schema, path).get("format") == "date-time"


def _unused(rule: Rule, words: frozenset[str]) -> Iterator[Said]:
    for name in rule.parameters:
        if name not in words and name not in rule.ages.values():
            yield f"the parameter {name} is used by nothing", "metadata.parameters", "leave it out"


def _untold(rule: Rule, pack: Pack) -> Iterator[Said]:
    """Words of the enumerations that a rule reads and that its tests do not mention."""
    tests = _tests_of(rule, pack)
    if pack.style == CONFTEST:
        if not pack.tests:
            yield "the pack has no test", "test.missing", "write policy/main_test.rego"
        return
    if not tests:
        yield "there is no test beside it", "test.missing", f"write {rule.path.replace('.rego', '_test.rego')}"
        return
    for kind, paths in rule.needs.items():
        for path in paths:
            for word in _enumeration(kinds()[kind].schema, path):
                if f'"{word}"' not in tests:
                    yield f"no test mentions {path} {word}", "test.words", "test each word that the fact can be"


def _tests_of(rule: Rule, pack: Pack) -> str:
    beside = (pack.folder.parent / rule.path).parent
    return "".join(read_text(path) for path in pack.tests if path.parent == beside)


def _enumeration(schema: Mapping[str, Any], path: str) -> tuple[str, ...]:
    return tuple(word for word in _schema_at(schema, path).get("enum", ()) if isinstance(word, str))


def _schema_at(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    inner: Mapping[str, Any] = schema
    for part in path.split("."):
        inner = inner.get("items", inner).get("properties", {}).get(part, {})
    return inner


def _unseen(packs: Packs, folder: Path, binary: OpaBinary) -> Iterator[Finding]:
    try:
        unseen = untested_rules(packs, binary)
    except PolicyError as fault:
        yield Finding(where=fault.where or str(folder), message=fault.message, hint=fault.hint, check=fault.code)
        return
    for item in unseen:
        where = str(folder.parent / item.where)
        message = "no test has seen this deny"
        yield Finding(where=where, message=message, check="test.unseen", hint="it may be unable to", rule=item.rule)


def _unasked(folders: Sequence[Path], gate: GateSpec) -> Iterator[Finding]:
    asked = {rule.id for stage in gate.stages.values() for rule in stage.rules}
    for folder in folders:
        try:
            pack = load_packs([folder.parent]).packs[folder.name]
        except GatekeeperError:  # said above
            continue
        for rule in pack.rules:
            if rule.id not in asked:
                where = _where(rule, pack)
                message = f"no stage of {gate.name} asks it"
                yield Finding(where=where, message=message, check="gate.unasked", rule=rule.id)


def _place(where: str) -> tuple[str, int]:
    file, _, line = where.rpartition(":")
    return (file, int(line)) if line.isdigit() else (where, 0)
