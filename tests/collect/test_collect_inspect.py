"""What reports and attestations say, before anybody is believed."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gatekeeper import _json
from gatekeeper.attestation import PAYLOAD_TYPE, statement_bytes
from gatekeeper.collect.attest import attest
from gatekeeper.collect.inspect import Inspection, inspect
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.facts import FACTS_TYPE
from gatekeeper.subject import Subject
from gatekeeper.trust import dsse, ssh, ssh_blob, ssh_sign
from gatekeeper.trust.private_keys import PrivateKey, load_private_key
from shared import fixture

if TYPE_CHECKING:
    from pathlib import Path

JUNIT = b"<testsuite name='s'><testcase name='a'/></testsuite>"
SUBJECT = Subject.of("parcel", {"sha256": "ab" * 32})
PAYLOAD = attest(Report(JUNIT, "junit.xml"), subject=SUBJECT, slot="unit", shard=(1, 2)).payload


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return load_private_key(pem)


def only(path: Path, data: bytes) -> Inspection:
    path.write_bytes(data)
    (found,) = inspect(path)
    return found


def test_a_report_says_its_kind_format_and_facts_at_a_glance(tmp_path: Path) -> None:
    found = only(tmp_path / "r", JUNIT)

    assert found.as_json() == {
        "path": str(tmp_path / "r"),
        "what": "report",
        "digest": _json.digest(JUNIT),
        "kind": "test_results",
        "format": "junit",
        "facts": {
            "total": 1,
            "passed": 1,
            "failed": 0,
            "errored": 0,
            "skipped": 0,
            "flaky": 0,
            "executed": 1,
            "cases": 0,
            "names": 1,
            "complete": True,
        },
    }


def test_an_attestation_says_what_it_is_about_and_who_seems_to_have_signed(tmp_path: Path, key: PrivateKey) -> None:
    data = dsse.sign(PAYLOAD, PAYLOAD_TYPE, key)
    found = only(tmp_path / "a.dsse.json", data)

    assert (found.what, found.form, found.digest) == ("attestation", "dsse", _json.digest(data))
    assert (found.kind, found.format, found.slot, found.shard) == ("test_results", "junit", "unit", "1/2")
    assert found.raw == _json.digest(JUNIT)
    assert found.predicate_type == FACTS_TYPE
    assert found.subjects == ({"name": "parcel", "digest": {"sha256": "ab" * 32}},)
    assert found.claimed_signers == (f"key {key.public.fingerprint}",)
    assert found.facts["passed"] == 1
    assert found.problem == ""


def test_an_ssh_signature_is_named_by_the_key_inside(tmp_path: Path, key: PrivateKey) -> None:
    found = only(tmp_path / "a.json", ssh.envelope(PAYLOAD, [ssh_sign.sign(PAYLOAD, key, "n")]))

    assert found.form == "ssh"
    fingerprint = base64.b64encode(hashlib.sha256(ssh_blob.encode(key.public)).digest()).decode().rstrip("=")
    assert found.claimed_signers == (f"ssh SHA256:{fingerprint}",)  # as ssh-keygen -l writes it
    broken = only(tmp_path / "b.json", ssh.envelope(PAYLOAD, ["-----BEGIN SSH"]))
    assert broken.claimed_signers == ("ssh, unreadable",)


def certificate(*names: x509.GeneralName) -> str:
    private = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "n")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, private.public_key(), 1, now, now + timedelta(days=1))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return base64.b64encode(builder.sign(private, None).public_bytes(Encoding.DER)).decode()


def bundle(material: object) -> bytes:
    envelope = {"payload": base64.b64encode(PAYLOAD).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [{"sig": ""}]}
    media_type = "application/vnd.dev.sigstore.bundle.v0.3+json"
    return json.dumps({"mediaType": media_type, "verificationMaterial": material, "dsseEnvelope": envelope}).encode()


@pytest.mark.parametrize(
    ("material", "signers"),
    [
        ({"certificate": {"rawBytes": certificate(x509.RFC822Name("ada@example.org"))}}, ("ada@example.org",)),
        (
            {
                "x509CertificateChain": {
                    "certificates": [{"rawBytes": certificate(x509.UniformResourceIdentifier("https://w"))}]
                }
            },
            ("https://w",),
        ),
        ({"certificate": {"rawBytes": certificate(x509.DNSName("d"))}}, ("a certificate without a name",)),
        ({"certificate": {"rawBytes": certificate()}}, ("a certificate, unreadable",)),
        ({"certificate": {"rawBytes": "AAAA"}}, ("a certificate, unreadable",)),
        ({"certificate": {"rawBytes": 7}}, ("a certificate, unreadable",)),
        ({"publicKey": {"hint": "h"}}, ("key h",)),
        ({"publicKey": {}}, ("a key",)),
        ({}, ("a key",)),
        (None, ("a key",)),
        ({"x509CertificateChain": {"certificates": []}}, ("a key",)),
    ],
)
def test_a_sigstore_bundle_is_named_by_its_certificate(
    tmp_path: Path, material: object, signers: tuple[str, ...]
) -> None:
    assert only(tmp_path / "b.sigstore.json", bundle(material)).claimed_signers == signers


def test_real_bundles_name_their_signers() -> None:
    (found,) = inspect(fixture("signatures/gh-npm-sigstore-js-2.1.0/bundle.sigstore.json"))

    assert found.claimed_signers == (
        "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main",
    )


def test_an_attestation_that_cannot_be_read_says_why_and_what_could_be_read(tmp_path: Path) -> None:
    lying = statement_bytes(
        subject=SUBJECT.as_json(), predicate_type=FACTS_TYPE, predicate=json.loads(PAYLOAD)["predicate"] | {"slot": "?"}
    )
    found = only(tmp_path / "a.json", lying)
    envelope = only(tmp_path / "b.json", b'{"payloadType": "t", "payload": "", "signatures": []}')
    statement = only(tmp_path / "c.json", b'{"_type": "https://in-toto.io/Statement/v1"}')

    assert (found.predicate_type, found.problem[:38]) == (FACTS_TYPE, "$.predicate.slot: no slot is called '?")
    assert (envelope.form, envelope.problem) == ("unreadable", "$.signatures: no signature")
    assert (statement.form, statement.problem) == ("plain", "$.predicateType: no predicate type")


def test_json_lines_are_attestations_each(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes(PAYLOAD + b"\n\n" + dsse.sign(PAYLOAD, PAYLOAD_TYPE, key) + b"\nnot JSON\n")

    assert [item.form for item in inspect(path)] == ["plain", "dsse", "unreadable"]


def test_a_folder_lists_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.xml").write_bytes(JUNIT)
    (tmp_path / "b.xml").write_bytes(JUNIT[:-3])
    (tmp_path / "in" / "c.json").write_bytes(PAYLOAD)
    (tmp_path / "in" / "d.txt").write_bytes(b"notes")
    found = [(item.path.removeprefix(str(tmp_path)), item.what, item.problem) for item in inspect(tmp_path)]

    assert found == [
        ("/a.xml", "report", ""),
        ("/b.xml", "report", "b.xml: line 1 column 41: not XML: unclosed token"),
        ("/in/c.json", "attestation", ""),
        ("/in/d.txt", "unknown", "not recognised"),
    ]


def test_a_file_named_outright_has_to_be_something(tmp_path: Path) -> None:
    (tmp_path / "truncated.xml").write_bytes(JUNIT[:-3])
    (tmp_path / "notes.txt").write_bytes(b"notes")

    with pytest.raises(MalformedError):
        inspect(tmp_path / "truncated.xml")
    with pytest.raises(UsageError):
        inspect(tmp_path / "notes.txt")
    with pytest.raises(UsageError):
        inspect(tmp_path / "nowhere")


def test_the_kind_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(JUNIT)

    assert inspect(tmp_path / "r", kind="test_results")[0].kind == "test_results"
    with pytest.raises(UsageError):
        inspect(tmp_path / "r", kind="coverage")
