"""Attestations: a statement in its envelope, exactly as it was received.

Nothing here is believed. Reading says what an envelope *claims*; whether its signatures hold is for
:mod:`gatekeeper.verify`. The bytes received are kept and digested, never a re-serialisation of them.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from gatekeeper import _json
from gatekeeper._limits import MAX_SIGNATURES, MAX_SUBJECTS
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError

STATEMENT_TYPES: Final = frozenset({"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"})
"""Statement types that are read (in-toto attestation, spec/v1/statement.md and spec/v0.1)."""

STATEMENT_V1: Final = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
"""The one payload type of a signed statement (spec/v1/envelope.md)."""

SIGSTORE_MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle"
RECORD_SCHEMA: Final = "https://gatekeeper.dev/record/v1"

Form = Literal["plain", "dsse", "ssh", "sigstore", "record", "unreadable"]
"""``plain`` is a bare statement, ``dsse`` an envelope with key signatures, ``ssh`` one with SSH signatures,
``sigstore`` a Sigstore bundle, ``record`` a sealed decision, ``unreadable`` something that claims to be one of
these and cannot be read: it is rejected with its reason, never dropped."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9_-]*={0,2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature as it stands in an envelope.

    Attributes:
        keyid: A hint that anybody can write; never used to choose whom to believe.
        value: The signature's bytes; for SSH the armoured text.
    """

    keyid: str
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """One attestation as received.

    Attributes:
        raw: The bytes received.
        form: How they are wrapped.
        payload: The bytes that were signed, before they were wrapped. Empty when unreadable.
        payload_type: What the envelope says the payload is. Empty for ``plain``.
        signatures: The signatures in the envelope, in its order. Empty for ``plain``, ``sigstore`` and records that
            hold a bundle or no envelope.
        problem: Why it cannot be read, for ``unreadable``.
        slot: The slot that a reader on the spot was told; empty when the statement itself says.
        name: Where it was read, for people. Not part of what it is.
    """

    raw: bytes
    form: Form
    payload: bytes = b""
    payload_type: str = ""
    signatures: tuple[Signature, ...] = ()
    problem: str = ""
    slot: str = ""
    name: str = ""

    @cached_property
    def digest(self) -> str:
        """The digest of the bytes received."""
        return _json.digest(self.raw)

    @cached_property
    def payload_digest(self) -> str:
        """The digest of the payload; equal for two envelopes around one statement."""
        return _json.digest(self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An in-toto Statement (spec/v1/statement.md), parsed from the bytes that were verified.

    Attributes:
        subjects: ``(name, digest set)`` for each subject; the name may be empty.
        predicate_type: The type URI of the predicate.
        predicate: The predicate; read only.
    """

    subjects: tuple[tuple[str, dict[str, Any]], ...]
    predicate_type: str
    predicate: dict[str, Any]


def read_attestation(data: bytes, *, name: str = "") -> Attestation | None:
    """Read one attestation of any form.

    Returns:
        The attestation, or None when ``data`` is JSON that does not claim to be one. What claims to be an
        attestation and is broken comes back as ``unreadable`` with the reason.

    Raises:
        MalformedError: ``data`` is not JSON at all.
    """
    value = _json.parse(data, where=name, wide=True)
    form = _form(value)
    if form is None:
        return None
    try:
        return _read(data, value, form, name)
    except GatekeeperError as problem:
        return unreadable(data, str(problem), name=name)


def unreadable(data: bytes, problem: str, *, name: str = "", slot: str = "") -> Attestation:
    """An attestation that will be rejected because of ``problem``."""
    return Attestation(raw=data, form="unreadable", problem=problem, name=name, slot=slot)


def parse_statement(payload: bytes, *, where: str = "") -> Statement:
    """Parse a payload as an in-toto Statement.

    Unknown fields are ignored, as the specification asks; a missing or empty subject list, a digest set without
    digests, an unknown ``_type`` or a predicate that is no object are refused.

    Raises:
        MalformedError: The payload is no such statement; ``where`` has the place.
    """
    value = _json.parse_object(payload, where=where, wide=True)
    if value.get("_type") not in STATEMENT_TYPES:
        raise MalformedError(
            f"_type is {value.get('_type')!r}, not an in-toto Statement", where="$._type", code="statement.type"
        )
    predicate_type = value.get("predicateType")
    if not isinstance(predicate_type, str) or not predicate_type:
        raise MalformedError("no predicate type", where="$.predicateType", code="statement.predicate_type")
    predicate = value.get("predicate")
    if not isinstance(predicate, dict):
        raise MalformedError("the predicate is not an object", where="$.predicate", code="statement.predicate")
    return Statement(subjects=_subjects(value.get("subject")), predicate_type=predicate_type, predicate=predicate)


def statement_bytes(*, subject: dict[str, Any], predicate_type: str, predicate: dict[str, Any]) -> bytes:
    """The canonical bytes of a Statement v1 about one subject."""
    return _json.canonical(
        {"_type": STATEMENT_V1, "subject": [subject], "predicateType": predicate_type, "predicate": predicate}
    )


