"""One pack: its folder, its ``pack.toml``, its rules and its library."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper._limits import MAX_POLICY_BYTES
from gatekeeper.errors import GatekeeperError, PolicyError, SourceError
from gatekeeper.load._conftest import adapt
from gatekeeper.load._module import KEYWORDS, Module, Statement, parse_module
from gatekeeper.load._names import RESERVED_PACKS
from gatekeeper.load._pack_toml import CONFTEST, read_settings
from gatekeeper.load.lint import Scope, lint
from gatekeeper.load.metadata import other_blocks, read_metadata
from gatekeeper.policy import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.load._pack_toml import Settings

LIBRARY: Final = "lib"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control characters (carriage returns among them), zero-width ones and those that turn the direction of reading:
what a reviewer sees would not be what OPA reads (CVE-2021-42574)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Versioned rules on a topic.

    Attributes:
        name, version, description: From ``pack.toml``.
        folder: Where it was read.
        rules: Those that were read, sorted by id.
        known: The ids of all its rules, read or not, sorted.
        libraries: Text of its library modules, by path below the folder of packs.
        tests: Its ``*_test.rego`` files, sorted; they are never loaded into an engine that decides.
        style: ``conftest`` where its rules are made of policies of conftest's; their texts are then made as well.
    """

    name: str
    version: str
    description: str
    folder: Path
    rules: tuple[Rule, ...]
    known: tuple[str, ...]
    libraries: Mapping[str, str] = field(default_factory=dict)
    tests: tuple[Path, ...] = ()
    style: str = "gatekeeper"


def read_folder(root: Path, only: Sequence[str] | None = None) -> Iterator[Pack]:
    """Every pack in a folder, sorted; of their rules those that a pattern names, or all.

    Raises:
        PolicyError: The folder holds no pack, or one that is wrong.
        SourceError: A file could not be read.
    """
    if not root.is_dir():
        raise PolicyError("there is no such folder of packs", where=str(root), code="pack.folder")
    entries = [entry for entry in _entries(root) if entry.is_dir() or _is_rego(entry)]
    stray = next((entry for entry in entries if not entry.is_dir()), None)
    if stray or not entries:
        what = "belongs to no pack" if stray else "holds no pack"
        raise PolicyError(what, where=str(stray or root), hint=_LAYOUT, code="pack.layout")
    for folder in entries:
        yield _Reader(folder).pack(only)


_LAYOUT: Final = "a rule is <pack>/<rule>/<rule>.rego, beside it <rule>_test.rego; libraries are <pack>/lib/*.rego"


class _Reader:
    """Reads one pack, and knows what its files are called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pack(self, only: Sequence[str] | None) -> Pack:
        _check_name(self._folder, reserved=RESERVED_PACKS)
        settings = read_settings(self._folder / "pack.toml")
        if settings.namespaces:
            return self._adapted(settings, only)
        found, libraries, tests = self._files()
        known = {self._id(path): path for path in found}
        rules = [path for name, path in known.items() if only is None or _is_named(name, only)]
        texts = {path: read_text(path) for path in libraries if rules}
        definitions = self._definitions({path: parse_module(text, str(path)) for path, text in texts.items()})
        return Pack(
            name=settings.name,
            version=settings.version,
            description=settings.description,
            folder=self._folder,
            rules=tuple(self._rule(path, definitions) for path in rules),
            known=tuple(known),
            libraries={self._below(path): text for path, text in texts.items()},
            tests=tuple(tests),
        )

    def _adapted(self, settings: Settings, only: Sequence[str] | None) -> Pack:
        """A pack in the style of conftest: every Rego file below it belongs to its namespaces."""
        files = sorted(_rego_files(self._folder))
        tests = [path for path in files if path.name.endswith("_test.rego")]
        texts = {self._below(path): read_text(path) for path in files if path not in tests}
        rules, libraries = adapt(settings, texts)
        chosen = tuple(rule for rule in rules if only is None or _is_named(rule.id, only))
        return Pack(
            name=settings.name,
            version=settings.version,
            description=settings.description,
            folder=self._folder,
            rules=chosen,
            known=tuple(rule.id for rule in rules),
            libraries=libraries,
            tests=tuple(tests),
            style=CONFTEST,
        )

    def _files(self) -> tuple[list[Path], list[Path], list[Path]]:
        """The rules, libraries and tests of the pack, each sorted."""
        found: dict[str, list[Path]] = {"rule": [], "library": [], "test": []}
        for path in sorted(_rego_files(self._folder)):
            found[_role(path, self._folder)].append(path)
        self._check_folders({path.parent for path in found["rule"]})
        if not found["rule"]:
            raise PolicyError("the pack has no rule", where=str(self._folder), hint=_LAYOUT, code="pack.empty")
        return found["rule"], found["library"], found["test"]

    def _check_folders(self, with_rule: set[Path]) -> None:
        for folder in _entries(self._folder):
            known = folder in with_rule or folder.name in {LIBRARY, "__pycache__"}
            if folder.is_dir() and not known:
                message = f"the folder has no {folder.name}.rego"
                raise PolicyError(message, where=str(folder), hint=_LAYOUT, code="pack.layout")

    def _id(self, path: Path) -> str:
        _check_name(path.parent, reserved=frozenset())
        return f"{self._folder.name}.{path.stem}"

    def _rule(self, path: Path, library: Mapping[str, tuple[Statement, ...]]) -> Rule:
        text = read_text(path)
        module = parse_module(text, str(path))
        self._check_package(module, path.stem)
        metadata = read_metadata(module)
        self._check_blocks(module, package_block=True)
        scope = Scope(
            pack=self._folder.name,
            rule=path.stem,
            needs=metadata.needs,
            reads=metadata.reads,
            baseline=metadata.baseline,
            parameters={name: parameter.schema for name, parameter in metadata.parameters.items()},
            library=library,
        )
        _refuse(module, scope)
        return Rule(
            id=self._id(path),
            path=self._below(path),
            text=text,
            title=metadata.title,
            description=metadata.description,
            remedy=metadata.remedy,
            needs=metadata.needs,
            reads=metadata.reads,
            baseline=metadata.baseline,
            parameters=metadata.parameters,
            severity=metadata.severity,
            controls=metadata.controls,
            effective_on=metadata.effective_on,
            ages=metadata.ages,
            waivable=metadata.waivable,
            on_fail=metadata.on_fail,
            answers=("deny", "warn") if "warn" in module.names else ("deny",),
        )

    def _definitions(self, libraries: Mapping[Path, Module]) -> dict[str, tuple[Statement, ...]]:
        """What the pack's library defines, by name, after its files were checked."""
        found: dict[str, tuple[Statement, ...]] = {}
        homes: dict[str, str] = {}
        for module in libraries.values():
            self._check_package(module, LIBRARY)
            self._check_blocks(module, package_block=False)
            _refuse(module, Scope(pack=self._folder.name))
            for statement in module.statements:
                if homes.setdefault(statement.name, module.path) != module.path:
                    raise PolicyError(
                        f"{statement.name} is defined in {homes[statement.name]} as well",
                        where=f"{module.path}:{statement.line}",
                        hint="a second definition adds to the first and loosens it",
                        code="pack.library",
                    )
                found[statement.name] = (*found.get(statement.name, ()), statement)
        return found

    def _check_package(self, module: Module, name: str) -> None:
        package = f"gatekeeper.{self._folder.name}.{name}"
        if module.package != package:
            raise PolicyError(
                f"the package is {module.package}",
                where=f"{module.path}:{module.package_line}",
                hint=f"write package {package}, as the path says",
                code="pack.package",
            )

    def _check_blocks(self, module: Module, *, package_block: bool) -> None:
        for line in other_blocks(module, package_block=package_block):
            hint = "METADATA belongs to a rule's package; give it a comment"
            raise PolicyError("a METADATA block", where=f"{module.path}:{line}", hint=hint, code="metadata.misplaced")

    def _below(self, path: Path) -> str:
        return path.relative_to(self._folder.parent).as_posix()


