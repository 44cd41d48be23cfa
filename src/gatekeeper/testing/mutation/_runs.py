"""Mutants and their tests, many at a time in one OPA: first those that do not compile are found, then all tests run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from gatekeeper import _json
from gatekeeper.engine.process import Deadline, Folder, Outcome, Process
from gatekeeper.errors import EngineError, MalformedError, PolicyError
from gatekeeper.testing.rego import offline_capabilities
from gatekeeper.testing.results import read_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing.mutation._family import Copy
    from gatekeeper.testing.results import RegoTest

Fate = Literal["killed", "survived", "invalid"]

ORIGINAL: Final = "original"
"""Where the pack lies as it is."""

_TEST_SECONDS: Final = 10
_COLLECT: Final = 400
"""Compiling a hundred rules makes much and keeps most of it: collecting less often halves OPA's processor time."""

_CHECK: Final = "check"
_TEST: Final = "test"
_RAN: Final = (0, 2)
"""Status of ``opa test`` where all tests passed, and where some did not."""

_ALL_ERRORS: Final = "1000000"


class BrokenDownError(EngineError):
    """OPA ended without an answer while it ran tests: most likely they took more memory than it is given."""

    default_code = "engine.answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        fate: ``killed`` where a test did not pass, ``survived`` where all did, ``invalid`` where it is no rule.
        killers: The tests that did not pass, by package and name, sorted.
        reason: Why it is invalid.
    """

    fate: Fate
    killers: tuple[str, ...] = ()
    reason: str = ""


def judge(originals: Copy, mutants: Mapping[str, Copy], binary: OpaBinary, deadline: float) -> dict[str, Verdict]:
    """Run the tests of some mutants beside those of the pack as it is.

    Args:
        originals: The pack as it is.
        mutants: By name.
        binary: The OPA to run.
        deadline: Seconds that all of it may take.

    Raises:
        PolicyError: The pack's own tests do not pass, or there are none.
        BrokenDownError: OPA broke down.
        EngineError: OPA could not be run, or gave no usable answer.
    """
    with _Bench(originals, mutants, binary, Deadline(deadline)) as bench:
        invalid = bench.invalid()
        killers = bench.killers()
    found = {name: Verdict(fate="killed" if killers[name] else "survived", killers=killers[name]) for name in killers}
    return found | {name: Verdict(fate="invalid", reason=reason) for name, reason in invalid.items()}


def unreached(originals: Copy, binary: OpaBinary, deadline: float) -> dict[str, set[int]]:
    """The lines of each file that no test of the pack has run, as OPA's coverage has them.

    Args:
        originals: The pack as it is.
        binary: The OPA to run.
        deadline: Seconds that it may take.

    Raises:
        EngineError: OPA could not be run, or gave no coverage.
    """
    with _Bench(originals, {}, binary, Deadline(deadline)) as bench:
        return bench.unreached()


class _Bench:
    """A private folder with the pack and its mutants, each in a folder of its own: once to check, once to test.

    They are checked without their tests, whose inputs are not of the types that a gate gives.
    """

    def __init__(self, originals: Copy, mutants: Mapping[str, Copy], binary: OpaBinary, clock: Deadline) -> None:
        self._binary, self._clock = binary, clock
        self._left = set(mutants)
        copies = {ORIGINAL: originals, **mutants}
        self._texts = {f"{name}/{path}": text for name, copy in copies.items() for path, text in copy.files.items()}
        self._checked = {f"{name}/{path}": text for name, copy in copies.items() for path, text in copy.checked.items()}
        self._samples = originals.samples
        self._folder = Folder()

    def __enter__(self) -> Self:
        self._folder.write({f"{_CHECK}/{path}": text.encode() for path, text in self._checked.items()})
        self._folder.write({f"{_TEST}/{path}": text.encode() for path, text in self._texts.items()})
        for number, held in enumerate(self._samples):
            self._folder.write({f"data/{number}/{path}": content for path, content in held.items()})
        self._folder.write({"capabilities.json": offline_capabilities(self._binary, self._folder, self._clock)})
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.close()

    def invalid(self) -> dict[str, str]:
        """Those that are no rules, by name with why; they are left out from here on."""
        found: dict[str, str] = {}
        while faults := self._faults(_CHECK, "--strict"):
            self._drop(faults)
            found |= faults
        return found

    def killers(self) -> dict[str, tuple[str, ...]]:
        """For each mutant that is left the tests that it does not pass."""
        found: dict[str, tuple[str, ...]] = {}
        while (results := self._results()) is None:
            faults = self._faults(_TEST)
            if not faults:
                raise EngineError("OPA ran no test and finds no fault", code="engine.answer")
            self._drop(faults)
            found |= {name: (f"its tests do not compile: {message}",) for name, message in faults.items()}
        return found | self._read(results)

    def unreached(self) -> dict[str, set[int]]:
        """By file the rows that no test has run."""
        outcome = self._opa(_TEST, "test", *self._loaded(), "--coverage", "--format", "json", "--exit-zero-on-skipped")
        files = _json.parse_object(outcome.stdout, where="opa test").get("files")
        if not isinstance(files, dict):
            raise EngineError("OPA gave no coverage", code="engine.answer")
        return {path.partition("/")[2]: set(_rows(file.get("not_covered", ()))) for path, file in files.items()}

    def _read(self, results: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
        origins = {path: Path(path) for path in self._texts}
        found: dict[str, set[str]] = {name: set() for name in self._left}
        own: list[RegoTest] = []
        for result in results:
            name = result["location"]["file"].partition("/")[0]
            test = read_test(result, self._texts, origins)
            if name == ORIGINAL:
                own.append(test)
            else:
                found[name] |= set(_bad(test, name))
        _check_originals(own)
        return {name: tuple(sorted(killers)) for name, killers in found.items()}

    def _drop(self, faults: Mapping[str, str]) -> None:
        for name in faults:
            shutil.rmtree(self._folder.path / _TEST / name)
            shutil.rmtree(self._folder.path / _CHECK / name)
        self._left -= faults.keys()

    def _faults(self, where: str, *options: str) -> dict[str, str]:
        """By mutant the first error that OPA finds in it, at the first step of compilation that finds any."""
        errors = self._check(where, [ORIGINAL, *sorted(self._left)], *options)
        placed = [(path, message) for path, message in errors if path]
        if errors and not placed:
            return self._halved(where, sorted(self._left), *options)
        found: dict[str, str] = {}
        for path, message in placed:
            name, _, file = path.partition("/")
            if name not in self._left:
                raise PolicyError(f"it does not compile: {message}", where=file, code="policy.load")
            found.setdefault(name, message)
        return found

    def _halved(self, where: str, names: list[str], *options: str) -> dict[str, str]:
        """The same for errors that OPA gives no place: who is left when the others are not there."""
        errors = self._check(where, [ORIGINAL, *names], *options)
        if not errors:
            return {}
        if not names:
            raise PolicyError(f"it does not compile: {errors[0][1]}", code="policy.load")
        if len(names) == 1:
            return {names[0]: errors[0][1]}
        middle = len(names) // 2
        return self._halved(where, names[:middle], *options) | self._halved(where, names[middle:], *options)

    def _check(self, where: str, folders: list[str], *options: str) -> list[tuple[str, str]]:
        """What ``opa check`` finds, as file and message."""
        common = ("--format", "json", "--max-errors", _ALL_ERRORS)
        outcome = self._opa(where, "check", *folders, *common, *options)
        errors = list(_errors(outcome)) if outcome.status else []
        if outcome.status and not errors:
            raise EngineError(f"opa check ended with status {outcome.status} and no reason", code="engine.answer")
        return errors

    def _results(self) -> list[dict[str, Any]] | None:
        """What became of each test; None where something did not compile."""
        outcome = self._opa(_TEST, "test", *self._loaded(), "--format", "json", "--timeout", f"{_TEST_SECONDS}s")
        if outcome.status not in _RAN:
            return None
        if not outcome.stdout:  # Go ends with 2 as well when it breaks down
            said = outcome.stderr.decode(errors="replace").strip().splitlines()
            raise BrokenDownError(f"OPA broke down: {said[0] if said else 'without a word'}")
        results = _json.parse(outcome.stdout, where="opa test", wide=True)
        if not isinstance(results, list):
            raise EngineError("OPA gave no list of tests", code="engine.answer")
        return results

    def _loaded(self) -> list[str]:
        """What tests run on: all copies, and the samples."""
        return [".", *(f"../data/{number}" for number in range(len(self._samples)))]

    def _opa(self, where: str, action: str, *arguments: str) -> Outcome:
        common = [str(self._binary.path), action, "--capabilities", "../capabilities.json"]
        process = Process([*common, *arguments], folder=self._folder, cwd=where, collect=_COLLECT)
        return process.communicate([], self._clock)


def _errors(outcome: Outcome) -> Iterator[tuple[str, str]]:
    try:
        errors = _json.parse_object(outcome.stderr, where="opa check").get("errors", [])
    except MalformedError as cause:
        raise EngineError("opa check gave no list of errors", code="engine.answer") from cause
    for error in errors:
        yield str((error.get("location") or {}).get("file", "")), str(error.get("message", ""))


def _rows(parts: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    for part in parts:
        yield from range(part["start"]["row"], part["end"]["row"] + 1)


def _check_originals(tests: list[RegoTest]) -> None:
    if not any(test.outcome == "passed" for test in tests):
        raise PolicyError("no test passes, so that none can kill a mutant", code="mutation.no_tests")
    for test in tests:
        if test.bad:
            where = f"{test.file.as_posix().partition('/')[2]}:{test.row}"
            hint = "see why with gatekeeper policy test"
            message = f"{test.name} does not pass without any change"
            raise PolicyError(message, where=where, hint=hint, code="mutation.tests")


def _bad(test: RegoTest, name: str) -> Iterator[str]:
    package = test.package.removeprefix(f"{name}.")
    for case in test.bad:
        yield f"{package}.{test.name}" + "".join(f"[{key}]" for key in (case.path if case else ()))
