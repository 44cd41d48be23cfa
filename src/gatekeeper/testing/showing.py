"""A failed Rego test in words, the same for pytest and for the command. Nothing in it can act on a terminal or CI."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.report.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.testing._failures import Failure
    from gatekeeper.testing.results import RegoCase, RegoTest

_SHORT: Final = 60
_UNNAMED: Final = "it is not true, and OPA names no expression: what it reads is undefined, or its value is another"


def place(file: Path, row: int, *, base: Path | None = None) -> str:
    """``policies/coverage/lines/lines_test.rego:12``, seen from ``base``, or from the current folder.

    Args:
        file: A file.
        row: Its line; left out when 0.
        base: Where the reader stands.
    """
    seen = os.path.relpath(file, base or Path.cwd())
    shown = str(file) if seen.startswith("..") else seen
    return inert(f"{shown}:{row}" if row else shown)


def full_name(test: RegoTest, case: RegoCase | None = None) -> str:
    """``test_bounds[at the limit]``, as one writes it in Rego; safe to print."""
    return inert(test.name + "".join(f"[{key}]" for key in (case.path if case else ())))


def summary(test: RegoTest, case: RegoCase | None = None) -> str:
    """Why it did not pass, on one line."""
    if test.error:
        return inert(test.error)
    failure = case.failure if case else test.failure
    if failure is None or not failure.expression:
        return _UNNAMED
    if _fits(failure):
        return inert(f"{failure.expression}: expected {failure.expected[0]}, actual {failure.actual[0]}")
    return inert(f"{failure.expression} does not hold")


def explanation(test: RegoTest, case: RegoCase | None = None, *, base: Path | None = None) -> str:
    """Why it did not pass: the expression with its values, expected and actual, variables, and where it stands."""
    failure = case.failure if case else test.failure
    blocks = [[summary(test, case)]]
    if failure is not None and not test.error:
        blocks += [[f"    {inert(line)}" for line in failure.drawing], list(_sides(failure)), list(_variables(failure))]
    file, row = (failure.file, failure.row) if failure and failure.file else (test.file, test.row)
    blocks.append([place(file, row, base=base)])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def printed(test: RegoTest) -> str:
    """What the test printed, line by line, unable to be a command to CI."""
    return "".join(f"{inert(line)}\n" for line in test.output.splitlines())


def _fits(failure: Failure) -> bool:
    """Whether the two sides of the comparison fit into the summary."""
    sides = (*failure.expected, *failure.actual)
    return len(sides) == len(("expected", "actual")) and max(map(len, sides)) <= _SHORT


def _sides(failure: Failure) -> Iterator[str]:
    expected, actual = failure.expected, failure.actual
    if expected and not _fits(failure):
        yield "expected (-), actual (+)"
        yield from (inert(line).rstrip() for line in _difference(expected, actual))


def _difference(expected: Sequence[str], actual: Sequence[str]) -> Iterator[str]:
    compared = difflib.unified_diff(expected, actual, n=max(len(expected), len(actual)), lineterm="")
    return (f"    {line[0]} {line[1:]}" for line in list(compared)[3:])  # without file names and line numbers


def _variables(failure: Failure) -> Iterator[str]:
    for at, (name, value) in enumerate(failure.variables):
        yield f"{'where' if at == 0 else '':<9} {inert(name)} = {inert(value)}"
