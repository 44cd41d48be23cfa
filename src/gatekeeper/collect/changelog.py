"""A changelog in the form of Keep a Changelog 1.1.0 (keepachangelog.com): a section for each version.

``[Unreleased]`` is a draft, ``[YANKED]`` one that was taken back. The day of a release is no time and is not kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _notes
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Report

_TITLE: Final = re.compile(rb"# .{0,80}?change ?log", re.IGNORECASE)
_VERSION: Final = re.compile(
    r"## \[?(?P<version>[^\]\s]{1,100})\]?(?:\([^)\s]*\))?(?:[ \t]+[-\u2013][ \t]+(?P<day>\S+))?(?P<rest>.*)"
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TARGET: Final = re.compile(r"\[[^\]]+\]:\s")


@dataclass(frozen=True, slots=True)
class _Changelog:
    format: str = "changelog"
    kind: str = "release_notes"

    def matches(self, report: Report) -> bool:
        return _TITLE.match(report.head) is not None and b"\n## " in report.data

    def read(self, report: Report) -> Reading:
        try:
            lines = report.data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as cause:
            raise MalformedError("not UTF-8", where=report.name, code="changelog.encoding") from cause
        releases = [_release(heading, number, body) for heading, number, body in _sections(lines)]
        versions = [release["version"] for release in releases]
        facts = {
            "releases": releases,
            "release_count": len(releases),
            "complete": len(set(versions)) == len(versions),
        }
        return Reading(kind="release_notes", format="changelog", facts=facts, media_type="text/markdown")


def _sections(lines: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    starts = [index for index, line in enumerate(lines) if line.startswith("## ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], start + 1, [line for line in lines[start + 1 : end] if not _TARGET.match(line)]


def _release(heading: str, number: int, body: list[str]) -> dict[str, Any]:
    match = _VERSION.fullmatch(heading.rstrip())
    if match is None:
        raise MalformedError("no version in the heading", where=f"line {number}", code="changelog.heading")
    version = match["version"]
    released = match["day"] is not None and _DAY.fullmatch(match["day"]) is not None
    state = "yanked" if "YANKED" in match["rest"].upper() else "published" if released else "draft"
    return {
        "version": version,
        "state": state,
        "prerelease": _notes.is_prerelease(version),
        "locator": f"line {number}",
        **_notes.described("\n".join(body)),
    }


COLLECTOR: Final = _Changelog()