def _is_named(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _role(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder).parts
    if len(parts) == 2:  # noqa: PLR2004 - a folder and a file: the layout
        parent, name = parts
        if parent == LIBRARY:
            return "test" if name.endswith("_test.rego") else "library"
        if name in {f"{parent}.rego", f"{parent}_test.rego"}:
            return "rule" if name == f"{parent}.rego" else "test"
    raise PolicyError("a Rego file that nothing loads", where=str(path), hint=_LAYOUT, code="pack.layout")


def _rego_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        linked = next((name for name in folders if Path(root, name).is_symlink()), "")
        if linked:
            raise PolicyError("a link to a folder", where=str(Path(root, linked)), code="pack.layout")
        yield from (Path(root, name) for name in files if _is_rego(Path(name)))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as cause:
        _unreadable(cause)
        return []


def _unreadable(cause: OSError) -> None:
    message = f"cannot be read: {cause.strerror}"
    raise SourceError(message, where=str(cause.filename), code="source.read") from cause


def _is_rego(path: Path) -> bool:
    return path.suffix.lower() == ".rego" and not path.name.startswith(".")


def _check_name(folder: Path, *, reserved: frozenset[str]) -> None:
    name = folder.name
    if name in reserved:
        raise PolicyError(f"the name {name} is reserved", where=str(folder), code="pack.name")
    if not _NAME.fullmatch(name) or name in KEYWORDS or name.endswith("_test"):
        hint = "small letters, digits and underscores, no word of Rego, not ending in _test"
        raise PolicyError(f"{name!r} is no name for a pack or rule", where=str(folder), hint=hint, code="pack.name")


def read_text(path: Path) -> str:
    """Read a Rego file as a reviewer sees it.

    Raises:
        PolicyError: Not UTF-8, or with characters that nobody sees.
        SourceError: It could not be read.
    """
    try:
        text = _files.read_bytes(path, limit=MAX_POLICY_BYTES).decode()
    except UnicodeDecodeError as cause:
        raise PolicyError(f"not UTF-8 (byte {cause.start})", where=str(path), code="policy.text") from cause
    except GatekeeperError as cause:
        raise SourceError(cause.message, where=cause.where, code=cause.code) from cause
    hidden = _INVISIBLE.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        message = f"the character U+{ord(hidden[0]):04X}, which nobody sees"
        raise PolicyError(message, where=f"{path}:{line}", hint="take it out", code="policy.text")
    return text


def _refuse(module: Module, scope: Scope) -> None:
    problems = lint(module, scope)
    if problems:
        first, *others = problems
        message = first.message + (f" (and {len(others)} more)" if others else "")
        raise PolicyError(message, where=f"{module.path}:{first.line}", hint=first.hint, code="policy.lint")
