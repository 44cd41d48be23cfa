"""For ``init``: the reports that lie below a folder, told by their content."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _json
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.policy import Rule

MAX_FILES: Final = 20_000
"""Files looked at: a folder with more is not the one where reports lie."""

MAX_BYTES: Final = 64 * 1024 * 1024
"""Larger files are passed over, and named: the first look should take seconds."""

_NO_REPORTS: Final = frozenset({"node_modules", "__pycache__", "site-packages", "policies"})
_SLOTS: Final = {
    "test_results": "unit",
    "static_analysis": "lint",
    "vulnerabilities": "scan",
    "performance": "load",
}
"""What a slot is called when it is the only one of its kind; the others are called like their kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A report, and the slot that is made for it.

    Attributes:
        path: As the user would name it, from the current folder.
        slot, kind: What the gate will call it.
        format: The report's format.
        facts: What it says.
    """

    path: str
    slot: str
    kind: str
    format: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What lay below a folder.

    Attributes:
        reports: Each with a slot of its own, sorted by slot.
        passed_over: Files that look like reports and get no slot, with the reason.
    """

    reports: tuple[Found, ...]
    passed_over: tuple[tuple[str, str], ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of evidence there are, sorted."""
        return tuple(sorted({report.kind for report in self.reports}))

    def answers(self, rule: Rule) -> bool:
        """Whether every report of the kinds that a rule needs states the facts it needs."""
        return bool(rule.needs) and all(self._state(kind, paths) for kind, paths in rule.needs.items())

    def _state(self, kind: str, paths: Sequence[str]) -> bool:
        of_kind = [report.facts for report in self.reports if report.kind == kind]
        return bool(of_kind) and all(_states(facts, path.split(".")) for facts in of_kind for path in paths)


def _states(facts: Any, path: Sequence[str]) -> bool:
    """Whether a fact is there, in every element of the lists on the way to it."""
    if isinstance(facts, list):
        return all(_states(item, path) for item in facts)
    return not path or (isinstance(facts, dict) and path[0] in facts and _states(facts[path[0]], path[1:]))


def search(place: Path) -> Search:
    """Read every file below a folder that a collector knows.

    Raises:
        UsageError: There is no such folder or file, or it is one with too many files.
        SourceError: The folder cannot be read.
    """
    from gatekeeper.collect.reading import Report

    readings: list[tuple[str, Any]] = []
    passed_over: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    for path in _files_below(place):
        try:
            report = Report(_files.read_bytes(path, limit=MAX_BYTES), path.name)
            reading = _read(report)
        except GatekeeperError as problem:
            passed_over.append((path.as_posix(), problem.message))
            continue
        twin = seen.setdefault(_json.digest(report.data), path.as_posix()) if reading else path.as_posix()
        if twin != path.as_posix():
            passed_over.append((path.as_posix(), f"the same bytes as {twin}"))
        elif reading:
            readings.append((path.as_posix(), reading))
    return Search(reports=tuple(_with_slots(readings)), passed_over=tuple(passed_over))


def _read(report: Any) -> Any:
    """What a report says; None for a file that is none.

    Raises:
        UsageError: It is an attestation, whose slot its maker knows.
        MalformedError: It is a report, and cannot be read.
    """
    from gatekeeper.collect import registry
    from gatekeeper.evidence import read_file

    if not report.data.strip():
        return None
    if read_file(report.data, report.name, named=False):
        raise UsageError("an attestation already; write its slot yourself", where=report.name, code="usage.init")
    try:
        registry.detect(report)
    except (UsageError, MalformedError):
        return None
    return registry.read(report)


def _files_below(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    if not place.is_dir():
        raise UsageError("there is no such folder", where=str(place), code="usage.missing_file")
    count = 0
    for folder, folders, files in os.walk(place):
        folders[:] = sorted(name for name in folders if _may_hold_reports(Path(folder, name)))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or path.is_symlink() or not path.is_file():
                continue
            count += 1
            if count > MAX_FILES:
                hint = "name the folder where the reports are: gatekeeper init reports"
                raise UsageError(f"more than {MAX_FILES} files", where=str(place), hint=hint, code="usage.init")
            yield path


def _may_hold_reports(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in _NO_REPORTS
    return not hidden and not folder.is_symlink() and not (folder / "pyvenv.cfg").exists()


def _with_slots(readings: Sequence[tuple[str, Any]]) -> list[Found]:
    kinds = [reading.kind for _, reading in readings]
    found: dict[str, Found] = {}
    for path, reading in readings:
        alone = kinds.count(reading.kind) == 1
        wanted = _SLOTS.get(reading.kind, reading.kind) if alone else _plain(Path(path).stem) or reading.kind
        slot = _free(wanted, found)
        found[slot] = Found(path=path, slot=slot, kind=reading.kind, format=reading.format, facts=reading.facts)
    return [found[slot] for slot in sorted(found)]


def _plain(text: str) -> str:
    """A name that slots and gates can have."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _free(wanted: str, taken: Mapping[str, object]) -> str:
    if wanted not in taken and wanted != "unknown":
        return wanted
    return next(name for number in range(2, len(taken) + 3) if (name := f"{wanted}-{number}") not in taken)
