"""A whole Sigstore in memory, for tests: certificate authority, CT log, transparency log, timestamp authority.

It makes bundles that sigstore-python accepts against its :meth:`FakeSigstore.trusted_root`, and, told so, bundles with
one thing wrong. Nothing goes over a network, nothing is written, and time stands still at :data:`NOW`.

Sources: the Sigstore bundle format and trusted root (sigstore/protobuf-specs), Fulcio's certificate extensions
(sigstore/fulcio, docs/oid-info.md), RFC 6962 for the CT log and the Merkle tree, Rekor's signed entry timestamp and
checkpoint (C2SP signed-note and tlog-checkpoint), RFC 3161 and RFC 5652 for timestamps.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STARTS: Final = NOW - timedelta(days=365)
ENDS: Final = NOW + timedelta(days=3650)
IDENTITY: Final = "https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v3"
ISSUER: Final = "https://token.actions.githubusercontent.com"
CLAIMS: Final = {12: "https://github.com/acme/parcel", 20: "push", 11: "github-hosted"}
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"

_FULCIO: Final = "1.3.6.1.4.1.57264.1."
_SCT_LIST: Final = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A signing certificate and its key."""

    key: Any
    certificate: x509.Certificate


@dataclass(frozen=True, kw_only=True)
class Window:
    """From when until when an authority of the trusted root counts."""

    start: datetime = STARTS
    end: datetime | None = None

    def as_json(self) -> dict[str, str]:
        bounds = {"start": self.start, "end": self.end}
        return {name: rfc3339(value) for name, value in bounds.items() if value is not None}


OPEN: Final = Window()


