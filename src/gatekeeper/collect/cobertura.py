"""Cobertura XML (coverage-04.dtd) of Cobertura, coverage.py, Coverlet, dotnet-coverage, Istanbul and scoverage.

A file may be listed under several classes; its lines are counted once. Rates are not read, they follow from counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _coverage, _numbers, _text, _xml
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_HITS: Final = re.compile(r"\d{1,64}", re.ASCII)
_CONDITIONS: Final = re.compile(r"\s*\d+(?:[.,]\d+)?%?\s*\((\d{1,9})/(\d{1,9})\)\s*", re.ASCII)
_HEADER: Final = (
    ("lines_valid", "lines-valid"),
    ("lines_covered", "lines-covered"),
    ("branches_valid", "branches-valid"),
    ("branches_covered", "branches-covered"),
)


class _Cobertura:
    format: Final = "cobertura"
    kind: Final = "coverage"

    def matches(self, report: Report) -> bool:
        # Clover has the same root, and a project below it
        head = report.head
        return _xml.root_name(head) == "coverage" and (b"line-rate" in head or b"<packages" in head)

    def read(self, report: Report) -> Reading:
        root = report.xml
        tally = _Tally()
        for place, package, element in _classes(root):
            tally.read_class(element, place, package)
        tally.check_nothing_hidden(root)
        facts = _coverage.facts(
            list(tally.files.values()),
            tally.claimed(root),
            branches=any(file.branches for file in tally.files.values()),
        )
        return Reading(
            kind=self.kind,
            format=self.format,
            facts=facts,
            producer=_producer(report, root),
            media_type="application/xml",
        )


COLLECTOR: Final = _Cobertura()


def _classes(root: Element) -> Iterator[tuple[str, str, Element]]:
    for packages, packages_place in _xml.children(root, f"/{_xml.local_name(root.tag)}"):
        if packages.tag != "packages":
            continue
        for package, package_place in _xml.children(packages, packages_place):
            for classes, classes_place in _xml.children(package, package_place):
                for element, place in _xml.children(classes, classes_place):
                    if (package.tag, classes.tag, element.tag) == ("package", "classes", "class"):
                        yield place, package.get("name", ""), element


class _Tally:
    """The files seen, and all ways in which a producer may have counted their lines."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], _coverage.File] = {}
        self.listed = {"lines_valid": 0, "lines_covered": 0, "branches_valid": 0, "branches_covered": 0}
        self.seen = 0

    def read_class(self, element: Element, place: str, package: str) -> None:
        path = element.get("filename")
        if not path:
            raise MalformedError("a class without a file name", where=place, code="cobertura.class")
        file = self.files.setdefault((package, path), _coverage.File(path))
        own: list[tuple[Element, str]] = []
        of_methods: list[tuple[Element, str]] = []
        for child, child_place in _xml.children(element, place):
            if child.tag == "lines":
                own += _lines(child, child_place)
            elif child.tag == "methods":
                of_methods += [
                    line
                    for method, method_place in _xml.children(child, child_place)
                    for lines, lines_place in _xml.children(method, method_place)
                    if lines.tag == "lines"
                    for line in _lines(lines, lines_place)
                ]
        self.seen += len(own) + len(of_methods)
        # the lines of methods are repeated in those of the class, wherever a class has any
        for line, line_place in own or of_methods:
            self._read_line(file, line, line_place)

    def _read_line(self, file: _coverage.File, line: Element, place: str) -> None:
        number, hits = _numbers.whole(line.get("number")), line.get("hits", "")
        if number is None or number < 0 or not _HITS.fullmatch(hits):
            raise MalformedError("a line without its number and hits", where=place, code="cobertura.line")
        covered = bool(hits.strip("0"))
        file.line(number, covered=covered)
        self.listed["lines_valid"] += 1
        self.listed["lines_covered"] += covered
        conditions = line.get("condition-coverage")
        if conditions is None:
            return
        match = _CONDITIONS.fullmatch(conditions)
        if match is None or int(match[1]) > int(match[2]):
            raise MalformedError(
                "condition-coverage is not written as '50% (1/2)'", where=place, code="cobertura.conditions"
            )
        file.branch(number, int(match[1]), int(match[2]))
        self.listed["branches_covered"] += int(match[1])
        self.listed["branches_valid"] += int(match[2])

    def check_nothing_hidden(self, root: Element) -> None:
        """Refuse lines that stand where none are counted: they would be lines nobody ran."""
        present = sum(_xml.local_name(element.tag) == "line" for element in root.iter())
        if present != self.seen:
            raise MalformedError(
                f"{present} lines, {self.seen} of them where they belong", where="/coverage", code="cobertura.hidden"
            )

    def claimed(self, root: Element) -> dict[str, Any]:
        """What the header says that no way of counting gives: each line of a file once, or of each class."""
        once = _coverage.facts(list(self.files.values()), {}, branches=True)
        claimed: dict[str, Any] = {}
        for fact, attribute in _HEADER:
            text = root.get(attribute)
            stated = _numbers.whole(text)
            if text is not None and stated not in {once[fact], self.listed[fact]}:
                claimed[fact] = _text.message(text) if stated is None else stated
        return claimed


def _lines(parent: Element, place: str) -> Iterator[tuple[Element, str]]:
    return (pair for pair in _xml.children(parent, place) if pair[0].tag == "line")


def _producer(report: Report, root: Element) -> str:
    # others write the version of the format, or one that says nothing without a name
    return f"coverage.py {root.get('version', '')}".strip() if b"Generated by coverage.py" in report.head else ""
