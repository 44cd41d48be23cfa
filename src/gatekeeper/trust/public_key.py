"""A public key as a value, and whether a signature holds under it.

Sources: SubjectPublicKeyInfo in RFC 5280, section 4.1.2.7; ECDSA in FIPS 186-5, section 6, with the signature as
``ECDSA-Sig-Value`` of RFC 3279, section 2.2.3; Ed25519 in RFC 8032; RSASSA-PSS in RFC 8017, section 8.1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes

Algorithm = Literal["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa", "sk-ecdsa-p256", "sk-ed25519"]
"""The two ``sk-`` ones are security keys (FIDO): SSH only, and a signature says whether a person touched the device."""

MIN_RSA_BITS: Final = 2048
"""The smallest RSA modulus that is believed (NIST SP 800-131A)."""

MAX_RSA_BITS: Final = 16_384
"""The largest; checking a signature costs the square of it."""

_CURVES: Final[dict[str, Algorithm]] = {
    "secp256r1": "ecdsa-p256",
    "secp384r1": "ecdsa-p384",
    "secp521r1": "ecdsa-p521",
}
_RAW_BYTES: Final = {"ecdsa-p256": 64, "ecdsa-p384": 96}
"""Length of a raw ``r || s`` signature, where it is accepted beside DER: key services and JOSE write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key that can be believed in.

    Attributes:
        algorithm: What it signs with.
        encoded: Its DER SubjectPublicKeyInfo; for security keys the SSH blob.
        fingerprint: ``spki:sha256:<hex>`` over the DER SubjectPublicKeyInfo, or ``ssh:sha256:<hex>`` over the SSH
            blob for security keys, whose blob names more than a SubjectPublicKeyInfo can.
    """

    algorithm: Algorithm
    encoded: bytes
    fingerprint: str

    @property
    def is_security_key(self) -> bool:
        """Whether the private half lives in a FIDO device."""
        return self.algorithm.startswith("sk-")


def from_material(material: Any, *, where: str = "") -> PublicKey:
    """A key from a public key object of the package ``cryptography``.

    Raises:
        MalformedError: A kind of key that is not believed: DSA, another curve, RSA of another size.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    algorithm = _algorithm(material, where)
    # written anew: one key has one fingerprint, however its point or parameters were encoded where it was read
    der = material.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(algorithm=algorithm, encoded=der, fingerprint=f"spki:sha256:{hashlib.sha256(der).hexdigest()}")


def from_spki(der: bytes, *, where: str = "") -> PublicKey:
    """A key from its DER SubjectPublicKeyInfo.

    Raises:
        MalformedError: It is not one, or a kind of key that is not believed.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        material = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise MalformedError("not a public key that can be read", where=where, code="key.format") from cause
    return from_material(material, where=where)


@lru_cache(maxsize=256)
def material_of(key: PublicKey) -> Any:
    """The key as an object of the package ``cryptography``; not for security keys."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(key.encoded)


def holds(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is one of ``message`` by ``key``, in the scheme that goes with the key.

    ECDSA with the curve's own hash (SHA-256, 384, 512), in DER or, on P-256 and P-384, as raw ``r || s``; Ed25519;
    RSASSA-PSS with SHA-256 and any salt length. A security key signs nothing but SSH signatures: never.
    """
    from cryptography.exceptions import InvalidSignature

    if key.is_security_key:
        return False
    for encoded in _encodings(key, signature):
        try:
            _check(key, encoded, message)
        except InvalidSignature:
            continue
        return True
    return False


def ecdsa_hash(key: PublicKey) -> hashes.HashAlgorithm:
    """The hash that goes with the curve of an ECDSA key (RFC 5656, section 6.2.1)."""
    from cryptography.hazmat.primitives import hashes

    return {"ecdsa-p384": hashes.SHA384(), "ecdsa-p521": hashes.SHA512()}.get(key.algorithm, hashes.SHA256())


def _encodings(key: PublicKey, signature: bytes) -> list[bytes]:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    size = _RAW_BYTES.get(key.algorithm)
    if len(signature) != size:
        return [signature]
    half = size // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    return [signature, encode_dss_signature(r, s)]


def _check(key: PublicKey, signature: bytes, message: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    material = material_of(key)
    if key.algorithm == "ed25519":
        material.verify(signature, message)
    elif key.algorithm == "rsa":
        sha256 = hashes.SHA256()
        material.verify(signature, message, padding.PSS(padding.MGF1(sha256), padding.PSS.AUTO), sha256)
    else:
        material.verify(signature, message, ec.ECDSA(ecdsa_hash(key)))


def _algorithm(material: Any, where: str) -> Algorithm:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(material, ed25519.Ed25519PublicKey):
        return "ed25519"
    if isinstance(material, ec.EllipticCurvePublicKey) and material.curve.name in _CURVES:
        return _CURVES[material.curve.name]
    if isinstance(material, rsa.RSAPublicKey):
        if MIN_RSA_BITS <= material.key_size <= MAX_RSA_BITS:
            return "rsa"
        hint = f"{MIN_RSA_BITS} to {MAX_RSA_BITS} bits are accepted"
        raise MalformedError(f"an RSA key of {material.key_size} bits", where=where, hint=hint, code="key.size")
    hint = "use Ed25519, ECDSA on P-256, P-384 or P-521, or RSA"
    raise MalformedError("a kind of key that is not accepted", where=where, hint=hint, code="key.type")
