"""Seal a decision: sign it with what replay needs, write it, enter it into the ledger. In this order.

Deciding does not record. An allow that is not sealed goes nowhere, because ``admit`` believes records only.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from gatekeeper import _data, _files, _json
from gatekeeper._limits import MAX_DOCUMENT_BYTES
from gatekeeper._version import __version__
from gatekeeper.attestation import RECORD_SCHEMA
from gatekeeper.decision import DECISION_SCHEMA, Decision
from gatekeeper.errors import GatekeeperError, MalformedError, SealError
from gatekeeper.record import SEAL_WINDOW, Record
from gatekeeper.record_form import assemble, statement

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from gatekeeper.ledger import Ledger
    from gatekeeper.material import Material
    from gatekeeper.question import EngineIdentity
    from gatekeeper.subject import Subject
    from gatekeeper.trust.signer import Signer

DISTRIBUTION: Final = "gatekeeper-policy"


class Sealable(Protocol):
    """A decision with what it was made from: what ``Gate.decide`` returns, and ``Gate.preview`` does not."""

    @property
    def canonical(self) -> bytes:
        """The decision's canonical JSON."""

    @property
    def id(self) -> str:
        """The digest of the canonical form."""

    @property
    def at(self) -> datetime:
        """The instant decided about, in UTC."""

    @property
    def stage(self) -> str:
        """The stage."""

    @property
    def subject(self) -> Subject:
        """The subject."""

    @property
    def material(self) -> Material | None:
        """What it was made from; None for what can never be sealed."""

    @property
    def engine_identity(self) -> EngineIdentity | None:
        """Which engine answered."""

    def as_json(self) -> dict[str, Any]:
        """The decision as the contract's JSON object."""


Confirm = Callable[[Sealable], Sealable]
"""Decides again with the library's own engine."""


def seal(
    decision: Sealable,
    *,
    signer: Signer | None = None,
    ledger: Ledger | None = None,
    directory: str | os.PathLike[str] | None = None,
    now: datetime | None = None,
    with_raw: Iterable[bytes] = (),
    confirm: Confirm | None = None,
) -> Record:
    """Make a record of a decision, allow or deny.

    The file is whole on the disk before the ledger is asked, and both are done before this returns: print a verdict
    afterwards. When the ledger refuses, the file is taken away again; when the process is killed between the two,
    ``Ledger.verify(records=directory)`` names the file.

    Args:
        decision: What ``Gate.decide`` returned, not more than
            :data:`gatekeeper.record.SEAL_WINDOW` ago.
        signer: Signs the record. Without one the record is nobody's word: ``admit`` and the ledger refuse it.
        ledger: Where the record is entered.
        directory: A folder for the record's file, made if it is not there; see :attr:`Record.file_name`.
        now: The instant to compare with; the clock's when not given.
        with_raw: Raw reports to keep in the record.
        confirm: Asked to decide again; needed where an engine answered whose binary is not known (a server).

    Raises:
        SealError: The decision cannot be sealed, or its file cannot be written.
        LedgerError: It cannot be entered.
        GatekeeperError: The signer cannot sign.
    """
    value, material = _sealable(decision, now or datetime.now(UTC))
    if ledger is not None:
        _need_signer(signer)
    engine = _confirmed(decision, confirm)
    checkpoint = ledger.checkpoint() if ledger is not None else None
    try:
        material_bytes = material.with_raw(with_raw).canonical
        digest = _json.digest(material_bytes)
        payload = statement(value, material=digest, environment=environment(engine), checkpoint=checkpoint)
        envelope = _sign(signer, payload) if signer is not None else None
        record = _read_back(assemble(payload=payload, envelope=envelope, material=material_bytes), payload)
    except MalformedError as cause:
        raise SealError(f"no record comes of it: {cause}", code="seal.unreadable") from cause
    path = _write(record, Path(directory)) if directory is not None else None
    if ledger is not None:
        _enter(record, ledger, path)
    return record


