"""DSSE envelopes signed by keys.

Source: the DSSE specification 1.0.2 (secure-systems-lab/dsse), protocol.md (pre-authentication encoding, key ids,
base64) and envelope.md (the JSON). Three of its sentences carry the weight: a verifier does not look at ``keyid`` to
decide, it does not parse the payload before it has verified it, and it uses the very bytes that it verified.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper._limits import MAX_SIGNATURES
from gatekeeper.attestation import PAYLOAD_TYPE, read_attestation
from gatekeeper.errors import LimitError, MalformedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gatekeeper.attestation import Attestation
    from gatekeeper.trust.private_keys import PrivateKey
    from gatekeeper.trust.public_key import PublicKey

_FORMS: Final = ("dsse", "record")


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding (protocol.md, "Signature Definition").

    ``"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`` with lengths in bytes, as decimal text.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def verify(
    attestation: Attestation, keys: Iterable[PublicKey], *, payload_types: Collection[str] = (PAYLOAD_TYPE,)
) -> frozenset[str]:
    """The fingerprints of those of ``keys`` under which a signature of the envelope holds.

    Every signature is tried under every key until one holds, whatever its key id says; a key counts once, however many
    signatures it made and under however many names it was given. Signatures under none of the keys are not counted.

    Args:
        attestation: A DSSE envelope as received, of form ``dsse`` or ``record``.
        keys: The keys that are believed; repetition does not matter.
        payload_types: The payload types that are understood, exactly as written.

    Raises:
        UsageError: The attestation is of another form.
        MalformedError: The payload type is another one. Nothing was verified then.
        LimitError: More than :data:`gatekeeper._limits.MAX_SIGNATURES` signatures.
    """
    from gatekeeper.trust.public_key import holds

    if attestation.form not in _FORMS:
        raise UsageError(f"not a DSSE envelope but {attestation.form}", where=attestation.name, code="dsse.form")
    if len(attestation.signatures) > MAX_SIGNATURES:
        raise LimitError(f"more than {MAX_SIGNATURES} signatures", where="$.signatures", code="envelope.signatures")
    if attestation.payload_type not in payload_types:
        message = f"the payload type is {attestation.payload_type!r:.100}, not {' or '.join(sorted(payload_types))}"
        raise MalformedError(message, where="$.payloadType", code="dsse.payload_type")
    message_bytes = pae(attestation.payload_type, attestation.payload)
    waiting = {key.fingerprint: key for key in keys}
    found: set[str] = set()
    for value in sorted({signature.value for signature in attestation.signatures}):
        match = next((name for name, key in sorted(waiting.items()) if holds(key, value, message_bytes)), None)
        if match is not None:
            found.add(match)
            del waiting[match]
    return frozenset(found)


def sign(payload: bytes, payload_type: str, key: PrivateKey) -> bytes:
    """A new envelope around ``payload`` with one signature, in canonical JSON; ``keyid`` is the fingerprint."""
    return _write(payload, payload_type, [_signature(payload, payload_type, key)])


def add_signature(envelope: bytes, key: PrivateKey) -> bytes:
    """The same envelope with one more signature; a key that signed it already replaces its signature.

    Raises:
        MalformedError: ``envelope`` is no DSSE envelope signed by keys.
        LimitError: It would have more than :data:`gatekeeper._limits.MAX_SIGNATURES` signatures.
    """
    attestation = read_attestation(envelope)
    if attestation is None or attestation.form != "dsse":
        problem = attestation.problem if attestation is not None else ""
        raise MalformedError(problem or "not a DSSE envelope signed by keys", where="$", code="dsse.form")
    added = _signature(attestation.payload, attestation.payload_type, key)
    kept = [
        {"keyid": item.keyid, "sig": base64.b64encode(item.value).decode()}
        for item in attestation.signatures
        if item.keyid != added["keyid"]
    ]
    if len(kept) >= MAX_SIGNATURES:
        raise LimitError(f"more than {MAX_SIGNATURES} signatures", where="$.signatures", code="envelope.signatures")
    return _write(attestation.payload, attestation.payload_type, [*kept, added])


def _signature(payload: bytes, payload_type: str, key: PrivateKey) -> dict[str, str]:
    value = key.sign(pae(payload_type, payload))
    return {"keyid": key.public.fingerprint, "sig": base64.b64encode(value).decode()}


def _write(payload: bytes, payload_type: str, signatures: list[dict[str, str]]) -> bytes:
    envelope: dict[str, Any] = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": signatures,
    }
    return _json.canonical(envelope)
