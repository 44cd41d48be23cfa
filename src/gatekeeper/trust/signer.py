"""What ``attest``, ``seal`` and ``approve`` sign with: a payload in, a whole attestation out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from gatekeeper import _files
from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.errors import MalformedError, SourceError, UsageError
from gatekeeper.trust import dsse, ssh, ssh_sign
from gatekeeper.trust.keys import MAX_KEY_BYTES, load_public_key
from gatekeeper.trust.private_keys import PrivateKey, load_private_key

if TYPE_CHECKING:
    from collections.abc import Callable

PASSPHRASE_VARIABLE: Final = "GATEKEEPER_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
"""Where the passphrase of an encrypted key is looked for when the caller brings none."""


class Signer(Protocol):
    """Signs a payload and returns the raw bytes of the attestation around it."""

    @property
    def name(self) -> str:
        """Who signs, for people."""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the key that signs; empty for an identity, whose keys live for minutes."""

    def sign(self, payload: bytes) -> bytes:
        """The attestation around ``payload``, as :func:`gatekeeper.attestation.read_attestation` reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySigner:
    """Signs DSSE envelopes with a key from a file."""

    key: PrivateKey

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, passphrase: Callable[[], str] | None = None) -> KeySigner:
        """Read a private key: PEM or OpenSSH.

        Args:
            path: The key file.
            passphrase: Asked once when the key is encrypted; by default the environment variable
                ``GATEKEEPER_KEY_PASSPHRASE``.

        Raises:
            UsageError: There is no such file, it is no private key, or its passphrase is missing or wrong.
            SourceError: It cannot be read.
        """
        return cls(key=_load(_files.read_bytes(path, limit=MAX_KEY_BYTES), path, passphrase))

    @property
    def name(self) -> str:
        """The fingerprint: a key has no other name."""
        return self.fingerprint

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the public key."""
        return self.key.public.fingerprint

    def sign(self, payload: bytes) -> bytes:
        """A DSSE envelope with one signature."""
        return dsse.sign(payload, PAYLOAD_TYPE, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSigner:
    """Signs as a person, with an SSH signature for one purpose.

    Attributes:
        namespace: What the signature is for, such as ``approval@gatekeeper.dev``.
        path: The key file, for keys that sign through ``ssh-keygen``.
        fingerprint: The fingerprint of the public key.
        key: The key, when it came from a file; None when ``ssh-keygen`` signs.
    """

    namespace: str
    path: str
    fingerprint: str
    key: PrivateKey | None

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, namespace: str, passphrase: Callable[[], str] | None = None
    ) -> SshSigner:
        """Read a key to sign with.

        Args:
            path: A private key, PEM or OpenSSH; or a public key (``.pub``), whose private half is in the running agent
                or a security device and signs through ``ssh-keygen``.
            namespace: What the signatures are for.
            passphrase: As for :meth:`KeySigner.load`.

        Raises:
            UsageError: There is no such file, it is no key, or its passphrase is missing or wrong.
            SourceError: It cannot be read.
        """
        data = _files.read_bytes(path, limit=MAX_KEY_BYTES)
        if b"PRIVATE KEY-----" in data:
            key = _load(data, path, passphrase)
            return cls(namespace=namespace, path=str(path), fingerprint=key.public.fingerprint, key=key)
        try:
            public = load_public_key(data, where=str(path))
        except MalformedError as cause:
            raise UsageError(cause.message, where=cause.where, hint=cause.hint, code=cause.code) from cause
        return cls(namespace=namespace, path=str(path), fingerprint=public.fingerprint, key=None)

    @property
    def name(self) -> str:
        """The fingerprint: a key has no other name."""
        return self.fingerprint

    def sign(self, payload: bytes) -> bytes:
        """An envelope with one SSH signature.

        Raises:
            UsageError: ``ssh-keygen`` is not there or did not sign.
            SourceError: ``ssh-keygen`` did not answer.
        """
        return ssh.envelope(payload, [self.armoured(payload)])

    def armoured(self, payload: bytes) -> str:
        """The SSH signature alone, to be added to an envelope that others have signed."""
        if self.key is not None:
            return ssh_sign.sign(payload, self.key, self.namespace)
        return ssh_sign.sign_with_ssh_keygen(payload, self.path, self.namespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigstoreSigner:
    """Signs as the identity of the running CI job, through Fulcio and Rekor: a Sigstore bundle, format 0.3.

    It needs the network and a job that may ask for an OIDC token. It was exercised against a local stand-in of these
    services only, never against the public ones.

    Attributes:
        trust_config: A client trust configuration in JSON, for another Sigstore instance than the public one.
    """

    trust_config: bytes | None = None

    @property
    def name(self) -> str:
        """Who signs: known to the certificate authority only, once it has signed."""
        return "the identity of this job"

    @property
    def fingerprint(self) -> str:
        """Empty: the key lives for minutes."""
        return ""

    def sign(self, payload: bytes) -> bytes:
        """A Sigstore bundle around ``payload``.

        Raises:
            UsageError: There is no identity to sign as, or the trust configuration cannot be used.
            SourceError: A service could not be reached, refused, or answered with something else than was asked.
        """
        from gatekeeper.trust._refusal import RefusalError
        from gatekeeper.trust._sigstore_bundle import read_bundle

        token = _ambient_token()
        try:
            raw = _sign_with_sigstore(payload, token, self.trust_config)
            signed = read_bundle(raw).payload
        except RefusalError as cause:
            raise SourceError(f"Sigstore gave no usable bundle: {cause.reason}", code="sigstore.sign") from cause
        if signed != payload:
            raise SourceError("Sigstore signed something else", code="sigstore.sign")
        return raw


def _load(data: bytes, path: str | os.PathLike[str], passphrase: Callable[[], str] | None) -> PrivateKey:
    try:
        return load_private_key(data, where=str(path), passphrase=passphrase or _from_environment)
    except UsageError as cause:
        if cause.code != "key.passphrase":
            raise
        hint = f"set {PASSPHRASE_VARIABLE}, or give the .pub file of a key that is in the agent"
        raise UsageError(cause.message, where=cause.where, hint=hint, code=cause.code) from cause


def _from_environment() -> str:
    return os.environ.get(PASSPHRASE_VARIABLE, "")


def _ambient_token() -> Any:
    from sigstore.oidc import IdentityToken, detect_credential

    hint = "run in a CI job that may ask for an OIDC token (GitHub: permissions: id-token: write), or sign with a key"
    try:
        raw = detect_credential()
        token = IdentityToken(raw) if raw is not None else None
    except Exception as cause:
        raise UsageError(f"no identity to sign as: {cause}", hint=hint, code="sigstore.identity") from cause
    if token is None:
        raise UsageError("no identity to sign as", hint=hint, code="sigstore.identity")
    return token


def _sign_with_sigstore(payload: bytes, token: Any, trust_config: bytes | None) -> bytes:
    from sigstore.sign import SigningContext

    context = _trust_config(trust_config)
    try:
        with SigningContext.from_trust_config(context).signer(token) as signer:
            return signer.sign_dsse(_statement(payload)).to_json().encode()
    except Exception as cause:  # each service raises what it likes, requests' own errors among them
        said = f"{type(cause).__name__}: {cause}"
        raise SourceError(f"Sigstore could not sign: {said:.300}", code="sigstore.sign") from cause


def _trust_config(data: bytes | None) -> Any:
    from sigstore.models import ClientTrustConfig

    try:
        return ClientTrustConfig.production() if data is None else ClientTrustConfig.from_json(data.decode())
    except Exception as cause:
        hint = "is the network there?" if data is None else "export it anew"
        message = "the Sigstore trust configuration cannot be used"
        raise UsageError(message, hint=hint, code="sigstore.config") from cause


def _statement(payload: bytes) -> Any:
    from sigstore.dsse import Statement

    class OpaqueStatement(Statement):
        """The bytes as they are: the library's model refuses statements about commits and others that are valid."""

        def __init__(self, contents: bytes) -> None:
            self._contents = contents

    return OpaqueStatement(payload)