def environment(engine: EngineIdentity) -> dict[str, dict[str, str]]:
    """Versions of library and schemas, and the engine with its binary's digest: outside the decision's bytes."""
    return {
        "library": {"name": DISTRIBUTION, "version": __version__},
        "engine": {
            "name": engine.name,
            "version": engine.version,
            "digest": engine.digest,
            "platform": engine.platform,
        },
        "schemas": {"record": RECORD_SCHEMA, "decision": DECISION_SCHEMA, "facts": _schemas_digest()},
    }


def _need_signer(signer: Signer | None) -> None:
    if signer is None:
        raise SealError("a ledger takes signed records only", hint="give a signer: --key", code="seal.unsigned")


def _sealable(decision: Sealable, now: datetime) -> tuple[Decision, Material]:
    material = decision.material if isinstance(decision, Decision) else None
    if not isinstance(decision, Decision) or material is None:
        raise SealError(
            "only what Gate.decide returned can be sealed", hint="a preview can be looked at", code="seal.preview"
        )
    if now.tzinfo is None:
        raise SealError("the clock's time has no zone", hint="use datetime.now(UTC)", code="seal.clock")
    away = (now - decision.at).total_seconds()
    if abs(away) > SEAL_WINDOW.total_seconds():
        when = "ago" if away > 0 else "in the future"
        raise SealError(
            f"the decision is about an instant {abs(away):.0f} s {when}, at most {SEAL_WINDOW.seconds} s is sealed",
            hint="decide again",
            code="seal.clock",
        )
    return decision, material


def _confirmed(decision: Sealable, confirm: Confirm | None) -> EngineIdentity:
    """The engine whose binary is known and that gave this decision."""
    again = confirm(decision) if confirm is not None else decision
    if again.canonical != decision.canonical:
        raise SealError(
            f"the engine that runs here decides otherwise: {again.id}, not {decision.id}", code="seal.unconfirmed"
        )
    engine = again.engine_identity
    if engine is None or not engine.digest:
        raise SealError(
            "an engine elsewhere answered, and none that runs here confirms it",
            hint="seal where OPA is installed",
            code="seal.unconfirmed",
        )
    return engine


def _sign(signer: Signer, payload: bytes) -> bytes:
    try:
        envelope = signer.sign(payload)
    except GatekeeperError:
        raise
    except Exception as cause:  # a signer is anybody's code: whatever it raises, there is no record
        raise SealError(f"cannot be signed: {cause}", code="seal.signer") from cause
    if not isinstance(envelope, bytes):  # None would make an unsigned record, where a signed one was asked for
        raise SealError("the signer gave no envelope", code="seal.signer")
    return envelope


def _read_back(data: bytes, payload: bytes) -> Record:
    """Read what was made as anybody will, so that nothing is written that cannot be read."""
    if len(data) > MAX_DOCUMENT_BYTES:
        raise SealError(f"the record is larger than {MAX_DOCUMENT_BYTES} bytes", code="seal.size")
    record = Record(data)
    if record.payload != payload:
        raise SealError("the signer signed something else", code="seal.signer")
    return record


def _write(record: Record, folder: Path) -> Path | None:
    """Write the record's file; the path if it was not there before."""
    path = folder / record.file_name
    try:
        folder.mkdir(exist_ok=True)
        there = _files.read_bytes(path) if path.exists() else None
        if there is None:
            _files.write_atomic(path, record.data)
    except OSError as cause:
        raise SealError(f"cannot be written: {cause.strerror}", where=str(path), code="seal.write") from cause
    except GatekeeperError as cause:
        raise SealError(cause.message, where=cause.where, hint=cause.hint, code="seal.write") from cause
    if there not in (None, record.data):
        raise SealError("another record of this decision is there", where=str(path), code="seal.exists")
    return path if there is None else None


def _enter(record: Record, ledger: Ledger, path: Path | None) -> None:
    try:
        ledger.append(record)
    except GatekeeperError:
        if path is not None:
            with suppress(OSError):  # what stays is named by Ledger.verify(records=...)
                path.unlink(missing_ok=True)
        raise


def _schemas_digest() -> str:
    """One digest over the library's schemas, so that a replay can tell that facts were read by other ones."""
    paths = sorted(_data.folder("schemas").glob("*.json"))
    return _json.digest_of({path.name: _json.digest(_files.read_bytes(path)) for path in paths})
