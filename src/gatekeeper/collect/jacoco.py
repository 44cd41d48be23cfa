"""JaCoCo XML (report.dtd 1.1): counted from the lines of source files; counters are headers and are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _coverage, _numbers, _text, _xml
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_SIGNS: Final = (b"//JACOCO//", b"<sessioninfo", b"<sourcefile")
_COUNTERS: Final = {"LINE": ("lines_covered", "lines_valid"), "BRANCH": ("branches_covered", "branches_valid")}


class _JaCoCo:
    format: Final = "jacoco"
    kind: Final = "coverage"

    def matches(self, report: Report) -> bool:
        return _xml.root_name(report.head) == "report" and any(sign in report.head for sign in _SIGNS)

    def read(self, report: Report) -> Reading:
        root = report.xml
        walk = _Walk()
        walk.container(root, f"/{_xml.local_name(root.tag)}", "")
        walk.check_nothing_hidden(root)
        # JaCoCo always measures branches and writes no counter where there are none
        facts = _coverage.facts(walk.files, walk.claimed, branches=True)
        return Reading(kind=self.kind, format=self.format, facts=facts, producer="JaCoCo", media_type="application/xml")


COLLECTOR: Final = _JaCoCo()


class _Walk:
    """Reports hold groups, groups hold packages, packages hold source files."""

    def __init__(self) -> None:
        self.files: list[_coverage.File] = []
        self.claimed: dict[str, Any] = {}
        self.seen = 0

    def container(self, element: Element, place: str, package: str) -> None:
        first = len(self.files)
        for child, child_place in _xml.children(element, place):
            if child.tag in {"group", "package"}:
                self.container(child, child_place, child.get("name", "") if child.tag == "package" else package)
            elif child.tag == "sourcefile":
                self._source_file(child, child_place, package)
        self._compare(element, place, self.files[first:])

    def _source_file(self, element: Element, place: str, package: str) -> None:
        name = element.get("name")
        if not name:
            raise MalformedError("a source file without a name", where=place, code="jacoco.sourcefile")
        file = _coverage.File(f"{package}/{name}" if package else name)
        for child, child_place in _xml.children(element, place):
            if child.tag == "line":
                self._line(file, child, child_place)
        self.files.append(file)
        self._compare(element, place, [file])

    def _line(self, file: _coverage.File, element: Element, place: str) -> None:
        values = [_numbers.whole(element.get(name)) for name in ("nr", "mi", "ci", "mb", "cb")]
        number, missed, covered, missed_branches, covered_branches = (
            -1 if value is None else value for value in values
        )
        if min(number, missed, covered, missed_branches, covered_branches) < 0:
            raise MalformedError("a line needs nr, mi, ci, mb and cb", where=place, code="jacoco.line")
        self.seen += 1
        if missed + covered:
            file.line(number, covered=covered > 0)
        if missed_branches + covered_branches:
            file.branch(number, covered_branches, missed_branches + covered_branches)

    def _compare(self, element: Element, place: str, files: list[_coverage.File]) -> None:
        """Keep what the counters say of the lines below them, at the first place where they say something else."""
        present = _coverage.facts(files, {}, branches=True)
        wrong: dict[str, Any] = {}
        for counter in element.iterfind("counter"):
            names = _COUNTERS.get(counter.get("type", ""))
            if names:
                wrong |= {fact: said for fact, said in zip(names, _said(counter), strict=True) if said != present[fact]}
        if wrong and not self.claimed:
            self.claimed = wrong | {"locator": place}

    def check_nothing_hidden(self, root: Element) -> None:
        """Refuse lines that stand where none are counted: they would be lines nobody ran."""
        present = sum(_xml.local_name(element.tag) == "line" for element in root.iter())
        if present != self.seen:
            raise MalformedError(
                f"{present} lines, {self.seen} of them where they belong", where="/report", code="jacoco.hidden"
            )


def _said(counter: Element) -> tuple[int | str, int | str]:
    """Covered and all, as a counter says."""
    covered, missed = _numbers.whole(counter.get("covered")), _numbers.whole(counter.get("missed"))
    if covered is None or missed is None:
        return _text.message(counter.get("covered")), _text.message(counter.get("missed"))
    return covered, covered + missed
