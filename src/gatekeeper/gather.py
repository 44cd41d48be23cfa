"""From paths on a command line to evidence: attestations as they are, raw reports attested on the spot.

What is attested here is *by the gate, unsigned*: nobody has said under their own key that it is so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper.attestation import Attestation, parse_statement, unreadable
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.evidence import Evidence, files_below, read_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.collect.reading import Collector
    from gatekeeper.stage import Stage
    from gatekeeper.subject import Subject

_SLOT: Final = re.compile(r"([a-z0-9][a-z0-9_-]*)=(.+)", re.DOTALL)


def gather(arguments: Sequence[str], stage: Stage, subject: Subject) -> Evidence:
    """Evidence from files, folders and ``SLOT=FILE``.

    Args:
        arguments: What the user named, in any order.
        stage: Whose slots raw reports may fill.
        subject: What a raw report is taken to be about.

    Raises:
        UsageError: Something named outright is not there, is nothing that is read, or could fill several slots.
        SourceError: Something cannot be read.
    """
    body = Evidence(())
    reports: list[tuple[Report, str, bool]] = []
    for argument in arguments:
        slot, path = _split(argument)
        if _files.is_folder(path):
            found, raw = _folder(path)
            body |= found
            reports += [(report, slot, False) for report in raw]
        else:
            found, report = _file(path, slot)
            body |= found
            reports += [(report, slot, True)] if report else []
    attested, ignored = _attest_all(reports, stage, subject, body)
    return body | Evidence.of(attested, ignored=ignored)


def _split(argument: str) -> tuple[str, Path]:
    match = _SLOT.fullmatch(argument)
    if match and not _files.is_there(argument):
        return match[1], Path(match[2])
    return "", Path(argument)


def _folder(folder: Path) -> tuple[Evidence, list[Report]]:
    items: list[Attestation] = []
    raw: list[Report] = []
    for path in files_below(folder):
        data = _files.read_bytes(path)
        found = read_file(data, path.name, named=False)
        items += found
        if not found:
            raw.append(Report(data, path.relative_to(folder).as_posix()))
    if not items and not raw:
        raise UsageError("nothing is in this folder", where=str(folder), code="usage.empty_folder")
    return Evidence.of(items), raw


def _file(path: Path, slot: str) -> tuple[Evidence, Report | None]:
    data = _files.read_bytes(path)
    found = read_file(data, path.name, named=False)
    if found:
        return Evidence.of(replace(item, slot=slot) for item in found), None
    return Evidence(()), Report(data, path.name)


def _attest_all(
    reports: Sequence[tuple[Report, str, bool]], stage: Stage, subject: Subject, body: Evidence
) -> tuple[list[Attestation], list[str]]:
    attested: list[Attestation] = []
    ignored: list[str] = []
    taken = _claimed_slots(body) if reports else set()
    for report, slot, named in sorted(reports, key=lambda entry: (not entry[1], entry[0].name)):
        item = _attest(report, slot, stage, subject, taken, named=named)
        if item is None:
            ignored.append(report.name)
        else:
            attested.append(item)
            taken.add(_slot_of(item))
    return attested, ignored


def _claimed_slots(body: Evidence) -> set[str]:
    return {slot for item in body if (slot := _slot_of(item))}


def _slot_of(item: Attestation) -> str:
    return item.slot or _claimed_slot(item.payload)


def _claimed_slot(payload: bytes) -> str:
    """The slot that a statement claims to be for; empty when it claims none."""
    try:
        predicate = parse_statement(payload).predicate
    except MalformedError:
        return ""
    slot = predicate.get("slot")
    return slot if isinstance(slot, str) else ""


def _attest(
    report: Report, slot: str, stage: Stage, subject: Subject, taken: set[str], *, named: bool
) -> Attestation | None:
    from gatekeeper.collect import registry
    from gatekeeper.collect.attest import attest_reading

    name = Path(report.name).name
    try:
        collector = _collector(report, slot, stage)
    except UsageError:
        if named:
            raise
        return None
    except MalformedError as problem:
        return unreadable(report.data, problem.message, name=name, slot=slot) if named else None
    chosen = slot or _free_slot(collector.kind, stage, taken, report, named=named)
    if not chosen:
        return None
    try:
        reading = registry.read(report, kind=collector.kind)
        return attest_reading(Report(report.data, name), reading, subject=subject, slot=chosen)
    except MalformedError as problem:
        return unreadable(report.data, f"{problem.where}: {problem.message}", name=name, slot=chosen)
    except UsageError as problem:
        if problem.code != "attest.other_subject":
            raise
        return unreadable(report.data, problem.message, name=name, slot=chosen)


def _collector(report: Report, slot: str, stage: Stage) -> Collector:
    """The one collector that reads a report; of several the one of the kind that its slot asks for."""
    from gatekeeper.collect import registry

    try:
        return registry.detect(report)
    except UsageError as problem:
        if problem.code != "collect.ambiguous" or slot not in stage.slots:
            raise
        return registry.detect(report, kind=stage.slots[slot].kind)


def _free_slot(kind: str, stage: Stage, taken: set[str], report: Report, *, named: bool) -> str:
    fitting = [name for name, slot in stage.slots.items() if slot.kind == kind and name not in taken]
    if len(fitting) == 1:
        return fitting[0]
    if not named and not any(slot.kind == kind for slot in stage.slots.values()):
        return ""
    of_kind = [name for name, slot in stage.slots.items() if slot.kind == kind]
    if fitting:
        problem = f"{len(fitting)} slots of stage {stage.name} could take this {kind}"
        hint = " or ".join(f"--evidence {name}={report.name}" for name in fitting)
    else:
        problem = f"no slot of stage {stage.name} is free for {kind}"
        hint = f"taken already: {', '.join(of_kind)}" if of_kind else f"add a slot of kind {kind} to the gate"
    raise UsageError(problem, where=report.name, hint=hint, code="usage.slot")
