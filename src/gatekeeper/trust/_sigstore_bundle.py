"""The shape of a Sigstore bundle, read strictly before anything is verified.

sigstore-python reads bundles generously: base64 with junk in it, numbers such as ``' 5'``, two names for each field.
A bundle that two readers could understand differently is refused here, so that what is looked at is what is
verified. Shapes that are valid Sigstore but that sigstore-python cannot check are told apart by name.

Source: the bundle format, sigstore/protobuf-specs, ``sigstore_bundle.proto`` and ``sigstore_rekor.proto``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gatekeeper import _json
from gatekeeper.attestation import decode_base64
from gatekeeper.errors import MalformedError
from gatekeeper.trust._refusal import RefusalError

MAX_TIMESTAMPS: Final = 32
"""Timestamps in one bundle; endless lists were an advisory in sigstore-go. Real bundles have one or two."""

_OLD: Final = (
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
)
_NEW: Final = ("application/vnd.dev.sigstore.bundle+json;version=0.3", "application/vnd.dev.sigstore.bundle.v0.3+json")
_ENTRIES: Final = {
    "dsseEnvelope": ("dsse/0.0.1", "hashedrekord/0.0.2"),
    "messageSignature": ("hashedrekord/0.0.1", "hashedrekord/0.0.2"),
}
_BASE64_FIELDS: Final = frozenset(
    (
        *("canonicalizedBody", "digest", "hash", "keyId", "payload", "rawBytes", "rootHash", "sig", "signature"),
        *("signedEntryTimestamp", "signedTimestamp"),
    )
)
_NUMBER_FIELDS: Final = frozenset(("integratedTime", "logIndex", "treeSize"))
_STANDARD: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a bundle claims, in a shape that can be verified.

    Attributes:
        canonical: The bundle in canonical JSON, which is what the verifier is given.
        payload: The payload of its DSSE envelope; None when it signs a file.
        payload_type: The payload type of its envelope.
        signature: The signature's bytes, which timestamps are over.
        timestamps: RFC 3161 responses.
        log_id: Which transparency log it says it is in, in base64.
        promised_at: The time that the log promised; None when it promised none.
    """

    canonical: bytes
    payload: bytes | None
    payload_type: str
    signature: bytes
    timestamps: tuple[bytes, ...]
    log_id: str
    promised_at: datetime | None


def read_bundle(raw: bytes) -> Bundle:
    """Read a bundle.

    Raises:
        RefusalError: It is malformed, or of a shape that is not supported.
    """
    try:
        value = _json.parse_object(raw)
        _check_format(value)
        _check_fields(value, "$")
        return _read(value)
    except MalformedError as cause:
        raise RefusalError(f"the bundle is malformed: {cause}") from cause


def _read(value: dict[str, Any]) -> Bundle:
    material = _object(value, "verificationMaterial", "$")
    content = _content(value, material)
    entry = _entry(value, material, content)
    signed = _object(value, content, "$")
    return Bundle(
        canonical=_json.canonical(value),
        payload=_bytes(signed, "payload", "$.dsseEnvelope") if content == "dsseEnvelope" else None,
        payload_type=str(signed.get("payloadType", "")),
        signature=_signature(signed, content),
        timestamps=_timestamps(material),
        log_id=_text(_object(entry, "logId", "log entry"), "keyId", "log entry"),
        promised_at=_promised_at(entry),
    )


def _check_format(value: dict[str, Any]) -> None:
    media_type = value.get("mediaType")
    if media_type is None:
        raise RefusalError("a document that is no Sigstore bundle", "unsupported")
    if media_type not in (*_OLD, *_NEW):
        raise RefusalError(f"the bundle format {media_type!r:.100}", "unsupported")


def _content(value: dict[str, Any], material: dict[str, Any]) -> str:
    """Which of the two kinds of content it holds, once its signer is of a kind that is supported."""
    if "publicKey" in material:
        raise RefusalError("a bundle signed with a key, which it only hints at", "unsupported")
    if "certificate" not in material and "x509CertificateChain" not in material:
        raise RefusalError("the bundle holds no certificate")
    found = [name for name in _ENTRIES if name in value]
    if len(found) != 1:
        raise RefusalError("the bundle does not hold exactly one signed content")
    return found[0]


