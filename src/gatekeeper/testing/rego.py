"""Rego tests, run by the real OPA: one ``opa test`` for all files that belong together, and every result accounted for.

The exit code of ``opa test`` says little: 0 also when nothing ran, 2 for a test that failed, erred or is still to be
written, 1 with prose for files that do not load. So results are read from its JSON, load errors from ``opa check``,
and what neither explains is an error. A test that erred carries no ``fail`` and is no pass; a parametrised test
without a case checked nothing and is no pass; no test at all is an error.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from gatekeeper import _json
from gatekeeper.engine.process import Deadline, Folder, Outcome, Process
from gatekeeper.errors import EngineError, MalformedError, PolicyError, UsageError
from gatekeeper.load._pack import read_text
from gatekeeper.load.sample_data import read_data
from gatekeeper.testing import roots
from gatekeeper.testing._failures import Explanations
from gatekeeper.testing.results import NUMBERED, TEST_SECONDS, RegoRun, RegoTest, read_test, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatekeeper.engine.find import OpaBinary

DEADLINE: Final = 300.0
"""Seconds for all tests of one root, where the caller does not say."""

NO_TESTS: Final = "policy.no_tests"
"""Code of the error that says that there is no test."""

_LISTED_FAULTS: Final = 1000
_SOME_DID_NOT: Final = 2
"""Status of ``opa test`` when a test failed, erred or is still to be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a file does not load.

    Attributes:
        file, row: Where; no file where OPA names none.
        message: What is wrong.
    """

    file: Path | None
    row: int
    message: str

    @property
    def place(self) -> str:
        """``lines_test.rego:12``."""
        return f"{self.file}:{self.row}" if self.file else ""


class LoadError(PolicyError):
    """Rego that does not load, so that none of its tests ran.

    Attributes:
        faults: All of them, sorted; never empty.
    """

    default_code = "policy.load"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first, *others = faults
        more = f" (and {len(others)} more)" if others else ""
        super().__init__(f"{first.message}{more}", where=first.place)
        self.faults = tuple(faults)


def run_tests(
    paths: Sequence[Path | str],
    *,
    binary: OpaBinary,
    data: Sequence[Path] = (),
    deadline: float = DEADLINE,
    pattern: str | None = None,
) -> RegoRun:
    """Run the tests in some folders or files together, with everything in them and nothing else.

    Only Rego is loaded: samples in JSON or YAML beside it never become data, unless they are named. OPA sees no
    environment and no network.

    Args:
        paths: Folders, searched through, and ``.rego`` files.
        data: Folders and files of JSON and YAML that tests read as ``data``, placed there as ``opa test`` places them:
            ``cases/slow.json`` below a folder is merged into ``data.cases``.
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
        deadline: Seconds that all of it may take.
        pattern: A regular expression for ``data.<package>.<name>`` of the tests to run; all when None.

    Raises:
        LoadError: A file does not compile.
        PolicyError: There is no test, or a file holds characters that nobody sees.
        UsageError: A path is not there.
        SourceError: A file could not be read.
        EngineError: OPA could not be run, ran past the deadline, or gave no usable answer.
    """
    with Workplace.of(paths, data, binary=binary, deadline=deadline) as place:
        outcome = place.test("--format", "json", *_only(pattern))
        results = _results(outcome)
        if results is None:
            raise _why(place, outcome)
        _check_status(outcome.status, results)
        if not results:
            raise _no_test(paths, pattern)
        tests = [read_test(result, place.texts, place.origins) for result in results]
        tests.sort(key=lambda test: (test.file, test.row, test.name))
        _check_places(tests)
        return RegoRun(tests=tuple(_explained(tests, place)))


def only(tests: Iterable[RegoTest]) -> tuple[str, str]:
    """The arguments of ``opa test`` that pick these tests."""
    return "--run", f"^({'|'.join(sorted(re.escape(_reference(test)) for test in tests))})$"


class Workplace:
    """A private folder with a copy of the files, by paths that are the same on every machine."""

    def __init__(
        self, rego: Sequence[Path], base: Path, data: Sequence[Path], binary: OpaBinary, clock: Deadline
    ) -> None:
        self.texts = {file.relative_to(base).as_posix(): read_text(file) for file in rego}
        self.origins = {file.relative_to(base).as_posix(): file for file in rego}
        self._data = [read_data(path) for path in data]
        self._binary, self._clock = binary, clock
        self._folder = Folder()

    @classmethod
    def of(cls, paths: Sequence[Path | str], data: Sequence[Path] = (), *, binary: OpaBinary, deadline: float) -> Self:
        """A folder with what :func:`run_tests` runs; the arguments are those of it, and so are the errors."""
        places = [Path(path).absolute() for path in paths]
        base = Path(os.path.commonpath([path.parent for path in places]))
        return cls(_files(places), base, data, binary, Deadline(deadline))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.close()

    def test(self, *arguments: str) -> Outcome:
        """Run ``opa test`` on them."""
        seconds = max(1, min(TEST_SECONDS, int(self._clock.remaining())))
        common = ("--timeout", f"{seconds}s", "--capabilities", "../capabilities.json")
        return self.opa("test", *self._loaded(), *common, *arguments)

    def check(self) -> Outcome:
        """Run ``opa check`` on them."""
        return self.opa("check", *self._loaded(), "--format", "json", "--max-errors", str(_LISTED_FAULTS))

    def _loaded(self) -> list[str]:
        return [".", *(f"../data/{number}" for number in range(len(self._data)))]

    def opa(self, *arguments: str) -> Outcome:
        """Run OPA beside them."""
        return self._run(arguments)

    def origin(self, path: object) -> Path | None:
        """The file that OPA calls by a path."""
        return self.origins.get(path) if isinstance(path, str) else None

    def _run(self, arguments: Sequence[str]) -> Outcome:
        if not (self._folder.path / "files").exists():
            self._folder.write({f"files/{path}": text.encode() for path, text in self.texts.items()})
            self._folder.write({"capabilities.json": offline_capabilities(self._binary, self._folder, self._clock)})
            for number, held in enumerate(self._data):
                self._folder.write({f"data/{number}/{path}": content for path, content in held.items()})
        process = Process([str(self._binary.path), *arguments], folder=self._folder, cwd="files")
        return process.communicate([], self._clock)


def offline_capabilities(binary: OpaBinary, folder: Folder, clock: Deadline) -> bytes:
    """All builtins, since tests may build their inputs with any, but no host to talk to."""
    process = Process([str(binary.path), "capabilities", "--current"], folder=folder)
    said = _json.parse_object(process.communicate([], clock).stdout, where="opa capabilities")
    return _json.canonical({**said, "allow_net": []})


def _files(paths: Sequence[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path), code="usage.missing_file")
        found.update(dict.fromkeys(roots.rego_files(path) if path.is_dir() else [path]))
    if not found:
        raise _no_test(paths, None)
    return sorted(found)


def _no_test(paths: Sequence[Path | str], pattern: str | None) -> PolicyError:
    what = f"no test is called {pattern}" if pattern else "there is no test"
    hint = "tests are rules called test_..., in files called *_test.rego"
    return PolicyError(what, where=", ".join(str(path) for path in paths), hint=hint, code=NO_TESTS)


def _only(pattern: str | None) -> tuple[str, ...]:
    return () if pattern is None else ("--run", pattern)


def _results(outcome: Outcome) -> list[dict[str, Any]] | None:
    """The list that OPA wrote; None when it wrote none."""
    try:
        results = _json.parse(outcome.stdout, where="opa test", wide=True) if outcome.stdout else None
    except MalformedError:
        return None
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        return None
    return results


def _check_status(status: int, results: Sequence[Mapping[str, Any]]) -> None:
    """OPA ends with 0 where every test passed and with 2 where one did not; anything else is not to be believed."""
    passed = all(verdict(result)[0] == "passed" for result in results)
    if status != (0 if passed else _SOME_DID_NOT):
        raise EngineError(f"OPA's results and its status {status} contradict each other", code="engine.answer")


def _check_places(tests: Sequence[RegoTest]) -> None:
    """A test in another file would run here and be reported nowhere."""
    for test in tests:
        if not roots.is_test_file(test.file):
            raise PolicyError(
                f"OPA takes {test.name} for a test, and this is no test file",
                where=f"{test.file}:{test.row}",
                hint="move it to a file called *_test.rego, or call it otherwise",
                code="policy.misplaced_test",
            )


def _why(place: Workplace, outcome: Outcome) -> PolicyError | EngineError:
    """Why OPA ran no test: the faults that ``opa check`` finds, or what it said itself."""
    checked = place.check()
    faults = sorted(_faults(checked.stderr, place), key=lambda fault: (fault.place.rpartition(":")[0], fault.row))
    if faults:
        return LoadError(faults)
    said = outcome.stderr.decode(errors="replace").strip().splitlines()
    return EngineError(
        f"OPA ran no test: {said[0] if said else f'it ended with status {outcome.status}'}", code="engine.answer"
    )


def _faults(data: bytes, place: Workplace) -> Iterator[Fault]:
    try:
        errors = _json.parse_object(data, where="opa check").get("errors")
    except MalformedError:
        return
    for error in errors if isinstance(errors, list) else ():
        location = error.get("location") or {}
        row = location.get("row")
        yield Fault(
            file=place.origin(location.get("file")),
            row=row if isinstance(row, int) else 0,
            message=str(error.get("message", "it does not say why")),
        )


def _explained(tests: Sequence[RegoTest], place: Workplace) -> list[RegoTest]:
    """The tests, those that failed with what did not hold: asked in a second run, for them alone."""
    failed = [test for test in tests if test.outcome == "failed"]
    if not failed:
        return list(tests)
    traced = _results(place.test("--format", "json", "--var-values", *only(failed))) or []
    drawn = place.test("--format", "pretty", "--var-values", *only(failed)).stdout.decode(errors="replace")
    explanations = Explanations(traced, drawn, place.texts, place.origins)
    return [_with_failures(test, explanations) if test.outcome == "failed" else test for test in tests]


def _reference(test: RegoTest) -> str:
    """What OPA calls a test when it picks those to run."""
    last = f'["{test.name}"]' if NUMBERED.search(test.name) else f".{test.name}"
    return f"data.{test.package}{last}"


def _with_failures(test: RegoTest, explanations: Explanations) -> RegoTest:
    name = f"data.{test.package}.{test.name}"
    if not test.cases:
        return replace(test, failure=explanations.of(name, [()])[0])
    failed = [case.path for case in test.cases if case.outcome == "failed"]
    found = dict(zip(failed, explanations.of(name, failed), strict=True))
    return replace(test, cases=tuple(replace(case, failure=found.get(case.path)) for case in test.cases))
