"""Signers: what each makes is read back and verified; what cannot sign says so before anything is decided."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from fake_sigstore import IDENTITY, ISSUER, FakeSigstore
from fake_sigstore_services import FakeServices

from gatekeeper.approval import APPROVAL_NAMESPACE
from gatekeeper.attestation import Attestation, read_attestation, statement_bytes
from gatekeeper.errors import GatekeeperError, SourceError, UsageError
from gatekeeper.trust import dsse, sigstore, ssh
from gatekeeper.trust.public_key import from_material
from gatekeeper.trust.signer import KeySigner, Signer, SigstoreSigner, SshSigner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAYLOAD = statement_bytes(subject={"digest": {"gitCommit": "0" * 40}}, predicate_type="https://x.test", predicate={})
MATERIAL = ed25519.Ed25519PrivateKey.generate()
PUBLIC = from_material(MATERIAL.public_key())


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "ada.pem"
    path.write_bytes(MATERIAL.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def locked_key_file(tmp_path: Path) -> Path:
    path = tmp_path / "locked.pem"
    path.write_bytes(MATERIAL.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"horse")))
    return path


def read(raw: bytes) -> Attestation:
    attestation = read_attestation(raw)
    assert attestation is not None
    assert attestation.payload == PAYLOAD
    return attestation


def test_a_key_signs_an_envelope(key_file: Path) -> None:
    signer: Signer = KeySigner.load(key_file)
    assert signer.fingerprint == signer.name == PUBLIC.fingerprint
    assert dsse.verify(read(signer.sign(PAYLOAD)), [PUBLIC]) == {PUBLIC.fingerprint}


def test_a_person_signs_for_one_purpose(key_file: Path) -> None:
    signer: Signer = SshSigner.load(key_file, namespace=APPROVAL_NAMESPACE)
    (found,) = ssh.verify(read(signer.sign(PAYLOAD)), namespace=APPROVAL_NAMESPACE)
    assert found.fingerprint == signer.fingerprint == signer.name == PUBLIC.fingerprint


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_a_public_key_signs_through_ssh_keygen(tmp_path: Path) -> None:
    private, public = tmp_path / "id", tmp_path / "id.pub"
    private.touch(mode=0o600)
    private.write_bytes(MATERIAL.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public.write_bytes(MATERIAL.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    signer = SshSigner.load(public, namespace=APPROVAL_NAMESPACE)
    assert signer.key is None
    (found,) = ssh.verify(read(signer.sign(PAYLOAD)), namespace=APPROVAL_NAMESPACE)
    assert found.fingerprint == signer.fingerprint == PUBLIC.fingerprint


def test_the_passphrase_comes_from_the_caller_or_the_environment(
    locked_key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GATEKEEPER_KEY_PASSPHRASE", raising=False)
    assert KeySigner.load(locked_key_file, passphrase=lambda: "horse").fingerprint == PUBLIC.fingerprint
    with pytest.raises(UsageError, match="the private key is encrypted") as missing:
        KeySigner.load(locked_key_file)
    assert (missing.value.code, missing.value.exit_code) == ("key.passphrase", 2)
    assert "set GATEKEEPER_KEY_PASSPHRASE" in missing.value.hint
    monkeypatch.setenv("GATEKEEPER_KEY_PASSPHRASE", "cart")
    with pytest.raises(UsageError, match="the passphrase is wrong"):
        SshSigner.load(locked_key_file, namespace=APPROVAL_NAMESPACE)
    monkeypatch.setenv("GATEKEEPER_KEY_PASSPHRASE", "\udcff")  # a byte that is not UTF-8
    with pytest.raises(UsageError, match="the passphrase is wrong"):
        KeySigner.load(locked_key_file)
    monkeypatch.setenv("GATEKEEPER_KEY_PASSPHRASE", "horse")
    assert SshSigner.load(locked_key_file, namespace=APPROVAL_NAMESPACE).fingerprint == PUBLIC.fingerprint


@pytest.mark.parametrize("content", [None, b"", b"not a key", b"\xff", b"x" * 100_000])
def test_a_file_that_is_no_key_cannot_sign(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    for load in (KeySigner.load, lambda path: SshSigner.load(path, namespace=APPROVAL_NAMESPACE)):
        with pytest.raises(GatekeeperError) as caught:
            load(path)
        assert caught.value.where == str(path)


def test_no_signer_shows_its_key(key_file: Path) -> None:
    secret = MATERIAL.private_bytes_raw()
    for signer in (KeySigner.load(key_file), SshSigner.load(key_file, namespace=APPROVAL_NAMESPACE)):
        assert secret.hex() not in repr(signer)
        assert "Ed25519PrivateKey" not in repr(signer)


def in_job(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in ("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_a_job_signs_as_its_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeSigstore()
    with FakeServices(fake) as services:
        in_job(monkeypatch, services.environment)
        signer: Signer = SigstoreSigner(trust_config=services.trust_config())
        raw = signer.sign(PAYLOAD)
    assert read(raw).form == "sigstore"
    verdict = sigstore.verify(raw, trusted_root=fake.trusted_root())
    assert (verdict.status, verdict.identity, verdict.issuer) == ("verified", IDENTITY, ISSUER)
    assert verdict.payload == PAYLOAD
    assert (signer.fingerprint, signer.name) == ("", "the identity of this job")


def test_a_job_that_may_not_ask_for_a_token_cannot_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    in_job(monkeypatch, {"GITHUB_ACTIONS": "true"})
    with pytest.raises(UsageError, match="no identity to sign as") as caught:
        SigstoreSigner(trust_config=b"{}").sign(PAYLOAD)
    assert "id-token: write" in caught.value.hint


def refuse(_asked: dict[str, Any]) -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("service", ["certify", "enter"])
def test_a_service_that_answers_nonsense_is_an_error(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    with FakeServices(FakeSigstore()) as services:
        in_job(monkeypatch, services.environment)
        monkeypatch.setattr(services, service, refuse)
        with pytest.raises(SourceError, match="Sigstore could not sign") as caught:
            SigstoreSigner(trust_config=services.trust_config()).sign(PAYLOAD)
    assert caught.value.code == "sigstore.sign"


def test_a_certificate_of_a_stranger_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServices(FakeSigstore()) as services, FakeServices(FakeSigstore()) as stranger:
        in_job(monkeypatch, services.environment)
        monkeypatch.setattr(services, "certify", stranger.certify)
        with pytest.raises(SourceError, match="Sigstore could not sign"):
            SigstoreSigner(trust_config=services.trust_config()).sign(PAYLOAD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda bundle: bundle.update(mediaType="x"), "Sigstore gave no usable bundle: the bundle format 'x'"),
        (lambda bundle: bundle["dsseEnvelope"].update(payload="YQ=="), "Sigstore signed something else"),
    ],
)
def test_a_bundle_that_is_not_about_the_payload_is_not_handed_out(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    from sigstore.models import Bundle

    def to_json(bundle: Bundle) -> str:
        value: dict[str, Any] = json.loads(bundle._inner.to_json())
        change(value)
        return json.dumps(value)

    monkeypatch.setattr(Bundle, "to_json", to_json)
    with FakeServices(FakeSigstore()) as services:
        in_job(monkeypatch, services.environment)
        with pytest.raises(SourceError, match=message):
            SigstoreSigner(trust_config=services.trust_config()).sign(PAYLOAD)


@pytest.mark.parametrize("config", [b"", b"{}", b"[]", json.dumps({"mediaType": "x"}).encode(), b"\xff"])
def test_a_trust_configuration_that_is_none_is_wrong_use(monkeypatch: pytest.MonkeyPatch, config: bytes) -> None:
    with FakeServices(FakeSigstore()) as services:
        in_job(monkeypatch, services.environment)
        with pytest.raises(UsageError, match="the Sigstore trust configuration cannot be used"):
            SigstoreSigner(trust_config=config).sign(PAYLOAD)


def test_the_key_of_a_curve_that_is_not_accepted_cannot_sign(tmp_path: Path) -> None:
    path = tmp_path / "odd.pem"
    odd = ec.generate_private_key(ec.SECP256K1())
    path.write_bytes(odd.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(UsageError, match="a kind of key that is not accepted"):
        KeySigner.load(path)
