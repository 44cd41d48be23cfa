"""Public keys as people have them: PEM, one OpenSSH line, or key JSON.

A key is known by its fingerprint alone. The same key written in two of these ways has the same fingerprint; names,
comments and key ids around it are not part of it.

Sources: PEM in RFC 7468; OpenSSH lines in sshd(8), "AUTHORIZED_KEYS FILE FORMAT", without options; key JSON as
securesystemslib and in-toto write it.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from gatekeeper import _json
from gatekeeper.errors import MalformedError
from gatekeeper.trust import ssh_blob
from gatekeeper.trust.public_key import PublicKey, from_material, from_spki

__all__ = ["MAX_KEY_BYTES", "PublicKey", "load_public_key"]

MAX_KEY_BYTES: Final = 64 * 1024
"""One key file. The largest RSA key that is read takes 3 kB as PEM."""

_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----", re.ASCII)
_SSH_LINE: Final = re.compile(r"([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?:[ \t][^\r\n]*)?", re.ASCII)
_HINT: Final = "give a public key: PEM that begins with BEGIN PUBLIC KEY, or one OpenSSH line"
_EXTRACT: Final = "never hand out this file; extract the public key: openssl pkey -pubout, or ssh-keygen -y"


def load_public_key(data: bytes | str, *, where: str = "") -> PublicKey:
    """Read one public key: PEM SubjectPublicKeyInfo, one OpenSSH line, or key JSON of securesystemslib.

    Args:
        data: The key as written. Text around a PEM block is ignored (RFC 7468, section 2).
        where: What to call it in errors, such as its file name.

    Raises:
        MalformedError: It is no such key: a private key, a certificate, two keys, DSA, RSA below 2048 bits, another
            curve, or something else altogether.
    """
    text = _as_text(data, where)
    if text.startswith("{"):
        return _from_json(text, where)
    if "-----BEGIN " in text:
        return _from_pem(text, where)
    match = _SSH_LINE.fullmatch(text)
    if match is None:
        raise MalformedError("not a public key", where=where, hint=_HINT, code="key.format")
    return ssh_blob.decode(_base64(match[2], where), where=where, named=match[1])


def _as_text(data: bytes | str, where: str) -> str:
    if len(data) > MAX_KEY_BYTES:
        raise MalformedError(f"larger than {MAX_KEY_BYTES} bytes", where=where, hint=_HINT, code="key.format")
    try:
        return (data if isinstance(data, str) else data.decode("utf-8")).strip()
    except UnicodeDecodeError as cause:
        raise MalformedError("not a public key", where=where, hint=_HINT, code="key.format") from cause


def _from_pem(text: str, where: str) -> PublicKey:
    if "PRIVATE KEY-----" in text:
        raise MalformedError("a private key", where=where, hint=_EXTRACT, code="key.private")
    blocks = list(_PEM.finditer(text))
    if len(blocks) != 1 or text.count("-----BEGIN ") != 1:
        raise MalformedError("not exactly one whole PEM block", where=where, hint=_HINT, code="key.format")
    label, body = blocks[0].groups()
    if label != "PUBLIC KEY":
        raise MalformedError(f"a {label}, not a PUBLIC KEY", where=where, hint=_HINT, code="key.type")
    return from_spki(_base64("".join(body.split()), where), where=where)


def _from_json(text: str, where: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    value = _json.parse_object(text.encode(errors="surrogatepass"), where=where)
    keyval = value.get("keyval")
    if not isinstance(keyval, dict) or not isinstance(keyval.get("public"), str):
        raise MalformedError("no public key in it", where=where, hint=_HINT, code="key.format")
    if keyval.get("private"):
        raise MalformedError("a private key", where=where, hint=_EXTRACT, code="key.private")
    if value.get("keytype") != "ed25519":
        return _from_pem(keyval["public"], where)
    if not re.fullmatch(r"[0-9a-f]{64}", keyval["public"], re.ASCII):
        raise MalformedError("not 32 bytes of hexadecimal", where=where, code="key.format")
    return from_material(Ed25519PublicKey.from_public_bytes(bytes.fromhex(keyval["public"])), where=where)


def _base64(text: str, where: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as cause:
        raise MalformedError("not base64", where=where, hint=_HINT, code="key.format") from cause
    if base64.b64encode(data).decode() != text:  # bits that no byte holds: two texts for one key
        raise MalformedError("not base64", where=where, hint=_HINT, code="key.format")
    return data
