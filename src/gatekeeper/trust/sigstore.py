"""Sigstore bundles, verified by sigstore-python behind one thin adapter.

The adapter gives the library exactly what it may use and believes exactly what comes back: the bundle in one strict
reading, a trusted root from the bytes given and cut down to who counted at the proven times, and the payload bytes that
were verified. It never uses the library's own trusted root, whose cached copy anybody who can write to the user's
cache directory can replace. No clock is read: whether the proven time is too old or in the future is for the caller.

Sources: the Sigstore bundle format and trusted root (sigstore/protobuf-specs), the Sigstore client specification, RFC
6962 (logs), RFC 3161 (timestamps), the DSSE specification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _json
from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.errors import ConfigError
from gatekeeper.trust._refusal import RefusalError
from gatekeeper.trust._sigstore_bundle import read_bundle
from gatekeeper.trust._sigstore_identity import Identity, read_identity
from gatekeeper.trust._sigstore_root import read_trusted_root
from gatekeeper.trust._sigstore_time import proven_times

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from cryptography.x509 import Certificate
    from sigstore.verify import Verifier

    from gatekeeper.trust._sigstore_bundle import Bundle

Status = Literal["verified", "rejected", "unsupported"]

_NOT_VALID: Final = "the certificate was not valid at the proven time"
_MAX_REASON: Final = 500
"""Characters of a reason; a bundle's own words may be in it."""

