"""LCOV tracefiles (geninfo(1), FILES): counted from ``DA`` and ``BRDA``; the sums ``LF LH BRF BRH`` are compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _coverage, _numbers
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Report

_PASSED_OVER: Final = frozenset({"TN", "VER", "FN", "FNDA", "FNF", "FNH", "FNL", "FNA", "MCDC", "MCF", "MCH"})
"""Records that say nothing of lines and branches."""

_SUMS: Final = {"LF": "lines_valid", "LH": "lines_covered", "BRF": "branches_valid", "BRH": "branches_covered"}
_COUNT: Final = re.compile(r"\d{1,64}", re.ASCII)
_START: Final = re.compile(rb"(?:#[^\n]*\n|\s)*+(?:TN:[^\n]*\n\s*)*+SF:")


class _Lcov:
    format: Final = "lcov"
    kind: Final = "coverage"

    def matches(self, report: Report) -> bool:
        return _START.match(report.head) is not None

    def read(self, report: Report) -> Reading:
        trace = _Trace()
        for number, line in enumerate(_text_of(report).split("\n"), start=1):
            trace.record(line.strip(), f"line {number}")
        if trace.file is not None:
            raise MalformedError(
                "the last record has no end_of_record",
                where=f"line {number}",
                hint="it was cut off",
                code="lcov.truncated",
            )
        files = list(trace.files.values())
        facts = _coverage.facts(files, trace.claimed, branches=any(file.branches for file in files))
        return Reading(kind=self.kind, format=self.format, facts=facts, media_type="text/plain")


COLLECTOR: Final = _Lcov()


class _Trace:
    """The records read so far; records of one source file are one file."""

    def __init__(self) -> None:
        self.files: dict[str, _coverage.File] = {}
        self.claimed: dict[str, Any] = {}
        self.file: _coverage.File | None = None
        self._section = _coverage.File("")
        self._listed: dict[str, int] = {}
        self._sums: dict[str, int] = {}

    def record(self, line: str, place: str) -> None:
        name, _, value = line.partition(":")
        if not line or line.startswith("#") or name in _PASSED_OVER:
            return
        if name == "SF":
            if self.file is not None or not value:
                raise MalformedError(
                    "the record before has no end_of_record, or no name follows", where=place, code="lcov.record"
                )
            self.file = self.files.setdefault(value, _coverage.File(value))
            self._section = _coverage.File(value)
            self._listed, self._sums = dict.fromkeys(_SUMS.values(), 0), {}
        elif self.file is None:
            raise MalformedError("no SF record before it", where=place, code="lcov.record")
        elif line == "end_of_record":
            self._end(place)
        elif name == "DA":
            self._line(self.file, value, place)
        elif name == "BRDA":
            self._branch(self.file, value, place)
        elif name in _SUMS:
            self._sums[_SUMS[name]] = _number(value, place)
        else:
            raise MalformedError(f"not a record: {name[:20]!r}", where=place, code="lcov.record")

    def _line(self, file: _coverage.File, value: str, place: str) -> None:
        number, _, rest = value.partition(",")
        hits = rest.partition(",")[0].strip()
        if not _COUNT.fullmatch(hits):
            raise MalformedError("not how often a line was run", where=place, code="lcov.count")
        covered = bool(hits.strip("0"))
        for target in (file, self._section):
            target.line(_number(number, place), covered=covered)
        self._listed["lines_valid"] += 1
        self._listed["lines_covered"] += covered

    def _branch(self, file: _coverage.File, value: str, place: str) -> None:
        key, comma, taken = value.rpartition(",")
        number = _number(key.partition(",")[0], place)
        if not comma or (taken != "-" and not _COUNT.fullmatch(taken)):
            raise MalformedError("not how often a branch was taken", where=place, code="lcov.count")
        covered = bool(taken.strip("0-"))
        for target in (file, self._section):
            target.branch((number, key), int(covered), 1)
        self._listed["branches_valid"] += 1
        self._listed["branches_covered"] += covered

    def _end(self, place: str) -> None:
        """Compare the sums of a record with its lines: each once, or as often as they are listed."""
        once = _coverage.facts([self._section], {}, branches=True)
        wrong = {fact: stated for fact, stated in self._sums.items() if stated not in {once[fact], self._listed[fact]}}
        if wrong and not self.claimed:
            self.claimed = wrong | {"locator": place}
        self.file = None


def _text_of(report: Report) -> str:
    try:
        return report.data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=f"byte {cause.start}", code="lcov.encoding") from cause


def _number(text: str, place: str) -> int:
    number = _numbers.whole(text)
    if number is None or number < 0:
        raise MalformedError(f"not a number: {text[:20]!r}", where=place, code="lcov.number")
    return number
