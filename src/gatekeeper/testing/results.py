"""What became of Rego tests, as values read from OPA's JSON. Nothing in it is taken for a pass that does not say so."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatekeeper.testing._failures import Failure

Verdict = Literal["passed", "failed", "errored", "skipped"]

TEST_SECONDS: Final = 30
"""Seconds for one test; OPA then gives it up as an error and goes on with the others."""

NUMBERED: Final = re.compile(r"#\d+\Z")
"""What OPA appends to the name of a second rule that is called the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegoCase:
    """One case of a parametrised test (``test_limits[name] if ...``).

    Attributes:
        path: Its keys: ``("at the limit",)``; more than one where the test nests.
        outcome: ``passed`` or ``failed``.
        failure: What did not hold, where that is known.
    """

    path: tuple[str, ...]
    outcome: Verdict
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegoTest:
    """One test rule and what became of it.

    Attributes:
        file, row: Where it begins; rows count from 1.
        package: ``gatekeeper.coverage.lines_test``.
        name: ``test_bounds``; OPA adds ``#01`` to a second rule of the same name.
        outcome: ``skipped`` is a test still to be written, ``todo_test_...``.
        duration: Seconds.
        cases: Of a parametrised test, sorted; nested ones flattened.
        output: What it printed. Anything may be in it: escape it for where it goes.
        error: Of an errored test, why.
        failure: Of a failed test without cases, what did not hold, where that is known.
    """

    file: Path
    row: int
    package: str
    name: str
    outcome: Verdict
    duration: float
    cases: tuple[RegoCase, ...] = ()
    output: str = ""
    error: str = ""
    failure: Failure | None = None

    @property
    def bad(self) -> tuple[RegoCase | None, ...]:
        """What did not pass: the cases that did not, or None for the test itself; empty for a test that did."""
        if self.outcome not in {"failed", "errored"}:
            return ()
        return tuple(case for case in self.cases if case.outcome != "passed") or (None,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegoRun:
    """What one run came to.

    Attributes:
        tests: Sorted by file, row and name; never empty.
    """

    tests: tuple[RegoTest, ...]

    def count(self, outcome: Verdict) -> int:
        """How many tests came out so."""
        return sum(test.outcome == outcome for test in self.tests)


def read_test(result: Mapping[str, Any], texts: Mapping[str, str], origins: Mapping[str, Path]) -> RegoTest:
    """One result of ``opa test``.

    Args:
        result: As OPA writes it.
        texts: The files by OPA's paths.
        origins: Where they came from.

    Raises:
        EngineError: It is not what OPA writes.
    """
    try:
        location, name = result["location"], str(result["name"])
        file, row = origins[location["file"]], int(location["row"])
        outcome, error = verdict(result)
        cases = tuple(sorted(_cases(result.get("sub_results") or {}, ()), key=lambda case: case.path))
        if outcome == "passed" and not cases and _is_parametrised(texts[location["file"]], row, name):
            outcome, error = "errored", "it has no case, so it checked nothing"
        bad = any(case.outcome != "passed" for case in cases)
        if outcome == "passed" and bad:
            outcome = "failed"
        return RegoTest(
            file=file,
            row=row,
            package=str(result["package"]).removeprefix("data."),
            name=name,
            outcome=outcome,
            duration=int(result["duration"]) / 1e9,
            cases=cases if bad or outcome == "passed" else (),  # what is wrong must be one of them, or stand alone
            output=base64.b64decode(result.get("output", "")).decode(errors="replace"),
            error=error,
        )
    except (LookupError, TypeError, ValueError, AttributeError) as cause:
        raise EngineError("OPA's answer is not a list of tests", code="engine.answer") from cause


def verdict(result: Mapping[str, Any]) -> tuple[Verdict, str]:
    """The outcome, and of an error what it says. Whatever is there and is not ``False`` counts against a pass."""
    if result.get("error"):
        return "errored", _error_text(result["error"])
    if result.get("fail", False) is not False:
        return "failed", ""
    return ("skipped", "") if result.get("skip", False) is not False else ("passed", "")


def _error_text(error: Any) -> str:
    parts = error if isinstance(error, list) else [error]
    texts = (f"{part.get('code', 'error')}: {part.get('message', '')}" for part in parts if isinstance(part, dict))
    text = "; ".join(texts) or "it does not say why"
    if "eval_cancel_error" in text:
        return f"it ran for more than {TEST_SECONDS} s and was given up"
    return re.sub(r"\s*\n\s*", " ", text)


def _cases(results: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[RegoCase]:
    for key, result in results.items():
        inner = result.get("sub_results")
        if inner:
            yield from _cases(inner, (*path, key))
        else:
            passed = verdict(result)[0] == "passed"
            yield RegoCase(path=(*path, key), outcome="passed" if passed else "failed")


def _is_parametrised(text: str, row: int, name: str) -> bool:
    return text.split("\n")[row - 1].startswith(f"{NUMBERED.sub('', name)}[")