@dataclass
class FakeSigstore:
    """One instance, with keys of its own."""

    rekor: Literal[1, 2] = 1
    leaves: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root_key, self.ca_key = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
        self.root = authority("fake root", self.root_key)
        self.ca = authority("fake intermediate", self.ca_key, self.root, self.root_key)
        self.ct_key, self.tsa_root_key, self.tsa_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        self.log_key: Any = (
            ec.generate_private_key(ec.SECP256R1()) if self.rekor == 1 else ed25519.Ed25519PrivateKey.generate()
        )
        self.log_id = hashlib.sha256(spki(self.log_key)).digest()
        self.tsa_root = authority("fake timestamp root", self.tsa_root_key)
        self.tsa = authority("fake timestamps", self.tsa_key, self.tsa_root, self.tsa_root_key, timestamping=True)

    def leaf(
        self,
        *,
        identity: str = IDENTITY,
        issuer: str = ISSUER,
        claims: Mapping[int, str] = CLAIMS,
        old_claims: Mapping[int, str] | None = None,
        sans: Sequence[x509.GeneralName] | None = None,
        at: datetime = NOW,
        sct: bool = True,
        key: Any = None,
        public_key: Any = None,
        extensions: Sequence[x509.ExtensionType] = (),
    ) -> Leaf:
        """A certificate valid for ten minutes from ``at``; claims by the last arc of their identifier."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        public = public_key or key.public_key()
        name = x509.UniformResourceIdentifier(identity) if "://" in identity else x509.RFC822Name(identity)
        builder = certificate(x509.Name([]), self.ca.subject, public, at, at + timedelta(minutes=10))
        builder = builder.add_extension(usage(ca=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca_key.public_key()), critical=False
        )
        names = [name] if sans is None else sans
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
        old = {1: issuer, **(old_claims or {})} if issuer else dict(old_claims or {})
        new = {8: issuer, **claims} if issuer else dict(claims)
        raw = {number: text.encode() for number, text in old.items()}
        raw |= {number: der(0x0C, text.encode()) for number, text in new.items()}
        for number, value in raw.items():
            extension = x509.UnrecognizedExtension(ObjectIdentifier(f"{_FULCIO}{number}"), value)
            builder = builder.add_extension(extension, critical=False)
        for extra in extensions:
            builder = builder.add_extension(extra, critical=False)
        without = builder.sign(self.ca_key, hashes.SHA384())
        if not sct:
            return Leaf(key=key, certificate=without)
        listed = x509.UnrecognizedExtension(_SCT_LIST, der(0x04, self._sct_list(without.tbs_certificate_bytes, at)))
        return Leaf(
            key=key, certificate=builder.add_extension(listed, critical=False).sign(self.ca_key, hashes.SHA384())
        )

    def sign(
        self,
        payload: bytes,
        *,
        leaf: Leaf | None = None,
        payload_type: str = PAYLOAD_TYPE,
        at: datetime = NOW,
        stamped_at: Sequence[datetime] = (),
        promise: bool = True,
    ) -> dict[str, Any]:
        """A bundle around a DSSE envelope; Rekor v2 always comes with a timestamp, as it has no time of its own."""
        leaf = leaf or self.leaf(at=at)
        kind = payload_type.encode()
        pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
        signature = leaf.key.sign(pae, ec.ECDSA(hashes.SHA256()))
        envelope = {"payload": b64(payload), "payloadType": payload_type, "signatures": [{"sig": b64(signature)}]}
        entry = self.log(self._body(payload, pae, signature, leaf), at=at, promise=promise)
        stamps = stamped_at or ([at] if self.rekor == 2 else [])
        material: dict[str, Any] = {
            "certificate": {"rawBytes": b64(cert_der(leaf.certificate))},
            "tlogEntries": [entry],
        }
        if stamps:
            tokens = [{"signedTimestamp": b64(self.timestamp(signature, when))} for when in stamps]
            material["timestampVerificationData"] = {"rfc3161Timestamps": tokens}
        media_type = "application/vnd.dev.sigstore.bundle.v0.3+json"
        return {"mediaType": media_type, "verificationMaterial": material, "dsseEnvelope": envelope}

    def log(self, body: dict[str, Any], *, at: datetime = NOW, promise: bool = True) -> dict[str, Any]:
        """Append an entry; returns what a bundle carries of it: proof, checkpoint, and the promise of Rekor v1."""
        leaf = rfc8785.dumps(body)
        self.leaves.append(leaf)
        index, size = len(self.leaves) - 1, len(self.leaves)
        root = b64(tree_hash(self.leaves))
        note = f"rekor.fake.test\n{size}\n{root}\n"
        checkpoint = f"{note}\n\u2014 rekor.fake.test {b64(self.log_id[:4] + self._log_sign(note.encode()))}\n"
        entry: dict[str, Any] = {
            "logIndex": str(index),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "canonicalizedBody": b64(leaf),
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": root,
                "treeSize": str(size),
                "hashes": [b64(item) for item in audit_path(index, self.leaves)],
                "checkpoint": {"envelope": checkpoint},
            },
        }
        if self.rekor == 1:
            entry["integratedTime"] = str(int(at.timestamp()))
            if promise:
                entry["inclusionPromise"] = {"signedEntryTimestamp": b64(self._promise(entry, index, at))}
        return entry

    def timestamp(self, message: bytes, at: datetime) -> bytes:
        """An RFC 3161 response that says ``message`` was there at ``at``."""
        sha256 = der(0x30, oid("2.16.840.1.101.3.4.2.1"))
        imprint = der(0x30, sha256 + der(0x04, hashlib.sha256(message).digest()))
        info = der(
            0x30,
            integer(1)
            + oid("1.3.6.1.4.1.57264.2")
            + imprint
            + integer(x509.random_serial_number())
            + der(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
        )
        token = self._signed_data(info, sha256)
        status = der(0x30, integer(0))
        return der(0x30, status + der(0x30, oid("1.2.840.113549.1.7.2") + der(0xA0, token)))

    def trusted_root(
        self, *, ca: Window = OPEN, log: Window = OPEN, ct: Window = OPEN, tsa: Window = OPEN, with_tsa: bool = True
    ) -> bytes:
        """The trusted root of this instance, with the windows given."""
        tsas = [self._authority("https://tsa.fake.test", [self.tsa, self.tsa_root], tsa)] if with_tsa else []
        log_details = "PKIX_ECDSA_P256_SHA_256" if self.rekor == 1 else "PKIX_ED25519"
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log("https://rekor.fake.test", self.log_key, log_details, log)],
                "certificateAuthorities": [self._authority("https://fulcio.fake.test", [self.ca, self.root], ca)],
                "ctlogs": [_log("https://ct.fake.test", self.ct_key, "PKIX_ECDSA_P256_SHA_256", ct)],
                "timestampAuthorities": tsas,
            }
        ).encode()

    def _authority(self, uri: str, chain: list[x509.Certificate], window: Window) -> dict[str, Any]:
        return {
            "subject": {"organization": "fake.test", "commonName": "fake"},
            "uri": uri,
            "certChain": {"certificates": [{"rawBytes": b64(cert_der(item))} for item in chain]},
            "validFor": window.as_json(),
        }

    def _sct_list(self, tbs: bytes, at: datetime) -> bytes:
        # RFC 6962, section 3.2: over the certificate as it was before the list was put in
        milliseconds = int(at.timestamp() * 1000).to_bytes(8, "big")
        entry = hashlib.sha256(spki(self.ca_key)).digest() + len(tbs).to_bytes(3, "big") + tbs
        signed = b"\0\0" + milliseconds + b"\0\1" + entry + b"\0\0"
        signature = self.ct_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        log_id = hashlib.sha256(spki(self.ct_key)).digest()
        sct = b"\0" + log_id + milliseconds + b"\0\0\x04\x03" + prefixed(signature)
        return prefixed(prefixed(sct))

    def _body(self, payload: bytes, pae: bytes, signature: bytes, leaf: Leaf) -> dict[str, Any]:
        if self.rekor == 1:
            signatures = [{"signature": b64(signature), "verifier": b64(leaf.certificate.public_bytes(Encoding.PEM))}]
            spec: dict[str, Any] = {
                "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                "signatures": signatures,
            }
            return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}
        verifier = {
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "x509Certificate": {"rawBytes": b64(cert_der(leaf.certificate))},
        }
        spec = {
            "hashedRekordV002": {
                "data": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(pae).digest())},
                "signature": {"content": b64(signature), "verifier": verifier},
            }
        }
        return {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec}

    def _promise(self, entry: dict[str, Any], index: int, at: datetime) -> bytes:
        promised = {
            "body": entry["canonicalizedBody"],
            "integratedTime": int(at.timestamp()),
            "logID": self.log_id.hex(),
            "logIndex": index,
        }
        return self._log_sign(rfc8785.dumps(promised))

    def _log_sign(self, data: bytes) -> bytes:
        signed = self.log_key.sign(data) if self.rekor == 2 else self.log_key.sign(data, ec.ECDSA(hashes.SHA256()))
        return bytes(signed)

    def _signed_data(self, info: bytes, sha256: bytes) -> bytes:
        # RFC 5652, section 5, with the attributes that RFC 3161 and RFC 5816 ask for
        content_type = oid("1.2.840.113549.1.9.16.1.4")
        hashed = der(0x04, hashlib.sha256(cert_der(self.tsa)).digest())
        attributes = sorted(
            [
                attribute("1.2.840.113549.1.9.3", content_type),
                attribute("1.2.840.113549.1.9.4", der(0x04, hashlib.sha256(info).digest())),
                attribute("1.2.840.113549.1.9.16.2.47", der(0x30, der(0x30, der(0x30, hashed)))),
            ]
        )
        together = b"".join(attributes)
        signature = self.tsa_key.sign(der(0x31, together), ec.ECDSA(hashes.SHA256()))
        signer = der(
            0x30,
            integer(1)
            + der(0x30, self.tsa.issuer.public_bytes() + integer(self.tsa.serial_number))
            + sha256
            + der(0xA0, together)
            + der(0x30, oid("1.2.840.10045.4.3.2"))
            + der(0x04, signature),
        )
        content = der(0x30, content_type + der(0xA0, der(0x04, info)))
        certificates = der(0xA0, cert_der(self.tsa))
        return der(0x30, integer(3) + der(0x31, sha256) + content + certificates + der(0x31, signer))


def _log(url: str, key: Any, details: str, window: Window) -> dict[str, Any]:
    public = {"rawBytes": b64(spki(key)), "keyDetails": details, "validFor": window.as_json()}
    log_id = {"keyId": b64(hashlib.sha256(spki(key)).digest())}
    return {"baseUrl": url, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": log_id}


def authority(
    name: str, key: Any, issuer: x509.Certificate | None = None, issuer_key: Any = None, *, timestamping: bool = False
) -> x509.Certificate:
    """A certificate authority, or the certificate of a timestamp authority."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer_key or key
    builder = certificate(subject, issuer.subject if issuer else subject, key.public_key(), STARTS, ENDS)
    builder = builder.add_extension(x509.BasicConstraints(ca=not timestamping, path_length=None), critical=True)
    builder = builder.add_extension(usage(ca=not timestamping), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    if timestamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signer, hashes.SHA384() if signer.curve.name == "secp384r1" else hashes.SHA256())


def certificate(
    subject: x509.Name, issuer: x509.Name, key: Any, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1: the hash of the Merkle tree over ``leaves``."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(leaves[:middle]) + tree_hash(leaves[middle:])).digest()


def audit_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1: what proves that the leaf is in the tree."""
    if len(leaves) == 1:
        return []
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    if index < middle:
        return [*audit_path(index, leaves[:middle]), tree_hash(leaves[middle:])]
    return [*audit_path(index - middle, leaves[middle:]), tree_hash(leaves[:middle])]


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return der(0x06, bytes(content))


def attribute(kind: str, value: bytes) -> bytes:
    return der(0x30, oid(kind) + der(0x31, value))


def prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def cert_der(item: x509.Certificate) -> bytes:
    return item.public_bytes(Encoding.DER)


def rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
