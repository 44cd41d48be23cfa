"""Runs the examples in the documentation: every fenced block of every document is executed or parsed.

A block is treated by its language: ``python`` is executed, ``console`` is run and its output compared (``...`` stands
for anything, a last line ``[1]`` for the exit code), ``sh``, ``toml``, ``json``, ``yaml`` and ``rego`` are parsed. The
blocks of one document run in order in one folder and, for Python, in one namespace. A comment before one says more::

    <!-- example: in examples/parcel -->    run from here on in a copy of that folder
    <!-- example: file gate.toml -->        parse, and write into the folder for the blocks that follow
    <!-- example: parse -->                 parse only
    <!-- example: skip because REASON -->   neither: a format without parser, or a command that takes minutes
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tree import ROOT, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BLOCK: Final = re.compile(
    r"(?:^<!-- example: (?P<note>.+?) -->\n\s*)?^(?P<fence>`{3,})(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
GATEKEEPER: Final = 'gatekeeper() { python -m gatekeeper "$@"; }\nopa() { "${GATEKEEPER_OPA:-opa}" "$@"; }\n'
"""What a reader has installed, from this clone."""

PROSE: Final = ("", "text", "diff")
"""Languages of blocks that are pictures, not examples."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One fenced block.

    Attributes:
        line: Where its text starts, for messages and tracebacks.
        note: What the comment before it says.
    """

    path: Path
    line: int
    language: str
    text: str
    note: str = ""

    @property
    def place(self) -> str:
        """``docs/ci.md:12``."""
        return f"{name_of(self.path)}:{self.line}"


def examples_in(path: Path) -> list[Example]:
    """The blocks of a document, in order; pictures left out."""
    return [example for example in _blocks(path) if example.language not in PROSE]


def _blocks(path: Path) -> Iterator[Example]:
    document = path.read_text(encoding="utf-8")
    for match in BLOCK.finditer(document):
        line = document.count("\n", 0, match.start("text")) + 1
        note = match["note"] or ""
        yield Example(path=path, line=line, language=match["language"], text=match["text"], note=note)


def run_document(path: Path, folder: Path) -> None:
    """Run all examples of a document in a folder of its own."""
    namespace: dict[str, Any] = {"__name__": "example"}
    for example in examples_in(path):
        if example.note.startswith("in "):
            shutil.copytree(ROOT / example.note.removeprefix("in "), folder, dirs_exist_ok=True)
        run(example, folder, namespace)


def run(example: Example, folder: Path, namespace: dict[str, Any]) -> None:
    """Execute or parse one example; what is wrong is an exception that names its place."""
    if example.note.startswith("skip because "):
        return
    if example.language == "python" and example.note != "parse":
        exec(_compiled(example), namespace)  # noqa: S102 - our own documentation
    elif example.language == "console" and example.note != "parse":
        for command, expected in commands_of(example.text):
            check_command(example, command, expected, folder)
    else:
        parse(example)
    if example.note.startswith("file "):
        target = folder / example.note.removeprefix("file ")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(example.text, encoding="utf-8")


def _compiled(example: Example) -> Any:
    return compile("\n" * (example.line - 1) + example.text, example.place, "exec")


def commands_of(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that follows it; ``> `` goes on with a command."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif not found:
            pytest.fail(f"a console block starts with '$ ', not with {line!r}")
        elif line.startswith("> ") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", "")
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def check_command(example: Example, command: str, expected: str, folder: Path) -> None:
    """Run a command as a reader would and compare what it prints and how it ends."""
    done = subprocess.run(
        ["sh", "-c", GATEKEEPER + command],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    output, code = _expected(expected)
    printed = done.stdout + done.stderr
    same = doctest.OutputChecker().check_output(output, printed, doctest.ELLIPSIS)
    if not same or done.returncode != code:
        pytest.fail(f"{example.place}: $ {command}\nexit {done.returncode}, not {code}\n{printed}\nexpected:\n{output}")


def _expected(text: str) -> tuple[str, int]:
    match = re.search(r"^\[(\d+)\]\n\Z", text, re.MULTILINE)
    return (text[: match.start()], int(match[1])) if match else (text, 0)


def _environment() -> dict[str, str]:
    """The running interpreter's programs first; no colour, no width of somebody's terminal."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])  # noqa: PTH120 - not resolved
    # the plugin has to be named where this clone is not installed, and only there
    plugin = "" if entry_points(group="pytest11", name="gatekeeper") else " -p gatekeeper.pytest_plugin"
    kept = {name: os.environ[name] for name in ("HOME", "GATEKEEPER_OPA", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": path,
        "PYTHONPATH": str(ROOT / "src"),
        "PYTEST_ADDOPTS": f"-p no:randomly -p no:cacheprovider{plugin}",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }


def parse(example: Example) -> None:
    """Parse an example by its language; a language that nothing here can parse is an error."""
    parser = PARSERS.get(example.language)
    if parser is None:
        pytest.fail(f"{example.place}: no way to check a block in {example.language!r}; known: {sorted(PARSERS)}")
    try:
        parser(example.text)
    except (ValueError, SyntaxError, yaml.YAMLError, subprocess.CalledProcessError) as problem:
        pytest.fail(f"{example.place}: not valid {example.language}: {getattr(problem, 'stderr', None) or problem}")


def _shell(text: str) -> None:
    subprocess.run(["sh", "-n"], input=text, text=True, check=True, capture_output=True)


def _console(text: str) -> None:
    for command, _ in commands_of(text):
        _shell(command)


def _rego(text: str) -> None:
    opa = os.environ["GATEKEEPER_OPA"]
    subprocess.run([opa, "fmt", "--fail"], input=text, text=True, check=True, capture_output=True)


PARSERS: Final[dict[str, Callable[[str], object]]] = {
    "console": _console,
    "json": json.loads,
    "python": lambda text: compile(text, "example", "exec"),
    "rego": _rego,
    "sh": _shell,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}
