"""``go list -e -export -json ./...`` (``go help list``): each package, with the file it was compiled to or its errors.

A package without ``Export`` was not compiled. ``go list`` writes no closing line, so a list that was cut between two
packages looks whole: the rule asks for packages by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _builds
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report


class _GoList:
    format: Final = "go-list"
    kind: Final = "build"

    def matches(self, report: Report) -> bool:
        if b'"ImportPath"' not in report.head or b'"Action"' in report.head[:4096]:
            return False
        try:
            first, _ = report.documents[0]
        except MalformedError:
            return report.is_stream  # said to be broken when it is read
        return isinstance(first, dict) and {"ImportPath", "Name"} <= first.keys()

    def read(self, report: Report) -> Reading:
        packages = [(fields.document(value, f"line {line}"), line) for value, line in report.documents]
        diagnostics = [error for package, line in packages for error in _errors(package, f"line {line}")]
        return _builds.reading(
            self.format,
            tool="go",
            succeeded=not diagnostics,
            units=[fields.text(package, "ImportPath", f"line {line}") for package, line in packages],
            diagnostics=diagnostics,
            complete=True,
        )


COLLECTOR: Final = _GoList()


def _errors(package: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    unit = fields.text(package, "ImportPath", place)
    said = fields.optional_mapping(package, "Error", place)
    errors = list(_builds.go_errors(fields.text(said, "Err", f"{place}/Error"), place, unit)) if said else []
    problem = _problem(package)
    if errors:
        yield from errors
    elif said or problem:
        yield _builds.diagnostic("error", problem or "it was not compiled", place, unit=unit)


def _problem(package: dict[str, Any]) -> str:
    if package.get("DepsErrors"):
        return "what it imports could not be compiled"
    compiled = isinstance(package.get("Export"), str) and package["Export"]
    return "it was not compiled" if package.get("Incomplete") or not compiled else ""
