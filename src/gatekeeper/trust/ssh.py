"""SSH signatures (SSHSIG): how a person signs an approval or a waiver with the key they have.

Source: OpenSSH's PROTOCOL.sshsig; signature encodings in RFC 4253, section 6.6, RFC 5656, section 3.1.2, RFC 8332,
section 3, RFC 8709, section 6, and OpenSSH's PROTOCOL.u2f for security keys. What is read is what ``ssh-keygen -Y
sign`` writes, and nothing beside it: a second way to write a signature is a second way to be wrong.

An SSH signature is over the payload's bytes and a namespace. The payload type in the envelope is not signed: the
namespace says what the signature is for, and the payload itself says what it is.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper import _json
from gatekeeper._limits import MAX_SIGNATURES
from gatekeeper.attestation import PAYLOAD_TYPE, read_attestation
from gatekeeper.errors import LimitError, MalformedError, UsageError
from gatekeeper.trust import ssh_blob
from gatekeeper.trust._wire import Reader, string
from gatekeeper.trust.public_key import ecdsa_hash, material_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.attestation import Attestation
    from gatekeeper.trust.public_key import PublicKey

MAGIC: Final = b"SSHSIG"
VERSION: Final = 1
HASHES: Final = ("sha256", "sha512")
"""PROTOCOL.sshsig allows these two; both are lower case."""

_ARMOUR: Final = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n?", re.ASCII
)
_MAX_ARMOUR: Final = 16 * 1024
"""Characters of one armoured signature; RSA of 16,384 bits takes 6 kB."""

_TOUCHED: Final = 0x01
_PIN_VERIFIED: Final = 0x04
_RSA_HASHES: Final = {"rsa-sha2-256": "SHA256", "rsa-sha2-512": "SHA512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSignature:
    """A signature that holds.

    Attributes:
        fingerprint: Of the key that made it, as in :class:`gatekeeper.trust.public_key.PublicKey`. Whether that key
            is anybody's is for the caller to say: an SSH signature carries its own key.
        key_type: The key's algorithm, such as ``ed25519`` or ``sk-ed25519``.
        namespace: What it was made for.
        touched: Whether a person touched a security key to make it. False for keys in files.
        pin_verified: Whether the security key asked for a PIN or a finger as well.
    """

    fingerprint: str
    key_type: str
    namespace: str
    touched: bool
    pin_verified: bool


def verify(attestation: Attestation, *, namespace: str) -> tuple[SshSignature, ...]:
    """Check every SSH signature of an envelope; all of them have to hold.

    Args:
        attestation: An envelope of form ``ssh``.
        namespace: What the signatures have to be for.

    Returns:
        One entry for each key that signed, in the order of the envelope.

    Raises:
        UsageError: The attestation is of another form, or no namespace is given.
        MalformedError: A signature does not hold, is for another namespace, or is written in a way that is not
            accepted; ``where`` says which one.
        LimitError: More than :data:`gatekeeper._limits.MAX_SIGNATURES` signatures.
    """
    if attestation.form != "ssh":
        raise UsageError(f"not an envelope with SSH signatures but {attestation.form}", code="ssh.form")
    if len(attestation.signatures) > MAX_SIGNATURES:
        raise LimitError(f"more than {MAX_SIGNATURES} signatures", where="$.signatures", code="envelope.signatures")
    found: dict[str, SshSignature] = {}
    for index, signature in enumerate(attestation.signatures):
        place = f"$.signatures[{index}].sshsig"
        checked = verify_armoured(signature.value, attestation.payload, namespace=namespace, where=place)
        found.setdefault(checked.fingerprint, checked)
    return tuple(found.values())


def verify_armoured(armoured: bytes, message: bytes, *, namespace: str, where: str = "") -> SshSignature:
    """Check one armoured signature, as ``ssh-keygen -Y sign`` writes it, of ``message``.

    Raises:
        UsageError: No namespace is given.
        MalformedError: It does not hold; see :func:`verify`.
    """
    if not namespace:
        raise UsageError("no namespace to verify for", where=where, code="ssh.namespace")
    reader = Reader(dearmour(armoured, where=where), where)
    if reader.take(len(MAGIC)) != MAGIC or reader.uint32() != VERSION:
        raise reader.refused("not an SSHSIG of version 1")
    blob, found_namespace, reserved, hash_name, signature = (reader.string() for _ in range(5))
    reader.end()
    if found_namespace != namespace.encode():
        made_for = found_namespace.decode("ascii", "backslashreplace")
        raise MalformedError(f"signed for {made_for!r:.100}, not for {namespace!r}", where=where, code="ssh.namespace")
    if reserved:
        raise reader.refused("the reserved field is not empty")
    if hash_name.decode("ascii", "replace") not in HASHES:
        raise MalformedError(f"hashed with {hash_name!r:.100}, not sha256 or sha512", where=where, code="ssh.hash")
    key = ssh_blob.decode(blob, where=where)
    flags = _check(key, signature, to_be_signed(message, namespace, hash_name.decode()), where)
    return SshSignature(
        fingerprint=key.fingerprint,
        key_type=key.algorithm,
        namespace=namespace,
        touched=bool(flags & _TOUCHED),
        pin_verified=bool(flags & _PIN_VERIFIED),
    )


def envelope(payload: bytes, signatures: Iterable[str], *, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """An envelope of form ``ssh`` around ``payload``, in canonical JSON."""
    return _json.canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"sshsig": signature} for signature in signatures],
        }
    )


def add_signature(raw: bytes, armoured: str) -> bytes:
    """The same envelope with one more signature.

    Raises:
        MalformedError: ``raw`` is no envelope with SSH signatures.
        LimitError: It would have more than :data:`gatekeeper._limits.MAX_SIGNATURES` signatures.
    """
    attestation = read_attestation(raw)
    if attestation is None or attestation.form != "ssh":
        problem = attestation.problem if attestation is not None else ""
        raise MalformedError(problem or "not an envelope with SSH signatures", where="$", code="ssh.form")
    signatures = list(dict.fromkeys([*(item.value.decode() for item in attestation.signatures), armoured]))
    if len(signatures) > MAX_SIGNATURES:
        raise LimitError(f"more than {MAX_SIGNATURES} signatures", where="$.signatures", code="envelope.signatures")
    return envelope(attestation.payload, signatures, payload_type=attestation.payload_type)


def dearmour(armoured: bytes, *, where: str = "") -> bytes:
    """The binary signature inside its armour (PROTOCOL.sshsig, section 1).

    Raises:
        MalformedError: Anything before or after the armour, other line ends, or bytes that are not base64.
    """
    text = armoured.decode("ascii", "replace") if len(armoured) <= _MAX_ARMOUR else ""
    match = _ARMOUR.fullmatch(text)
    if match is None:
        raise MalformedError("not one armoured SSH signature", where=where, code="ssh.armour")
    body = match[1].replace("\n", "")
    try:
        data = base64.b64decode(body, validate=True)
    except ValueError as cause:
        raise MalformedError("not base64 in the armour", where=where, code="ssh.armour") from cause
    if base64.b64encode(data).decode() != body:  # bits that no byte holds
        raise MalformedError("not base64 in the armour", where=where, code="ssh.armour")
    return data


def armour(data: bytes) -> str:
    """A binary signature in its armour, in lines of 70 characters as OpenSSH writes it."""
    text = base64.b64encode(data).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def to_be_signed(message: bytes, namespace: str, hash_name: str) -> bytes:
    """What the key signs (PROTOCOL.sshsig, section 2): namespace, empty reserved field, hash name, hash."""
    fields = (namespace.encode(), b"", hash_name.encode(), hashlib.new(hash_name, message).digest())
    return MAGIC + b"".join(map(string, fields))


def _check(key: PublicKey, signature: bytes, message: bytes, where: str) -> int:
    """The flags of a security key (0 for others), once the signature was found to hold."""
    from cryptography.exceptions import InvalidSignature

    reader = Reader(signature, where)
    kind = reader.text()
    check = _security_key if key.is_security_key else _software_key
    try:
        return check(key, kind, reader, message)
    except InvalidSignature as cause:
        raise MalformedError("the signature does not hold", where=where, code="ssh.signature") from cause


def _software_key(key: PublicKey, kind: str, reader: Reader, message: bytes) -> int:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    value = reader.string()
    reader.end()
    material = material_of(key)
    if key.algorithm == "rsa":
        if kind not in _RSA_HASHES:
            raise MalformedError(f"RSA with {kind!r:.100} is not accepted", where=reader.where, code="ssh.hash")
        material.verify(value, message, padding.PKCS1v15(), getattr(hashes, _RSA_HASHES[kind])())
        return 0
    _same_kind(key, kind, reader)
    if key.algorithm == "ed25519":
        material.verify(value, message)
    else:
        material.verify(_der(value, reader.where), message, ec.ECDSA(ecdsa_hash(key)))
    return 0


def _security_key(key: PublicKey, kind: str, reader: Reader, message: bytes) -> int:
    # PROTOCOL.u2f, "SSH U2F Signatures": hash of the application, flags, counter, hash of the message
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    _same_kind(key, kind, reader)
    value = reader.string()
    flags_and_counter = reader.take(5)
    reader.end()
    flags = flags_and_counter[0]
    material, application = ssh_blob.security_key(key)
    signed = hashlib.sha256(application).digest() + flags_and_counter + hashlib.sha256(message).digest()
    if key.algorithm == "sk-ed25519":
        material.verify(value, signed)
    else:
        material.verify(_der(value, reader.where), signed, ec.ECDSA(hashes.SHA256()))
    if not flags & _TOUCHED:
        hint = "a key made with no-touch-required proves a machine, not a person"
        raise MalformedError("the security key was not touched", where=reader.where, hint=hint, code="ssh.touch")
    return flags


def _same_kind(key: PublicKey, kind: str, reader: Reader) -> None:
    if kind != Reader(ssh_blob.encode(key)).text():
        raise reader.refused(f"a signature of type {kind!r:.100} by another type of key")


def _der(value: bytes, where: str) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    reader = Reader(value, where)
    r, s = reader.positive(), reader.positive()
    reader.end()
    return encode_dss_signature(r, s)
