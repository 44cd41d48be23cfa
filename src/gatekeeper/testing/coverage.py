"""Which lines of Rego rules the tests that pass have run, as OPA counts them.

OPA says which lines with an expression held or were looked at in some test, and which were not. A test that does not
pass shows nothing about the lines it ran, so it is left out. Test files are not counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.errors import EngineError, MalformedError
from gatekeeper.report.inert import inert
from gatekeeper.testing import roots, showing
from gatekeeper.testing.rego import DEADLINE, Workplace, only, run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCoverage:
    """The lines of one Rego file that say something.

    Attributes:
        file: The file.
        covered: Its lines that a passing test has run, from 1; sorted.
        uncovered: Those that none has; sorted.
    """

    file: Path
    covered: tuple[int, ...]
    uncovered: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegoCoverage:
    """The coverage of rules by their Rego tests.

    Attributes:
        files: Sorted by file; test files are not among them.
    """

    files: tuple[FileCoverage, ...]

    @property
    def lines(self) -> int:
        """How many lines say something."""
        return sum(len(file.covered) + len(file.uncovered) for file in self.files)

    @property
    def covered(self) -> int:
        """How many of them a passing test has run."""
        return sum(len(file.covered) for file in self.files)

    def reaches(self, percent: int) -> bool:
        """At least so many percent of the lines are covered. Of no line nothing is covered."""
        return self.lines > 0 and self.covered * 100 >= percent * self.lines

    def as_text(self, *, base: Path | None = None) -> Iterator[str]:
        """A line for each file with lines that nothing has run, and one for all."""
        for file in self.files:
            if file.uncovered:
                total = len(file.covered) + len(file.uncovered)
                where = showing.place(file.file, 0, base=base)
                yield f"{where}  {len(file.covered)} of {total} lines, not {_ranges(file.uncovered)}"
        percent = self.covered * 100 / self.lines if self.lines else 0
        yield f"Rego coverage {percent:.1f} %: {self.covered} of {self.lines} lines in {len(self.files)} files"

    def as_json(self, *, base: Path | None = None) -> str:
        """All of it as JSON text: ``files`` with ``covered`` and ``uncovered`` lines, and the sums."""
        files = [
            {
                "file": showing.place(file.file, 0, base=base),
                "covered": list(file.covered),
                "uncovered": list(file.uncovered),
            }
            for file in self.files
        ]
        value = {"lines_valid": self.lines, "lines_covered": self.covered, "files": files}
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

    def as_lcov(self, *, base: Path | None = None) -> str:
        """All of it as an LCOV tracefile (geninfo(1), "FILES"): a line was run once or not at all."""
        return "".join(_record(file, base) for file in self.files)


def measure(
    folders: Sequence[Path], *, binary: OpaBinary, data: Sequence[Path] = (), deadline: float = DEADLINE
) -> RegoCoverage:
    """Run the Rego tests of some folders, each with what belongs to it, and see which lines they run.

    Args:
        folders: Folders as :func:`gatekeeper.testing.roots.root_of` gives them.
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
        data: What tests read as ``data``; see :func:`gatekeeper.testing.rego.run_tests`.
        deadline: Seconds for each of them.

    Raises:
        LoadError, PolicyError, UsageError, SourceError, EngineError: As :func:`gatekeeper.testing.rego.run_tests`.
    """
    files = [file for folder in sorted(set(folders)) for file in _measure(folder, data, binary, deadline)]
    return RegoCoverage(files=tuple(sorted(files, key=lambda file: file.file)))


def _measure(folder: Path, data: Sequence[Path], binary: OpaBinary, deadline: float) -> list[FileCoverage]:
    run = run_tests([folder], binary=binary, data=data, deadline=deadline)
    passed = [test for test in run.tests if test.outcome == "passed"]
    with Workplace.of([folder], data, binary=binary, deadline=deadline) as place:
        outcome = place.test("--coverage", "--format", "json", *only(passed)) if passed else None
        report = _report(outcome.stdout) if outcome else {}
        rules = {path: file for path, file in place.origins.items() if not roots.is_test_file(file)}
        return [_file(file, report.get(path, {})) for path, file in sorted(rules.items())]


def _report(answer: bytes) -> Mapping[str, Any]:
    try:
        files = _json.parse_object(answer, where="opa test").get("files")
    except MalformedError as cause:
        raise EngineError("OPA gave no coverage", code="engine.answer") from cause
    if not isinstance(files, dict):
        raise EngineError("OPA gave no coverage", code="engine.answer")
    return files


def _file(file: Path, report: Mapping[str, Any]) -> FileCoverage:
    covered = set(_lines(report, "covered"))
    uncovered = set(_lines(report, "not_covered")) - covered
    return FileCoverage(file=file, covered=tuple(sorted(covered)), uncovered=tuple(sorted(uncovered)))


def _lines(report: Mapping[str, Any], which: str) -> Iterator[int]:
    for part in report.get(which) or ():
        yield from range(part["start"]["row"], part["end"]["row"] + 1)


def _ranges(lines: Sequence[int]) -> str:
    """``12-14, 20``."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][-1] + 1:
            found[-1][1:] = [line]
        else:
            found.append([line])
    return ", ".join("-".join(map(str, part)) for part in found)


def _record(file: FileCoverage, base: Path | None) -> str:
    counts = sorted([*((line, 1) for line in file.covered), *((line, 0) for line in file.uncovered)])
    body = "".join(f"DA:{line},{count}\n" for line, count in counts)
    where = inert(showing.place(file.file, 0, base=base))
    return f"SF:{where}\n{body}LF:{len(counts)}\nLH:{len(file.covered)}\nend_of_record\n"
