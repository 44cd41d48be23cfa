"""The files of a pack as those that are changed, those that test them, and copies of both under a name of their own.

One OPA holds many mutants at once: each lives with its tests in packages whose first word is the mutant's name,
``m17.coverage.lines`` beside ``m17.coverage.lines_test``. What is not reached by the change is not copied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gatekeeper.engine.input_schema import LIBRARY_SCHEMA, input_schema
from gatekeeper.engine.program import NAMESPACE, type_modules
from gatekeeper.errors import PolicyError
from gatekeeper.load._module import parse_module
from gatekeeper.load._pack import LIBRARY, read_text
from gatekeeper.load._rego import tokenize
from gatekeeper.load.lint import Scope, lint
from gatekeeper.load.sample_data import read_data
from gatekeeper.testing.mutation._source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.input_schema import Schema
    from gatekeeper.load._module import Module, Statement
    from gatekeeper.load._pack import Pack
    from gatekeeper.load._rego import Token

Package = tuple[str, str]
"""The pack, and the rule, library or test in it."""

_WHOLE: Final = "*"
_STEPS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Files by path below a folder of their own.

    Attributes:
        files: Rules, libraries and their tests.
        checked: Rules and libraries, with the types of their inputs.
        samples: What the tests read as data, as folders of files.
    """

    files: Mapping[str, str]
    checked: Mapping[str, str]
    samples: Sequence[Mapping[str, bytes]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    text: str
    package: Package
    reads: frozenset[Package]


class Family:
    """All files of a pack, by their paths below the folder of packs.

    Args:
        pack: The pack, read and found sound.
        data: Folders and files of JSON and YAML that its tests read as ``data``.
    """

    def __init__(self, pack: Pack, data: Sequence[Path] = ()) -> None:
        self._pack = pack
        self._samples = tuple(read_data(path) for path in data)
        tests = {path.relative_to(pack.folder.parent).as_posix(): read_text(path) for path in pack.tests}
        self.changed: dict[str, str] = {**pack.libraries, **{rule.path: rule.text for rule in pack.rules}}
        """Text of the rules and libraries."""
        self.texts: dict[str, str] = {**self.changed, **tests}
        """Text of all, tests included."""
        self._files = {path: _read(text, path) for path, text in self.texts.items()}
        self._rules = {rule.path: rule for rule in pack.rules}
        self._scopes = {path: self._scope(path) for path in self.changed}

    def originals(self) -> Copy:
        """The files as they are."""
        return replace(self._copy(self._all(), NAMESPACE, self.texts), samples=self._samples)

    def copy(self, path: str, text: str, name: str) -> Copy:
        """One mutant with its tests, under a name of its own.

        Args:
            path: The file that is changed.
            text: Its text with the change.
            name: What the mutant is called.

        Raises:
            PolicyError: The text is no Rego that we can read.
        """
        return self._copy(self._reached(self._files[path].package), name, {**self.texts, path: text})

    def _copy(self, moved: frozenset[Package], name: str, texts: Mapping[str, str]) -> Copy:
        files = {path: _moved(texts[path], name, moved) for path, file in self._files.items() if file.package in moved}
        rules = {path: text for path, text in files.items() if path in self.changed}
        return Copy(files=files, checked={**rules, **type_modules(self._schemas(moved), name)})

    def refusal(self, path: str, text: str) -> str:
        """Why our own loader refuses a changed file; empty when it does not."""
        try:
            problems = lint(parse_module(text, path), self._scopes[path])
        except PolicyError as problem:
            return problem.message
        return problems[0].message if problems else ""

    def witnesses(self, path: str) -> dict[str, str]:
        """All but the file itself that decides the fate of its mutants: the text of its tests and of what they read."""
        needed = self._reached(self._files[path].package)
        while True:
            reads = {read for file in self._files.values() if file.package in needed for read in file.reads}
            if reads <= needed or needed == self._all():
                break
            needed = (needed | reads) if _WHOLE not in {name for _, name in reads} else self._all()
        found = {other: file.text for other, file in self._files.items() if file.package in needed and other != path}
        for number, held in enumerate(self._samples):
            found |= {f"data/{number}/{name}": content.decode("latin-1") for name, content in held.items()}
        return found

    def _reached(self, package: Package) -> frozenset[Package]:
        """A package and all that read it, directly or through others; all where one reads packages by a prefix."""
        found, waiting = {package}, [package]
        while waiting:
            target = waiting.pop()
            readers = {file.package for file in self._files.values() if target in file.reads} - found
            found |= readers
            waiting.extend(readers)
        by_prefix = any(name == _WHOLE for file in self._files.values() for _, name in file.reads)
        return self._all() if by_prefix else frozenset(found)

    def _all(self) -> frozenset[Package]:
        return frozenset(file.package for file in self._files.values())

    def _schemas(self, packages: frozenset[Package]) -> dict[str, Schema]:
        schemas = {
            rule.package: input_schema(rule)
            for rule in self._pack.rules
            if (rule.pack, rule.id.partition(".")[2]) in packages
        }
        if (self._pack.name, LIBRARY) in packages:
            schemas[f"{NAMESPACE}.{self._pack.name}.{LIBRARY}"] = LIBRARY_SCHEMA
        return schemas

    def _scope(self, path: str) -> Scope:
        rule = self._rules.get(path)
        if rule is None:
            return Scope(pack=self._pack.name)
        modules = [parse_module(text, path) for path, text in self._pack.libraries.items()]
        return Scope(
            pack=self._pack.name,
            rule=rule.id.partition(".")[2],
            needs=rule.needs,
            reads=rule.reads,
            baseline=rule.baseline,
            parameters={name: parameter.schema for name, parameter in rule.parameters.items()},
            library=_definitions(modules),
        )


def _definitions(modules: list[Module]) -> Mapping[str, tuple[Statement, ...]]:
    found: dict[str, tuple[Statement, ...]] = {}
    for module in modules:
        for statement in module.statements:
            found[statement.name] = (*found.get(statement.name, ()), statement)
    return found


def _read(text: str, path: str) -> _File:
    module = parse_module(text, path)
    words = module.package.split(".")
    if len(words) != _STEPS or words[0] != NAMESPACE:
        raise PolicyError(
            f"the package is {module.package}", where=f"{path}:{module.package_line}", code="pack.package"
        )
    reads = frozenset(package for _, package in _references(tokenize(text, where=path)) if package)
    return _File(text=text, package=(words[1], words[2]), reads=reads)


def _moved(text: str, name: str, moved: frozenset[Package]) -> str:
    """The text with its package, and what it reads of those that are moved, under another first word."""
    source = Source.of(text)
    for token, package in reversed(list(_references(tokenize(text)))):
        if package is None or package in moved or package[1] == _WHOLE:
            start = source.offset(token.line, token.column)
            text = text[:start] + name + text[start + len(NAMESPACE) :]
    return text


def _references(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, Package | None]]:
    """Each word ``gatekeeper`` that begins a package, with the package; None for the file's own."""
    code = [token for token in tokens if token.kind != "comment"]
    for at, token in enumerate(code):
        if token.is_("package") and at == 0:
            yield code[1], None
        elif token.is_("data") and not (at and code[at - 1].is_(".")):
            words = [step.text for step in code[at + 1 : at + 7]]
            if words[:2] == [".", NAMESPACE]:
                pack = words[3] if words[2:3] == ["."] else ""
                yield code[at + 2], (pack, words[5] if words[4:5] == ["."] else _WHOLE)
            elif words[:1] == ["["] and (code[at + 2].kind != "string" or words[1] == NAMESPACE):
                where = f"line {token.line}"
                hint = f"write data.{NAMESPACE}.<pack>.<rule>"
                raise PolicyError(
                    "data by a computed name cannot be followed", where=where, hint=hint, code="mutation.data"
                )
