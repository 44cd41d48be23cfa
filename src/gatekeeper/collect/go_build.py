"""``go build -json`` (``go help buildjson``): what the Go compiler printed, and which packages failed.

A build that succeeds prints nothing, and the log has no end, so only a failure is certain: a log without ``build-fail``
is not complete. That packages were compiled is what ``go list -e -export -json ./...`` says; see
:mod:`gatekeeper.collect.go_list`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _builds
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report

_OUTPUT: Final = "build-output"
_FAIL: Final = "build-fail"
_START: Final = re.compile(rb'\{\s*"ImportPath"\s*:\s*"[^"\n]*"\s*,\s*"Action"\s*:\s*"build-')
_OF_TESTS: Final = re.compile(rb'"Action"\s*:\s*"(?!build-)')
"""``go test -json`` begins with the same events where a build fails; then come those of tests."""


class _GoBuild:
    format: Final = "go-build"
    kind: Final = "build"

    def matches(self, report: Report) -> bool:
        return _START.match(report.head) is not None and _OF_TESTS.search(report.data) is None

    def read(self, report: Report) -> Reading:
        events = [(fields.document(value, f"line {line}"), line) for value, line in report.documents]
        packages = [fields.text(event, "ImportPath", f"line {line}") for event, line in events]
        failed = {
            package for (event, line), package in zip(events, packages, strict=True) if _action(event, line) == _FAIL
        }
        return _builds.reading(
            self.format,
            tool="go",
            succeeded=False,
            units=packages,
            diagnostics=list(_diagnostics(events, failed)),
            complete=bool(failed),
        )


COLLECTOR: Final = _GoBuild()


def _action(event: dict[str, Any], line: int) -> str:
    action = fields.text(event, "Action", f"line {line}")
    if action not in {_OUTPUT, _FAIL}:
        raise MalformedError(f"the action {action!r} is not known", where=f"line {line}/Action", code="go.action")
    return action


def _diagnostics(events: list[tuple[dict[str, Any], int]], failed: set[str]) -> Iterator[dict[str, Any]]:
    explained = set()
    for event, line in events:
        package = event["ImportPath"]
        if package not in failed:
            continue
        if event["Action"] == _FAIL and package not in explained:
            yield _builds.diagnostic("error", "the package could not be built", f"line {line}", unit=package)
        for error in _builds.go_errors(fields.optional_text(event, "Output", f"line {line}"), f"line {line}", package):
            explained.add(package)
            yield error
