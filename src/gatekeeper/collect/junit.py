"""JUnit XML: what is counted is the cases that are there, never what a suite says of itself.

There is no standard. What is read is the common part of the Ant and Surefire schemas with the dialects of pytest,
unittest, gtest, Bazel, Jest, Mocha, PHPUnit, ScalaTest, gotestsum and swift. Every element that could be an outcome
must stand where outcomes stand and belong to no namespace; anything else is refused, since counting past it would turn
a failure into a pass.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _numbers, _text, _xml
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_SUITES: Final = frozenset({"testsuites", "testsuite"})
_OUTCOMES: Final[Mapping[str, str]] = {
    "error": "errored",
    "rerunError": "errored",
    "failure": "failed",
    "rerunFailure": "failed",
    "warning": "failed",  # PHPUnit before 10: the test could not say what it should
    "skipped": "skipped",
    "ignored": "skipped",
    "disabled": "skipped",
    "flakyError": "flaky",
    "flakyFailure": "flaky",
}
"""What an element in a case makes of it; Surefire's flaky ones stand in a case that passed when it was run again."""

_STATUSES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("", "run", "passed", "pass", "success", "successful", "ok", "completed"), "passed"),
    **dict.fromkeys(
        ("disabled", "notrun", "not_run", "skipped", "skip", "ignored", "pending", "suppressed"), "skipped"
    ),
    **dict.fromkeys(("failed", "fail", "failure"), "failed"),
    **dict.fromkeys(("errored", "error", "broken"), "errored"),
}
"""What the attributes ``status`` and ``result`` of a case say (gtest, CTest, Bazel); any other word is no pass."""

_WORST: Final = ("errored", "failed", "skipped", "flaky", "passed")
_OUTPUT: Final = frozenset({"properties", "system-out", "system-err"})
_COUNTED: Final = _OUTCOMES.keys() | {"testcase"}
_HEADER: Final[tuple[tuple[str, str], ...]] = (
    ("total", "tests"),
    ("failed", "failures"),
    ("errored", "errors"),
    ("skipped", "skipped"),
)


class _JUnit:
    format: Final = "junit"
    kind: Final = "test_results"

    def matches(self, report: Report) -> bool:
        return report.looks_like_xml and _xml.root_name(report.head) in _SUITES

    def read(self, report: Report) -> Reading:
        root = report.xml
        place = f"/{_xml.local_name(root.tag)}"
        run = _Run()
        run.suite(root, place, "")
        run.check_nothing_hidden(root, place)
        return Reading(kind=self.kind, format=self.format, facts=run.facts(), media_type="application/xml")


COLLECTOR: Final = _JUnit()


