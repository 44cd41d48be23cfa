"""Public keys in SSH's binary encoding.

Sources: RFC 4253, section 6.6 (``ssh-rsa``); RFC 5656, section 3.1 (``ecdsa-sha2-*``); RFC 8709, section 4
(``ssh-ed25519``); OpenSSH's PROTOCOL.u2f (the two ``sk-`` types of security keys).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.trust._wire import Reader, mpint, string
from gatekeeper.trust.public_key import Algorithm, PublicKey, from_material, material_of

SK_ED25519: Final = "sk-ssh-ed25519@openssh.com"
SK_ECDSA: Final = "sk-ecdsa-sha2-nistp256@openssh.com"

_CURVES: Final = {"secp256r1": b"nistp256", "secp384r1": b"nistp384", "secp521r1": b"nistp521"}
_ED25519_BYTES: Final = 32


def decode(blob: bytes, *, where: str = "", named: str = "") -> PublicKey:
    """Read a public key.

    Args:
        blob: The encoding, all of it.
        where: What to call it in errors.
        named: The type that was written beside it, which then has to be the one inside.

    Raises:
        MalformedError: It is not one, or a kind of key that is not believed (DSA, certificates, RSA below 2048 bits).
    """
    reader = Reader(blob, where)
    kind = reader.text()
    if named and named != kind:
        raise MalformedError(
            f"the line says {named:.100}, the key inside is {kind:.100}", where=where, code="key.format"
        )
    read = _READERS.get(kind)
    if read is None:
        what = "SSH certificates" if "-cert-" in kind else f"keys of type {kind!r:.100}"
        hint = f"accepted are {', '.join(_READERS)}"
        raise MalformedError(f"{what} are not accepted", where=where, hint=hint, code="key.type")
    try:
        return read(reader, kind)
    except ValueError as cause:
        raise MalformedError("not a valid key", where=where, code="key.format") from cause


def encode(key: PublicKey) -> bytes:
    """The binary encoding of a key; the inverse of :func:`decode`."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if key.is_security_key:
        return key.encoded
    material = material_of(key)
    if key.algorithm == "rsa":
        numbers = material.public_numbers()
        return string(b"ssh-rsa") + mpint(numbers.e) + mpint(numbers.n)
    if key.algorithm == "ed25519":
        return string(b"ssh-ed25519") + string(material.public_bytes_raw())
    curve = _CURVES[material.curve.name]
    point = material.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return string(b"ecdsa-sha2-" + curve) + string(curve) + string(point)


def security_key(key: PublicKey) -> tuple[Any, bytes]:
    """The key inside a security key, as an object of ``cryptography``, and the application it was made for."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    reader = Reader(key.encoded)
    if reader.text() == SK_ED25519:
        return ed25519.Ed25519PublicKey.from_public_bytes(reader.string()), reader.string()
    reader.string()  # the curve, which is always nistp256
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), reader.string()), reader.string()


def _ed25519(reader: Reader, _kind: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = reader.string()
    reader.end()
    return from_material(Ed25519PublicKey.from_public_bytes(raw), where=reader.where)


def _ecdsa(reader: Reader, kind: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    curves = {"nistp256": ec.SECP256R1(), "nistp384": ec.SECP384R1(), "nistp521": ec.SECP521R1()}
    name = reader.text()
    if kind != f"ecdsa-sha2-{name}":
        raise reader.refused("the curve is not the one of the key type")
    point = _uncompressed(reader)
    reader.end()
    return from_material(ec.EllipticCurvePublicKey.from_encoded_point(curves[name], point), where=reader.where)


def _rsa(reader: Reader, _kind: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    exponent, modulus = reader.positive(), reader.positive()
    reader.end()
    return from_material(RSAPublicNumbers(exponent, modulus).public_key(), where=reader.where)


def _security_key(reader: Reader, kind: str) -> PublicKey:
    algorithm: Algorithm = "sk-ed25519"
    if kind == SK_ECDSA:
        algorithm = "sk-ecdsa-p256"
        if reader.text() != "nistp256":
            raise reader.refused("the curve is not the one of the key type")
        _uncompressed(reader)
    elif len(reader.string()) != _ED25519_BYTES:
        raise reader.refused("not 32 bytes of key")
    if not reader.text():
        raise reader.refused("no application")
    reader.end()
    blob = reader.data
    key = PublicKey(algorithm=algorithm, encoded=blob, fingerprint=f"ssh:sha256:{hashlib.sha256(blob).hexdigest()}")
    security_key(key)  # ValueError when the point is not on the curve
    return key


def _uncompressed(reader: Reader) -> bytes:
    # SEC 1, section 2.3.3: one key has one blob only when compressed points are refused, as OpenSSH refuses them
    point = reader.string()
    if point[:1] != b"\x04":
        raise reader.refused("a point that is not uncompressed")
    return point


_READERS: Final = {
    "ssh-ed25519": _ed25519,
    "ecdsa-sha2-nistp256": _ecdsa,
    "ecdsa-sha2-nistp384": _ecdsa,
    "ecdsa-sha2-nistp521": _ecdsa,
    "ssh-rsa": _rsa,
    SK_ED25519: _security_key,
    SK_ECDSA: _security_key,
}
