"""Who seems to have signed an attestation: hints and certificates as they lie there, unchecked."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.attestation import decode_base64
from gatekeeper.errors import GatekeeperError

if TYPE_CHECKING:
    from gatekeeper.attestation import Attestation


def claimed_signers(item: Attestation) -> tuple[str, ...]:
    """The claimed signers, each once, in the order of the envelope.

    ``key HINT`` for a DSSE signature, ``ssh SHA256:...`` with the fingerprint of the key inside an SSH signature, the
    identity in the certificate of a Sigstore bundle.
    """
    match item.form:
        case "ssh":
            found = [_ssh_key(signature.value) for signature in item.signatures]
        case "sigstore":
            found = _bundle_signers(item.raw)
        case _:
            found = [f"key {signature.keyid}" if signature.keyid else "a key" for signature in item.signatures]
    return tuple(dict.fromkeys(found))


def _ssh_key(armoured: bytes) -> str:
    """The fingerprint of the public key in an SSH signature (OpenSSH, PROTOCOL.sshsig)."""
    from gatekeeper.trust import ssh

    try:
        blob = ssh.dearmour(armoured)
    except GatekeeperError:
        return "ssh, unreadable"
    start = len(b"SSHSIG") + 4 + 4  # the magic, the version, the length of the key
    key = blob[start : start + int.from_bytes(blob[start - 4 : start], "big")]
    return f"ssh SHA256:{base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip('=')}"


def _bundle_signers(bundle: bytes) -> list[str]:
    """The names in the signing certificate of a Sigstore bundle, or the hint of its key (sigstore_bundle.proto)."""
    material = _json.parse_object(bundle, wide=True).get("verificationMaterial")
    material = material if isinstance(material, dict) else {}
    chain = material.get("x509CertificateChain")
    listed = chain.get("certificates") if isinstance(chain, dict) else None
    certificate = material.get("certificate") or (listed[0] if isinstance(listed, list) and listed else None)
    if isinstance(certificate, dict):
        return _certificate_names(certificate.get("rawBytes"))
    key = material.get("publicKey")
    return [f"key {key['hint']}" if isinstance(key, dict) and key.get("hint") else "a key"]


def _certificate_names(encoded: Any) -> list[str]:
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(decode_base64(encoded, where=""))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (GatekeeperError, ValueError, x509.ExtensionNotFound):
        return ["a certificate, unreadable"]
    kinds = (x509.RFC822Name, x509.UniformResourceIdentifier)
    return [name.value for name in names if isinstance(name, kinds)] or ["a certificate without a name"]
