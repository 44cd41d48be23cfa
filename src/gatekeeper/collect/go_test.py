"""Go: ``go test -json`` (cmd/test2json), a stream of events.

A test that began and has no verdict did not come to its end, and neither did a package without one. A package that
failed without a failing test broke outside of its tests (a panic, a build that fails, ``TestMain``). A test that runs
twice (``-count=2``) is counted twice; a test with parts is counted beside its parts, as Go does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_TEXT
from gatekeeper.collect import _tests, _text
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect.reading import Report

_VERDICTS: Final[Mapping[str, str]] = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_OTHERS: Final = frozenset({"start", "run", "pause", "cont", "bench", "output", "build-output", "build-fail", "attr"})
_PACKAGE: Final = "(package)"


class _GoTest:
    format: Final = "go-test"
    kind: Final = "test_results"

    def matches(self, report: Report) -> bool:
        if not report.looks_like_json or b'"Action"' not in report.head or b'"Package"' not in report.data:
            return False
        try:
            return any(
                isinstance(event, dict) and {"Action", "Package"} <= event.keys() for event, _ in report.documents
            )
        except MalformedError:
            return b'"Action":' in report.head and b'"Package":' in report.head  # said to be broken when it is read

    def read(self, report: Report) -> Reading:
        run = _Run()
        for event, line in report.documents:
            run.event(fields.document(event, f"line {line}"), f"line {line}")
        return Reading(kind=self.kind, format=self.format, facts=run.facts(), media_type="application/x-ndjson")


COLLECTOR: Final = _GoTest()

_Key = tuple[str, str]


@dataclass(slots=True)
class _Run:
    """What has been seen so far."""

    ran: list[_tests.Ran] = field(default_factory=list)
    open: dict[_Key, str] = field(default_factory=dict)
    output: defaultdict[_Key, str] = field(default_factory=lambda: defaultdict(str))
    packages: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)

    def event(self, event: dict[str, Any], place: str) -> None:
        """Take one event."""
        action = fields.text(event, "Action", place)
        package = fields.optional_text(event, "Package", place)
        if not package:  # of the build; what comes of it is said by the package's own events
            return
        key = package, fields.optional_text(event, "Test", place)
        self.packages.add(package)
        if action in _VERDICTS:
            self._verdict(key, _VERDICTS[action], place)
        elif action == "output":
            self.output[key] = (self.output[key] + fields.optional_text(event, "Output", place))[-MAX_TEXT:]
        elif action == "run":
            self.open[key] = place
        elif action not in _OTHERS:
            raise MalformedError(f"the action {action!r} is not known", where=place, code="go_test.action")

    def _verdict(self, key: _Key, outcome: str, place: str) -> None:
        package, test = key
        if test:
            self.open.pop(key, None)
            self.failing |= {package} if outcome == "failed" else set()
            self._add(key, outcome, place)
            return
        self.over.add(package)
        left = [item for item in self.open if item[0] == package]
        for item in left:
            self._add(item, "errored", self.open.pop(item))
        if outcome == "failed" and package not in self.failing and not left:
            self._add((package, _PACKAGE), "errored", place)

    def _add(self, key: _Key, outcome: str, place: str) -> None:
        package, test = key
        said = self.output.pop(key, "") if test != _PACKAGE else self.output.pop((package, ""), "")
        message = _text.message(said.strip()) if outcome != "passed" else ""
        self.ran.append(_tests.Ran(suite=package, name=test, outcome=outcome, locator=place, message=message))

    def facts(self) -> dict[str, Any]:
        """The facts; what never ended is an error, and the run then not complete."""
        for key, place in sorted(self.open.items()):
            self._add(key, "errored", place)
        return _tests.facts(self.ran, complete=bool(self.packages) and self.packages == self.over)
