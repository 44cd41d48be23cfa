"""JSON of coverage.py (``coverage json``, formats 1 to 3 of coverage/jsonreport.py).

The percentages of its totals mix lines and branches and are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.collect import _coverage, _shape
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_FORMATS: Final = frozenset({1, 2, 3})


class _CoveragePy:
    format: Final = "coveragepy"
    kind: Final = "coverage"

    def matches(self, report: Report) -> bool:
        document = report.json
        if not isinstance(document, dict) or not {"meta", "files", "totals"} <= document.keys():
            return False
        return isinstance(document["meta"], dict) and "branch_coverage" in document["meta"]

    def read(self, report: Report) -> Reading:
        meta = _shape.need(report.json, "meta", dict, "")
        version = _shape.need(meta, "version", str, "/meta")
        number = _shape.may(meta, "format", int, "/meta")
        if number is not None and number not in _FORMATS:
            raise MalformedError(
                f"format {number} is not read", where="/meta/format", hint="1 to 3 are", code="coveragepy.format"
            )
        branches = _shape.need(meta, "branch_coverage", bool, "/meta")
        facts = _facts(report.json, branches=branches)
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=facts,
            producer=f"coverage.py {version}",
            media_type="application/json",
        )


COLLECTOR: Final = _CoveragePy()


def _facts(document: dict[str, Any], *, branches: bool) -> dict[str, Any]:
    files: list[_coverage.File] = []
    claimed: dict[str, Any] = {}
    for path, value in _shape.need(document, "files", dict, "").items():
        place = _json.pointer("files", path)
        file, executed = _file(path or "(unnamed)", _shape.check(value, dict, place), place)
        summary = _shape.may(value, "summary", dict, place)
        if summary is not None:
            covered = _covered(summary, f"{place}/summary", executed)
            _keep(file, covered)
            claimed = claimed or _differs(summary, f"{place}/summary", [file], branches=branches)
        files.append(file)
    totals = _shape.need(document, "totals", dict, "")
    claimed = claimed or _differs(totals, "/totals", files, branches=branches)
    return _coverage.facts(files, claimed, branches=branches and any(file.branches for file in files))


def _file(path: str, value: dict[str, Any], place: str) -> tuple[_coverage.File, list[int]]:
    file = _coverage.File(path)
    executed = _lines(value, "executed_lines", place)
    for covered, numbers in ((True, executed), (False, _lines(value, "missing_lines", place))):
        for number in numbers:
            if file.lines.get(number, covered) is not covered:
                raise MalformedError(f"line {number} was run and not run", where=place, code="coveragepy.lines")
            file.line(number, covered=covered)
    for taken, name in ((1, "executed_branches"), (0, "missing_branches")):
        for branch, branch_place in _shape.each(_shape.may(value, name, list, place) or [], list, f"{place}/{name}"):
            ends = tuple(number for number, _ in _shape.each(branch, int, branch_place))
            file.branch(ends, taken, 1)
    return file, executed


def _lines(value: dict[str, Any], name: str, place: str) -> list[int]:
    return [number for number, _ in _shape.each(_shape.need(value, name, list, place), int, f"{place}/{name}")]


def _covered(summary: dict[str, Any], place: str, executed: list[int]) -> int:
    covered = _shape.need(summary, "covered_lines", int, place)
    return max(0, min(covered, len(executed)))


def _keep(file: _coverage.File, covered: int) -> None:
    # Lines that were run are not all statements (doc strings are not), and which are is not said: only their number.
    # Leaving the surplus out gives the counts of statements; it never adds a covered one.
    run = [number for number, was_run in file.lines.items() if was_run]
    for number in run[covered:]:
        del file.lines[number]


def _differs(stated: dict[str, Any], place: str, files: list[_coverage.File], *, branches: bool) -> dict[str, Any]:
    present = _coverage.facts(files, {}, branches=True)
    names = {"covered_lines": "lines_covered", "num_statements": "lines_valid"}
    if branches:
        names |= {"covered_branches": "branches_covered", "num_branches": "branches_valid"}
    said = {fact: _shape.need(stated, name, int, place) for name, fact in names.items()}
    wrong = {fact: number for fact, number in said.items() if number != present[fact]}
    return wrong | {"locator": place} if wrong else {}
