"""``rustc -vV`` (the rustc book, "Command-line arguments"): the Rust compiler and the LLVM in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect.reading import Report

_START: Final = re.compile(rb"rustc \d[^\n]*\r?\nbinary: rustc\r?\n")
_MEMBER: Final = re.compile(r"(binary|commit-hash|commit-date|host|release|LLVM version): (\S+)", re.ASCII)
_TOOLS: Final[Mapping[str, str]] = {"release": "rustc", "LLVM version": "llvm"}


class _Rustc:
    format: Final = "rustc"
    kind: Final = "environment"

    def matches(self, report: Report) -> bool:
        return _START.match(report.data) is not None

    def read(self, report: Report) -> Reading:
        members = dict(_member(line, number) for number, line in enumerate(_lines(report), start=2))
        for name in ("host", *_TOOLS):
            if name not in members:
                raise MalformedError(f"without {name}", where="line 1", hint="rustc -vV", code="rustc.member")
        tools = [
            {"name": tool, "version": members[name][0], "locator": members[name][1]} for name, tool in _TOOLS.items()
        ]
        facts = {
            "platform": members["host"][0],
            "tools": tools,
            "tool_count": len(tools),
            "images": [],
            "image_count": 0,
            "complete": True,
        }
        return Reading(kind=self.kind, format=self.format, facts=facts, producer="rustc", media_type="text/plain")


COLLECTOR: Final = _Rustc()


def _lines(report: Report) -> list[str]:
    try:
        return report.data.decode().splitlines()[1:]
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=f"byte {cause.start}", code="rustc.encoding") from cause


def _member(line: str, number: int) -> tuple[str, tuple[str, str]]:
    match = _MEMBER.fullmatch(line)
    if match is None:
        raise MalformedError("not a line of rustc -vV", where=f"line {number}", code="rustc.line")
    return match[1], (match[2], f"line {number}")
