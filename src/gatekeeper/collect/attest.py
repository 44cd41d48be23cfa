"""The producer's side: a report becomes an attestation, signed where the fact was made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gatekeeper import _files, _json
from gatekeeper._version import __version__
from gatekeeper.attestation import Attestation, read_attestation, statement_bytes
from gatekeeper.collect import _text, registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.facts import FACTS_TYPE, Document, Source, parse_shard
from gatekeeper.facts.predicate import Attested, check_slot

if TYPE_CHECKING:
    import os
    from datetime import datetime

    from gatekeeper.collect.reading import Reading
    from gatekeeper.facts import Shard
    from gatekeeper.subject import Subject


class Signer(Protocol):
    """Signs statements."""

    def sign(self, payload: bytes) -> bytes:
        """An attestation around ``payload``, as the bytes to keep."""


def attest(
    report: str | os.PathLike[str] | Report,
    *,
    subject: Subject,
    slot: str,
    shard: Shard = (1, 1),
    kind: str | None = None,
    signer: Signer | None = None,
    at: datetime | None = None,
    plugins: bool = True,
) -> Attestation:
    """Make an attestation of a report: its facts, and the digest of its bytes.

    Texts are made visible and freed of secrets before they are signed.

    Args:
        report: The report or its file.
        subject: What the report is about.
        slot: The slot of a gate that it is for.
        shard: Which of how many reports it is, from 1: ``(2, 4)``.
        kind: The kind of evidence, where the content could be of two.
        signer: Who signs. A statement without a signature when there is none.
        at: When this happens, to be said in the statement; nothing is said without it.
        plugins: Whether collectors of other packages are asked.

    Raises:
        UsageError: The file is not there, no collector or more than one reads it, ``slot`` or ``shard`` is none, or
            the report says that it is about something else.
        MalformedError: The report cannot be read.
        SourceError: The file cannot be read.
        ConfigError: A plug-in cannot be used.
    """
    _check_place(slot, shard)
    received = report if isinstance(report, Report) else Report(_files.read_bytes(report), Path(report).name)
    reading = registry.read(received, kind=kind, plugins=plugins)
    return attest_reading(received, reading, subject=subject, slot=slot, shard=shard, signer=signer, at=at)


def attest_reading(
    report: Report,
    reading: Reading,
    *,
    subject: Subject,
    slot: str,
    shard: Shard = (1, 1),
    signer: Signer | None = None,
    at: datetime | None = None,
) -> Attestation:
    """Make an attestation of what :func:`gatekeeper.collect.registry.read` read; see :func:`attest`.

    Raises:
        UsageError: ``slot`` or ``shard`` is none; ``attest.other_subject``: the report is about something else.
    """
    _check_place(slot, shard)
    _check_target(report, reading, subject)
    source = Source(
        digest=_json.digest(report.data),
        kind=reading.kind,
        slot=slot,
        shard=shard,
        name=_text.message(Path(report.name).name),
        format=reading.format,
        producer=reading.producer,
    )
    attested = Attested(
        document=Document(source=source, facts=reading.facts),
        media_type=reading.media_type,
        attested_at=at,
        library=__version__,
    )
    payload = statement_bytes(subject=subject.as_json(), predicate_type=FACTS_TYPE, predicate=attested.as_predicate())
    return _sign(payload, signer, source.name)


def _check_place(slot: str, shard: Shard) -> None:
    try:
        check_slot(slot)
        parse_shard(f"{shard[0]}/{shard[1]}")
    except MalformedError as cause:  # what the caller said is wrong, not a document
        raise UsageError(cause.message, where=cause.where, hint=cause.hint, code=cause.code) from cause


def _check_target(report: Report, reading: Reading, subject: Subject) -> None:
    """Refuse to speak of one thing with the report of another."""
    matches = [subject.match(target) for target in reading.targets]
    if matches and ("contradicts" in matches or "same" not in matches):
        named = ", ".join(f"{name}:{value}" for name, value in sorted(reading.targets[0].items()))
        raise UsageError(
            f"the report is about another subject: {named}",
            where=report.name,
            hint=f"it would be attested for {subject}",
            code="attest.other_subject",
        )


def _sign(payload: bytes, signer: Signer | None, name: str) -> Attestation:
    if signer is None:
        return Attestation(raw=payload, form="plain", payload=payload, name=name)
    attestation = read_attestation(signer.sign(payload), name=name)
    if attestation is None or attestation.payload != payload or attestation.form == "plain":
        raise MalformedError(
            "the signer gave no signature of this statement",
            where=name,
            hint="nothing is written",
            code="attest.signer",
        )
    return attestation
