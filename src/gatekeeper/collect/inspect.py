"""What reports and attestations say, for people who look; nothing is verified and nobody believed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gatekeeper import _files, _json
from gatekeeper.attestation import parse_statement
from gatekeeper.collect import _claims, registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from gatekeeper.evidence import files_below, read_file
from gatekeeper.facts import FACTS_TYPE
from gatekeeper.facts.predicate import read_facts

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from gatekeeper.attestation import Attestation, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What one report or attestation says.

    Attributes:
        path: The file.
        what: ``report``, ``attestation``, or ``unknown`` for a file in a folder that nothing reads.
        digest: Of the bytes; of the line for JSON lines.
        kind: The kind of evidence; empty when unknown.
        format: The report's format.
        producer: The tool that made the report.
        facts: Counts, flags and short texts among the facts; a list is its length.
        slot: The slot an attestation is for.
        shard: Which of how many, as ``1/4``.
        raw: The digest of the raw report an attestation is about.
        form: How an attestation is wrapped.
        predicate_type: What an attestation says it says.
        subjects: Name and digests of what an attestation is about.
        claimed_signers: Who seems to have signed: hints and certificates that nobody has checked.
        problem: Why it cannot be read; empty when it can.
    """

    path: str
    what: Literal["report", "attestation", "unknown"]
    digest: str
    kind: str = ""
    format: str = ""
    producer: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    slot: str = ""
    shard: str = ""
    raw: str = ""
    form: str = ""
    predicate_type: str = ""
    subjects: tuple[Mapping[str, Any], ...] = ()
    claimed_signers: tuple[str, ...] = ()
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form that is printed; what is unknown is absent."""
        return {name: value for name, value in asdict(self).items() if value not in ("", (), {})}


def inspect(path: str | os.PathLike[str], *, kind: str | None = None, plugins: bool = True) -> list[Inspection]:
    """What a file says, or every file of a folder.

    Args:
        path: A report, an attestation, JSON lines of attestations, or a folder of them.
        kind: The kind of evidence of raw reports, where the content could be of two.
        plugins: Whether collectors of other packages are asked.

    Raises:
        UsageError: The path is not there, or a file named outright is nothing that is read.
        MalformedError: A file named outright cannot be read. In a folder it is listed with its ``problem``.
        SourceError: A file or folder cannot be read.
        ConfigError: A plug-in cannot be used.
    """
    if not _files.is_folder(path):
        return _inspect(_files.read_bytes(path), str(path), kind, plugins=plugins)
    return [found for file in files_below(Path(path)) for found in _inspect_listed(file, kind, plugins=plugins)]


def summary(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts at a glance: what is short as it is, a list as its length."""
    return {name: len(value) if isinstance(value, list) else value for name, value in facts.items()}


def _inspect_listed(file: Path, kind: str | None, *, plugins: bool) -> list[Inspection]:
    data = _files.read_bytes(file)
    try:
        return _inspect(data, str(file), kind, plugins=plugins)
    except UsageError as problem:
        return [Inspection(path=str(file), what="unknown", digest=_json.digest(data), problem=problem.message)]
    except MalformedError as problem:
        return [Inspection(path=str(file), what="report", digest=_json.digest(data), problem=str(problem))]


def _inspect(data: bytes, path: str, kind: str | None, *, plugins: bool) -> list[Inspection]:
    name = Path(path).name
    attestations = read_file(data, name, named=False)
    if attestations:
        return [_attestation(item, path) for item in attestations]
    reading = registry.read(Report(data, name), kind=kind, plugins=plugins)
    return [
        Inspection(
            path=path,
            what="report",
            digest=_json.digest(data),
            kind=reading.kind,
            format=reading.format,
            producer=reading.producer,
            facts=summary(reading.facts),
        )
    ]


def _attestation(item: Attestation, path: str) -> Inspection:
    said: dict[str, Any] = {"problem": item.problem}
    try:
        if not item.problem:
            said.update(_said(parse_statement(item.payload), item))
    except GatekeeperError as problem:  # what was read before it stays
        said["problem"] = str(problem)
    return Inspection(path=path, what="attestation", digest=item.digest, form=item.form, **said)


def _said(statement: Statement, item: Attestation) -> Iterator[tuple[str, Any]]:
    yield "predicate_type", statement.predicate_type
    yield "subjects", tuple({"name": name, "digest": digests} for name, digests in statement.subjects)
    yield "claimed_signers", _claims.claimed_signers(item)
    if statement.predicate_type != FACTS_TYPE:
        return
    document = read_facts(statement).document
    source = document.source
    yield from {"kind": source.kind, "format": source.format, "producer": source.producer, "raw": source.digest}.items()
    yield from {"slot": source.slot, "shard": f"{source.shard[0]}/{source.shard[1]}"}.items()
    yield "facts", summary(document.facts)