_CURVES: Final = ("secp256r1", "secp384r1")
_REASONS: Final = tuple(
    (re.compile(pattern), ours)
    for pattern, ours in (
        (r"failed to load bundle", "the bundle is malformed"),
        (r"failed to build timestamp certificate chain: .*cert is not valid at validation time", _NOT_VALID),
        (r"failed to build timestamp certificate chain", "the certificate leads to no authority of the trusted root"),
        (r"invalid signing cert: expired at time of signing", _NOT_VALID),
        (r"failed to verify SCT .*(not contain|Expected one)", "the certificate has no single transparency timestamp"),
        (r"failed to verify SCT", "the certificate's transparency timestamp does not hold"),
        (r"(Key|Extended) usage", "the certificate is not one for signing"),
        (r"invalid log entry: SET", "the promise of the log does not hold"),
        (r"invalid log entry: checkpoint", "the checkpoint of the log does not hold"),
        (r"invalid log entry: \W*[Ii]nclusion proof", "the inclusion proof of the log does not hold"),
        (r"DSSE: invalid signature|Signature is invalid", "the signature does not hold"),
        (r"Bundle message digest mismatch", "the bundle names another digest"),
        (r"(transparency )?log entry", "the log entry is about something else"),
    )
)
"""What the library says, by how it begins, and what we say: its own words change from version to version and hold
bytes, addresses and links, while a reason is part of a decision's bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigstoreVerdict:
    """Whether a bundle holds, and if so whose it is. Who is believed for what is for the caller.

    Attributes:
        status: ``verified``; ``rejected`` for good; ``unsupported`` when nothing here can check this shape.
        reason: Why not; empty when verified. The same bundle and root always give the same text.
        issuer: The OIDC issuer. This and all below are empty unless verified.
        identity: The one subject alternative name of the certificate.
        repository: ``owner/name`` of the source repository; empty when the certificate names none.
        claims: Further claims of the certificate, by the names in ``_sigstore_identity.CLAIMS``.
        verified_at: The oldest time at which the signature is proven to have been there.
        payload: The very bytes that were verified; empty for a bundle that signs a file.
    """

    status: Status
    reason: str = ""
    issuer: str = ""
    identity: str = ""
    repository: str = ""
    claims: dict[str, str] = field(default_factory=dict)
    verified_at: datetime | None = None
    payload: bytes = b""


def verify(
    raw: bytes,
    *,
    trusted_root: bytes,
    artifact_sha256: bytes | None = None,
    payload_types: Collection[str] = (PAYLOAD_TYPE,),
) -> SigstoreVerdict:
    """Verify a bundle against a trusted root, offline.

    Args:
        raw: The bundle as received.
        trusted_root: The trusted root, already compared with its pinned digest.
        artifact_sha256: The SHA-256 of the file that a bundle without envelope has to sign; None when a statement is
            expected.
        payload_types: The payload types that are understood, exactly as written.

    Raises:
        ConfigError: The trusted root cannot be used.
    """
    root = read_trusted_root(trusted_root)
    try:
        bundle = read_bundle(raw)
        _check_content(bundle, artifact_sha256, payload_types)
        times = proven_times(bundle, root)
        verifier = _verifier(root.at(times, bundle.log_id))
        identity, payload = _verify(bundle, verifier, artifact_sha256)
    except RefusalError as refusal:
        return SigstoreVerdict(status=refusal.status, reason=refusal.reason[:_MAX_REASON])
    return SigstoreVerdict(
        status="verified",
        issuer=identity.issuer,
        identity=identity.name,
        repository=identity.repository,
        claims=identity.claims,
        verified_at=times[0],
        payload=payload,
    )


def check_trusted_root(trusted_root: bytes) -> None:
    """Read a trusted root without verifying anything, for whoever loads one and wants to know at once.

    Raises:
        ConfigError: It cannot be used; ``where`` has the place.
    """
    read_trusted_root(trusted_root)


class _AnyIdentity:
    """The library asks who is believed: anybody, because the caller decides on what :func:`verify` returns."""

    def verify(self, cert: Certificate) -> None:
        del cert


def _check_content(bundle: Bundle, artifact_sha256: bytes | None, payload_types: Collection[str]) -> None:
    if bundle.payload is None:
        if artifact_sha256 is None:
            raise RefusalError("a bundle that signs a file, not a statement", "unsupported")
    elif artifact_sha256 is not None:
        raise RefusalError("the bundle signs a statement, not a file")
    elif bundle.payload_type not in payload_types:
        raise RefusalError(
            f"the payload type is {bundle.payload_type!r:.100}, not {' or '.join(sorted(payload_types))}"
        )


def _verify(bundle: Bundle, verifier: Verifier, artifact_sha256: bytes | None) -> tuple[Identity, bytes]:
    from sigstore.hashes import Hashed
    from sigstore.models import Bundle as LibraryBundle
    from sigstore_models.common.v1 import HashAlgorithm

    try:
        read = LibraryBundle.from_json(bundle.canonical)
        _check_key(read.signing_certificate)
        identity = read_identity(read.signing_certificate)
        if artifact_sha256 is not None:
            hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=artifact_sha256)
            verifier.verify_artifact(hashed, read, _AnyIdentity())
            return identity, b""
        payload_type, payload = verifier.verify_dsse(read, _AnyIdentity())
    except RefusalError:
        raise
    except Exception as cause:  # the library leaks ValueError, TypeError and those of pydantic and cryptography
        raise RefusalError(_reason(cause)) from cause
    if (payload_type, payload) != (bundle.payload_type, bundle.payload):
        raise RefusalError("what was verified is not what was read")
    return identity, payload


def _check_key(certificate: Certificate) -> None:
    curve = getattr(certificate.public_key(), "curve", None)
    if getattr(curve, "name", "") not in _CURVES:
        raise RefusalError("a certificate whose key is not ECDSA on P-256 or P-384", "unsupported")


def _reason(cause: Exception) -> str:
    said = str(cause)
    return next((ours for pattern, ours in _REASONS if pattern.match(said)), "the verifier refused it")


@lru_cache(maxsize=64)
def _verifier(root: bytes) -> Verifier:
    """The library's verifier for a trusted root; it keeps no state between calls and is safe to share."""
    from sigstore.models import ClientTrustConfig
    from sigstore.verify import Verifier

    config: dict[str, Any] = {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": _json.parse_object(root),
        "signingConfig": {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"},
    }
    try:
        return Verifier(trusted_root=ClientTrustConfig.from_json(_json.canonical(config).decode()).trusted_root)
    except Exception as cause:
        message = "the Sigstore trusted root cannot be used"
        raise ConfigError(message, hint="export it anew and pin its sha256", code="sigstore.root") from cause
