"""``go.sum`` (Go modules reference, "go.sum files").

A line for a module's ``go.mod`` alone was read to choose versions; only modules whose contents have a hash were
downloaded, and only those are packages. The file says neither where a module comes from nor who asked for it, and it
may list versions that are no longer used.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _packages
from gatekeeper.collect._packages import Package
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading, Report

_LINE: Final = re.compile(r"(\S+) (v[^\s/]+)(/go\.mod)? (h1):([A-Za-z0-9+/]{43}=)", re.ASCII)
_START: Final = re.compile(rb"\S+ v[^\s/]+(?:/go\.mod)? h\d:[A-Za-z0-9+/=]+\s")


class _GoSum:
    format: Final = "go-sum"
    kind: Final = "dependencies"

    def matches(self, report: Report) -> bool:
        return _START.match(report.data) is not None

    def read(self, report: Report) -> Reading:
        seen: dict[tuple[str, str, str], str] = {}
        packages = []
        for number, match in _lines(report):
            key, value = (match[1], match[2], match[3] or ""), match[5]
            if seen.setdefault(key, value) != value:
                raise MalformedError("two hashes for one module", where=f"line {number}", code="go.sum")
            if not match[3]:
                packages.append(
                    Package(
                        name=match[1], version=match[2], origin="unknown", locator=f"line {number}", files=[match[4]]
                    )
                )
        return _packages.reading(self.format, "golang", packages, producer="go", media_type="text/plain")


COLLECTOR: Final = _GoSum()


def _lines(report: Report) -> Iterator[tuple[int, re.Match[str]]]:
    try:
        lines = report.data.decode().split("\n")
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=f"byte {cause.start}", code="go.sum") from cause
    if len(lines) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} lines", code="report.items")
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line.removesuffix("\r"))
        if match:
            yield number, match
        elif line.strip():
            raise MalformedError("not a module, a version and a hash", where=f"line {number}", code="go.sum")
