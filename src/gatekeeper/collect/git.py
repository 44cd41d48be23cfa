"""Who made a change, from git itself: the output of ``git log --format=raw BASE..HEAD`` (git-log, pretty formats).

That format is git's own: headers stand at the start of a line, messages are indented, and names hold neither line ends
nor angle brackets (git refuses to write such commits), so nothing that a developer types can pass for a header. The
first commit is the newest. People in ``Co-authored-by`` lines are authors too. Names and addresses are what developers
configured: a claim, signed by whoever attests it. What is not in the range is not in the report, and a shallow clone
looks like a short history: fetch the whole history before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Report

_START: Final = re.compile(rb"commit (?:[0-9a-f]{40}|[0-9a-f]{64})\b[^\n]*\ntree [0-9a-f]{40}")
_COMMIT: Final = re.compile(r"commit ([0-9a-f]{64}|[0-9a-f]{40})(?: \([^\n]*\))?", re.ASCII)
_PERSON: Final = re.compile(r"(author|committer) [^<>]*<([^<>]*)> -?\d+ [+-]\d{4}", re.ASCII)
_TRAILER: Final = re.compile(r"    co-authored-by:[^<>]*<([^<>]+)>\s*", re.IGNORECASE)
_PASSED_OVER: Final = ("tree ", "parent ", "gpgsig", "encoding ", "mergetag ", "HG:", " ", "")


class _Git:
    format: Final = "git-log-raw"
    kind: Final = "change"

    def matches(self, report: Report) -> bool:
        return _START.match(report.data) is not None

    def read(self, report: Report) -> Reading:
        lines = _decode(report).split("\n")
        first = _COMMIT.fullmatch(lines[0])
        if first is None:
            raise _wrong(report, 1, "no commit")
        people: dict[str, dict[str, None]] = {"author": {}, "committer": {}}
        for role, address in _people(report, lines):
            people[role][f"email:{address}"] = None
        facts = {
            "commit": first[1],
            "authors": sorted(people["author"]),
            "committers": sorted(people["committer"]),
            "complete": True,
        }
        return Reading(
            kind=self.kind, format=self.format, facts=facts, producer="git", media_type="text/plain"
        )  # no target: a change is attested for the artifact that was built from it, too; its commit is a fact


COLLECTOR: Final = _Git()


def _decode(report: Report) -> str:
    if report.data.count(b"\n") > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} lines", where=report.name, code="git.lines")
    try:
        return report.data.decode()
    except UnicodeDecodeError as cause:
        raise MalformedError(
            "not UTF-8",
            where=f"{report.name}: byte {cause.start}",
            hint="git log --encoding=UTF-8",
            code="git.encoding",
        ) from cause


def _people(report: Report, lines: list[str]) -> Iterator[tuple[str, str]]:
    """Role and address of everybody in the log, checking that each commit has an author and a committer."""
    wanted: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.startswith("commit ") and _COMMIT.fullmatch(line):
            _check_seen(report, number, wanted)
            wanted = ["author", "committer"]
        elif line.startswith(("author ", "committer ")):
            match = _PERSON.fullmatch(line)
            if match is None or not match[2].strip() or match[1] not in wanted:
                raise _wrong(report, number, "not an author or committer with an address")
            wanted.remove(match[1])
            yield match[1], match[2].strip().lower()
        elif trailer := _TRAILER.fullmatch(line):
            yield "author", trailer[1].strip().lower()
        elif line and not line.startswith(_PASSED_OVER[:-1]):
            raise _wrong(report, number, "not a line of git log --format=raw")
    _check_seen(report, len(lines), wanted)


def _check_seen(report: Report, number: int, wanted: list[str]) -> None:
    if wanted:
        raise _wrong(report, number, f"a commit without {wanted[0]}")


def _wrong(report: Report, number: int, problem: str) -> MalformedError:
    return MalformedError(
        problem, where=f"{report.name}: line {number}", hint="git log --format=raw BASE..HEAD", code="git.log"
    )
