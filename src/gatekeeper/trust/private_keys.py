"""Private keys: read from PEM or OpenSSH files, used to sign, never shown.

Sources: PKCS #8 in RFC 5958; OpenSSH's PROTOCOL.key; signatures as in :mod:`gatekeeper.trust.public_key`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import GatekeeperError, UsageError
from gatekeeper.trust.keys import MAX_KEY_BYTES, PublicKey
from gatekeeper.trust.public_key import ecdsa_hash, from_material

if TYPE_CHECKING:
    from collections.abc import Callable

_HINT: Final = "give a private key: PEM (openssl genpkey) or an OpenSSH one (ssh-keygen)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """A key that signs.

    Attributes:
        public: Its public half, which is what others know it by.
        material: The key as an object of the package ``cryptography``; never printed.
    """

    public: PublicKey
    material: Any = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """A signature that :func:`gatekeeper.trust.public_key.holds` accepts; ECDSA in DER."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding

        if self.public.algorithm == "ed25519":
            signature = self.material.sign(message)
        elif self.public.algorithm == "rsa":
            sha256 = hashes.SHA256()
            pss = padding.PSS(padding.MGF1(sha256), padding.PSS.DIGEST_LENGTH)
            signature = self.material.sign(message, pss, sha256)
        else:
            signature = self.material.sign(message, ec.ECDSA(ecdsa_hash(self.public)))
        return bytes(signature)


def load_private_key(data: bytes, *, where: str = "", passphrase: Callable[[], str] | None = None) -> PrivateKey:
    """Read one private key: PEM (PKCS #8, PKCS #1, SEC 1) or OpenSSH.

    Args:
        data: The file's content.
        where: What to call it in errors, such as its file name.
        passphrase: Asked once, and only when the key is encrypted.

    Raises:
        UsageError: It is no private key, a kind of key that is not accepted, the key of a security device, or it is
            encrypted and the passphrase is missing or wrong.
    """
    if len(data) > MAX_KEY_BYTES or b"PRIVATE KEY-----" not in data:
        raise UsageError("not a private key", where=where, hint=_HINT, code="key.format")
    try:
        material = _load(data, None, where)
    except TypeError:  # how cryptography says that a key is encrypted
        material = _decrypt(data, where, passphrase)
    try:
        return PrivateKey(public=from_material(material.public_key(), where=where), material=material)
    except (GatekeeperError, AttributeError) as cause:
        message = cause.message if isinstance(cause, GatekeeperError) else "a kind of key that is not accepted"
        raise UsageError(message, where=where, hint=_HINT, code="key.type") from cause


def _decrypt(data: bytes, where: str, passphrase: Callable[[], str] | None) -> Any:
    secret = passphrase() if passphrase is not None else ""
    if not secret:
        hint = "give its passphrase"
        raise UsageError("the private key is encrypted", where=where, hint=hint, code="key.passphrase")
    try:
        return _load(data, secret.encode("utf-8", "surrogateescape"), where)
    except UsageError as cause:
        raise UsageError(
            "the passphrase is wrong, or the key is damaged", where=where, code="key.passphrase"
        ) from cause


def _load(data: bytes, secret: bytes | None, where: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    is_ssh = b"BEGIN OPENSSH PRIVATE KEY" in data
    try:
        return load_ssh_private_key(data, secret) if is_ssh else load_pem_private_key(data, secret)
    except UnsupportedAlgorithm as cause:
        hint = "the key of a security device or an agent signs through ssh-keygen: give its .pub file"
        raise UsageError("a private key that cannot be read here", where=where, hint=hint, code="key.type") from cause
    except ValueError as cause:
        raise UsageError("not a private key that can be read", where=where, hint=_HINT, code="key.format") from cause