def decode_base64(text: object, *, where: str) -> bytes:
    """Decode base64 in either alphabet, strictly: no junk, no blanks, right padding (DSSE, protocol.md).

    Raises:
        MalformedError: Anything else.
    """
    if not isinstance(text, str) or not _BASE64.fullmatch(text):
        raise MalformedError("not base64", where=where, code="base64")
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as cause:
        raise MalformedError(f"not base64: {cause}", where=where, code="base64") from cause


def _form(value: Any) -> Form | None:
    if not isinstance(value, dict):
        return None
    if value.get("schema") == RECORD_SCHEMA:
        return "record"
    if str(value.get("mediaType", "")).startswith(SIGSTORE_MEDIA_TYPE):
        return "sigstore"
    if "payloadType" in value and "payload" in value:
        signatures = value.get("signatures")
        is_ssh = isinstance(signatures, list) and any(
            isinstance(item, dict) and "sshsig" in item for item in signatures
        )
        return "ssh" if is_ssh else "dsse"
    return "plain" if str(value.get("_type", "")).startswith("https://in-toto.io/Statement/") else None


def _read(data: bytes, value: dict[str, Any], form: Form, name: str) -> Attestation:
    if form == "plain":
        return Attestation(raw=data, form=form, payload=data, name=name)
    if form == "record":
        return Attestation(raw=data, form=form, name=name, **_record_envelope(value))
    if form == "sigstore":
        return Attestation(raw=data, form=form, name=name, **_bundle(value, "$"))
    return Attestation(raw=data, form=form, name=name, **_envelope(value, "$", ssh=form == "ssh"))


def _record_envelope(value: dict[str, Any]) -> dict[str, Any]:
    envelope = value.get("envelope")
    if envelope is None:
        return {"payload": decode_base64(value.get("statement"), where="$.statement")}
    if _form(envelope) == "sigstore":
        return _bundle(envelope, "$.envelope")
    return _envelope(envelope, "$.envelope")


def _bundle(value: dict[str, Any], where: str) -> dict[str, Any]:
    envelope = value.get("dsseEnvelope")
    if not isinstance(envelope, dict):
        raise MalformedError(
            "the bundle holds no DSSE envelope", where=f"{where}.dsseEnvelope", code="sigstore.envelope"
        )
    return {
        "payload": decode_base64(envelope.get("payload"), where=f"{where}.dsseEnvelope.payload"),
        "payload_type": str(envelope.get("payloadType", "")),
    }


def _envelope(value: Any, where: str, *, ssh: bool = False) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("no envelope", where=where, code="envelope")
    signatures = _signature_list(value, where)
    if not isinstance(value.get("payloadType"), str):
        raise MalformedError("the payload type is not text", where=f"{where}.payloadType", code="envelope")
    return {
        "payload": decode_base64(value.get("payload"), where=f"{where}.payload"),
        "payload_type": value["payloadType"],
        "signatures": tuple(
            _signature(item, f"{where}.signatures[{index}]", ssh=ssh) for index, item in enumerate(signatures)
        ),
    }


def _signature_list(value: dict[str, Any], where: str) -> list[Any]:
    signatures = value.get("signatures")
    if not isinstance(signatures, list) or not signatures:
        raise MalformedError("no signature", where=f"{where}.signatures", code="envelope.unsigned")
    if len(signatures) > MAX_SIGNATURES:
        raise LimitError(
            f"more than {MAX_SIGNATURES} signatures", where=f"{where}.signatures", code="envelope.signatures"
        )
    return signatures


def _signature(item: Any, where: str, *, ssh: bool) -> Signature:
    if not isinstance(item, dict):
        raise MalformedError("not a signature", where=where, code="envelope.signature")
    keyid = item.get("keyid")
    if ssh:
        armoured = item.get("sshsig")
        if not isinstance(armoured, str) or not armoured.isascii():
            raise MalformedError("not an SSH signature", where=f"{where}.sshsig", code="envelope.signature")
        value = armoured.encode()
    else:
        value = decode_base64(item.get("sig"), where=f"{where}.sig")
    if not value:
        raise MalformedError("an empty signature", where=where, code="envelope.signature")
    return Signature(keyid=keyid if isinstance(keyid, str) else "", value=value)


def _subjects(value: Any) -> tuple[tuple[str, dict[str, Any]], ...]:
    if not isinstance(value, list) or not value:
        raise MalformedError("no subject", where="$.subject", code="statement.subject")
    if len(value) > MAX_SUBJECTS:
        raise LimitError(f"more than {MAX_SUBJECTS} subjects", where="$.subject", code="statement.subject")
    return tuple(_subject(item, f"$.subject[{index}]") for index, item in enumerate(value))


def _subject(item: Any, where: str) -> tuple[str, dict[str, Any]]:
    digests = item.get("digest") if isinstance(item, dict) else None
    if not isinstance(digests, dict) or not digests:
        raise MalformedError("a subject without digest", where=f"{where}.digest", code="statement.subject")
    name = item.get("name")
    return (name if isinstance(name, str) else ""), digests