def _entry(value: dict[str, Any], material: dict[str, Any], content: str) -> dict[str, Any]:
    """The one log entry, once it is of a kind that is supported."""
    entries = material.get("tlogEntries", [])
    if not isinstance(entries, list) or not all(isinstance(item, dict) for item in entries):
        raise RefusalError("the log entries are malformed")
    if len(entries) != 1:
        raise RefusalError(f"a bundle with {len(entries)} transparency log entries", "unsupported")
    entry: dict[str, Any] = entries[0]
    version = _object(entry, "kindVersion", "log entry")
    name = f"{version.get('kind')}/{version.get('version')}"
    if name not in _ENTRIES[content]:
        raise RefusalError(f"a log entry of type {name:.100}", "unsupported")
    proof = entry.get("inclusionProof")
    has_checkpoint = isinstance(proof, dict) and "checkpoint" in proof
    if not has_checkpoint and value["mediaType"] == _OLD[0]:
        raise RefusalError("a log entry of bundle format 0.1 without checkpoint", "unsupported")
    if not has_checkpoint:
        raise RefusalError("the log entry holds no inclusion proof with checkpoint")
    return entry


def _signature(signed: dict[str, Any], content: str) -> bytes:
    if content == "messageSignature":
        return _bytes(signed, "signature", "$.messageSignature")
    signatures = signed.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise RefusalError("the envelope does not hold exactly one signature")
    return _bytes(signatures[0], "sig", "$.dsseEnvelope.signatures[0]")


def _timestamps(material: dict[str, Any]) -> tuple[bytes, ...]:
    data = material.get("timestampVerificationData") or {}
    listed = data.get("rfc3161Timestamps") or [] if isinstance(data, dict) else None
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise RefusalError("the timestamps are malformed")
    if len(listed) > MAX_TIMESTAMPS:
        raise RefusalError(f"more than {MAX_TIMESTAMPS} timestamps")
    found = tuple(_bytes(item, "signedTimestamp", "timestamp") for item in listed)
    if len(set(found)) != len(found):
        raise RefusalError("one timestamp is there twice")
    return found


def _promised_at(entry: dict[str, Any]) -> datetime | None:
    # as the verifier does: the time counts only with the promise that signs it, and zero is no time
    seconds = int(entry.get("integratedTime", "0"))
    if not entry.get("inclusionPromise") or not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError) as cause:
        raise RefusalError("the log entry's time is no time") from cause


def _check_fields(value: Any, where: str, name: str = "") -> None:
    """Every field under its one name, every number and every base64 text in its one form."""
    if name in _NUMBER_FIELDS and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise MalformedError("not a number in its one form", where=where, code="sigstore.number")
    if name in _BASE64_FIELDS and not (isinstance(value, str) and _STANDARD.fullmatch(value)):
        raise MalformedError("not base64", where=where, code="base64")
    if isinstance(value, dict):
        for key, item in value.items():
            if "_" in key:  # protobuf's other name for a field: two names are two readings
                raise MalformedError("a field that is not in camel case", where=f"{where}.{key}", code="sigstore.field")
            _check_fields(item, f"{where}.{key}", key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_fields(item, f"{where}[{index}]", "hash" if name == "hashes" else "")


def _object(value: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    item = value.get(name)
    if not isinstance(item, dict):
        raise MalformedError(f"no {name}", where=where, code="sigstore.field")
    return item


def _text(value: dict[str, Any], name: str, where: str) -> str:
    item = value.get(name)
    if not isinstance(item, str):
        raise MalformedError(f"no {name}", where=where, code="sigstore.field")
    return item


def _bytes(value: dict[str, Any], name: str, where: str) -> bytes:
    return decode_base64(value.get(name), where=f"{where}.{name}")
