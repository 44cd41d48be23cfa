"""Rules that no test has seen deny: they may be unable to, and nobody would know.

Coverage is the witness. OPA marks the head of a definition as covered only when its whole body held, so a ``deny``
whose head is covered by tests that pass has denied in one of them. Each definition of ``deny`` counts on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.engine.process import Deadline, Folder, Process
from gatekeeper.errors import EngineError, PolicyError
from gatekeeper.load._conftest import is_denial
from gatekeeper.load._module import parse_module
from gatekeeper.load._pack import read_text
from gatekeeper.load._pack_toml import CONFTEST
from gatekeeper.load.sample_data import read_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.load._pack import Pack
    from gatekeeper.load.packs import Packs
    from gatekeeper.policy import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Untested:
    """A definition of ``deny`` that no test has seen hold.

    Attributes:
        rule: The rule's id; of a pack in the style of conftest, the pack.
        where: File and line of the definition, below the folder of packs.
    """

    rule: str
    where: str


def untested_rules(
    packs: Packs, binary: OpaBinary, *, deadline: float = 120.0, data: Sequence[Path] = ()
) -> tuple[Untested, ...]:
    """Run the Rego tests of all packs and name what none of them has seen deny.

    Args:
        packs: The packs, with their tests.
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
        deadline: Seconds that all of it may take.
        data: Folders and files of JSON and YAML that tests read as ``data``.

    Raises:
        PolicyError: Tests of a pack do not pass; then nothing is known.
        EngineError: OPA could not be run, or ran past the deadline.
    """
    clock = Deadline(deadline)
    held = [read_data(path) for path in data]
    covered = ((pack, _covered(pack, held, binary, clock)) for pack in packs.packs.values())
    return tuple(item for pack, lines in covered for item in _untested(pack, lines))


def _untested(pack: Pack, covered: dict[str, set[int]]) -> Iterator[Untested]:
    for name, path, line in _policy_denials(pack) if pack.style == CONFTEST else _denials(pack.rules):
        if line not in covered.get(path, set()):
            yield Untested(rule=name, where=f"{path}:{line}")


def _denials(rules: Sequence[Rule]) -> Iterator[tuple[str, str, int]]:
    for rule in rules:
        for statement in parse_module(rule.text, rule.path).statements:
            if statement.name == "deny":
                yield rule.id, rule.path, statement.line


def _policy_denials(pack: Pack) -> Iterator[tuple[str, str, int]]:
    for path, text in _policies(pack):
        for statement in parse_module(text, path).statements:
            if is_denial(statement.name):
                yield pack.name, path, statement.line


def _covered(
    pack: Pack, data: Sequence[Mapping[str, bytes]], binary: OpaBinary, clock: Deadline
) -> dict[str, set[int]]:
    """By file the lines whose first column is covered: heads of definitions that held."""
    folder = Folder()
    try:
        folder.write({f"packs/{path}": text.encode() for path, text in _texts(pack)})
        for number, held in enumerate(data):
            folder.write({f"data/{number}/{path}": content for path, content in held.items()})
        loaded = [".", *(f"../data/{number}" for number in range(len(data)))]
        arguments = [str(binary.path), "test", *loaded, "--coverage", "--format", "json", "--timeout", "60s"]
        arguments.append("--exit-zero-on-skipped")  # a test still to be written says nothing about the others
        outcome = Process(arguments, folder=folder, cwd="packs").communicate([], clock)
    finally:
        folder.close()
    if outcome.status != 0:
        hint = f"see which with: opa test {pack.folder}"
        raise PolicyError("the pack's tests do not pass", where=str(pack.folder), hint=hint, code="pack.tests")
    files = _json.parse_object(outcome.stdout, where="opa test").get("files")
    if not isinstance(files, dict):
        raise EngineError("OPA gave no coverage", code="engine.answer")
    return {path.removeprefix("./"): set(_heads(file)) for path, file in files.items()}


def _texts(pack: Pack) -> Iterator[tuple[str, str]]:
    if pack.style == CONFTEST:
        yield from _policies(pack)
    else:
        yield from pack.libraries.items()
        yield from ((rule.path, rule.text) for rule in pack.rules)
    yield from ((path.relative_to(pack.folder.parent).as_posix(), read_text(path)) for path in pack.tests)


def _policies(pack: Pack) -> Iterator[tuple[str, str]]:
    """The policies of a pack in the style of conftest, as their authors wrote them."""
    yield from ((path, read_text(pack.folder.parent / path)) for path in pack.libraries)


def _heads(file: dict[str, Any]) -> Iterator[int]:
    for part in file.get("covered", ()):
        if part["start"]["col"] == 1:
            yield part["start"]["row"]