@dataclass(slots=True)
class _Run:
    """What has been seen on the way through the document."""

    cases: list[dict[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[Decimal | None] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    seen: int = 0

    def suite(self, element: Element, place: str, outer_name: str) -> Counter[str]:
        """Read a suite and those in it; returns its tally, nested suites included."""
        self._expect(element, place, _SUITES)
        name = element.get("name") or outer_name
        claim = len(self.claims)
        direct, nested = Counter[str](), Counter[str]()
        for child, child_place in _xml.children(element, place):
            match child.tag:
                case "testcase":
                    direct += self._case(child, child_place, name)
                case "testsuite":
                    nested += self.suite(child, child_place, name)
                case "error" | "failure":  # a suite that broke outside of its cases is a case that did not pass
                    direct += self._count(child, child_place, name, name or "suite", [child])
                case _ if child.tag not in _OUTPUT:
                    raise self._unknown(child, child_place)
        tally = direct + nested
        claimed = _claimed(element, [tally, direct] if nested else [tally])
        if claimed:
            self.claims.insert(claim, claimed | {"locator": place})
        return tally

    def _case(self, element: Element, place: str, suite: str) -> Counter[str]:
        self._expect(element, place, {"testcase"})
        marks = []
        for child, child_place in _xml.children(element, place):
            if child.tag in _OUTCOMES:
                marks.append(child)
            elif child.tag not in _OUTPUT:
                raise self._unknown(child, child_place)
        self.seconds.append(_numbers.seconds(element.get("time")))
        return self._count(element, place, element.get("classname") or suite, element.get("name", ""), marks)

    def _count(self, element: Element, place: str, suite: str, name: str, marks: list[Element]) -> Counter[str]:
        self.seen += 1 + len(marks) - (element in marks)
        if self.seen > MAX_ITEMS:
            raise LimitError(f"more than {MAX_ITEMS} cases", where=place, code="junit.cases")
        name = name or "(unnamed)"
        outcome, message = _outcome(element, marks)
        self.names.append(f"{suite}::{name}")
        self.outcomes[outcome] += 1
        if outcome != "passed":
            case = {"name": name, "suite": suite, "outcome": outcome, "locator": place}
            self.cases.append(case | ({"message": message} if message else {}))
        return _tally(outcome, marks)

    def _expect(self, element: Element, place: str, names: set[str] | frozenset[str]) -> None:
        if element.tag not in names:
            raise self._unknown(element, place)
        text = element.text or ""
        if text.strip() or any(child.tail and child.tail.strip() for child in element):
            raise MalformedError(
                "text where only elements stand",
                where=place,
                hint="an outcome may be hidden in it; write <system-out> for output",
                code="junit.text",
            )

    def _unknown(self, element: Element, place: str) -> MalformedError:
        namespace, _, name = element.tag.rpartition("}")
        if namespace:
            return MalformedError(
                f"{name} belongs to the namespace {namespace.lstrip('{')!r}, JUnit XML has none",
                where=place,
                code="junit.namespace",
            )
        return MalformedError(
            f"the element {name!r} is not known here",
            where=place,
            hint="it could be an outcome, so nothing is counted past it",
            code="junit.element",
        )

    def check_nothing_hidden(self, root: Element, place: str) -> None:
        """Refuse outcomes that stand where none are counted, such as in the output of a case."""
        present = sum(_xml.local_name(element.tag) in _COUNTED for element in root.iter())
        if present != self.seen:
            raise MalformedError(
                f"{present} cases and outcomes, {self.seen} of them where they belong",
                where=place,
                hint="output that looks like XML must be escaped",
                code="junit.hidden",
            )

    def facts(self) -> dict[str, Any]:
        """The facts of the kind ``test_results``."""
        counted = self.outcomes
        total = counted.total()
        facts: dict[str, Any] = {
            "total": total,
            "passed": counted["passed"] + counted["flaky"],
            **{name: counted[name] for name in ("failed", "errored", "skipped", "flaky")},
            "executed": total - counted["skipped"],
            "cases": self.cases,
            "names": sorted(self.names),
            "complete": not self.claims,
        }
        if self.claims:
            facts["claimed"] = self.claims[0]
        known = [seconds for seconds in self.seconds if seconds is not None]
        if known and len(known) == len(self.seconds):
            facts["duration_ms"] = round(sum(known) * 1_000)
        return facts


def _outcome(element: Element, marks: list[Element]) -> tuple[str, str]:
    if not marks and not (element.get("status") or element.get("result")):
        return "passed", ""
    by_mark = min(((_WORST.index(_OUTCOMES[mark.tag]), index) for index, mark in enumerate(marks)), default=None)
    status, word = _status(element)
    if by_mark and (by_mark[0] <= _WORST.index("failed") or by_mark[0] <= _WORST.index(status)):
        mark = marks[by_mark[1]]
        return _WORST[by_mark[0]], _text.message(mark.get("message") or mark.text)
    return status, "" if status == "passed" else f"its status is {_text.message(word)!r}"


def _status(element: Element) -> tuple[str, str]:
    words = [element.get(name, "").strip() for name in ("status", "result")]
    said = [(_STATUSES.get(word.lower(), "errored"), word) for word in words]
    return min(said, key=lambda item: _WORST.index(item[0]))


def _tally(outcome: str, marks: list[Element]) -> Counter[str]:
    """The case as a count, and in how many further ways a suite's header may count it."""
    tally = Counter({"total": 1, outcome: 1})
    for mark in marks:
        kind = mark.tag.removeprefix("flaky").removeprefix("rerun").lower()
        name = {"error": "errored", "failure": "failed", "warning": "failed"}.get(kind, "skipped")
        tally[f"{name} mark"] += 1
    return tally


def _claimed(element: Element, tallies: list[Counter[str]]) -> dict[str, Any]:
    """What the header of a suite says where no way of counting its cases gives that."""
    claimed: dict[str, Any] = {}
    for fact, attribute in _HEADER:
        text = element.get(attribute)
        if text is None:
            continue
        stated = _numbers.whole(text)
        if stated is None or not any(stated in _countings(fact, tally, element) for tally in tallies):
            claimed[fact] = _text.message(text) if stated is None else stated
    return claimed


def _countings(fact: str, tally: Counter[str], element: Element) -> range:
    # A case may hold several outcomes, and a re-run case its earlier ones; producers count either the case or these.
    lowest = highest = tally[fact]
    if fact != "total":
        highest = max(highest, tally[f"{fact} mark"])
    if fact == "skipped" and "disabled" in element.attrib:  # counted on their own there
        lowest -= min(lowest, _numbers.whole(element.get("disabled", "")) or 0)
    return range(lowest, highest + 1)
