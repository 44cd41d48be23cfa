"""SSH signatures: what ssh-keygen makes is believed, what it would refuse is refused, and more than that."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper._limits import MAX_SIGNATURES
from gatekeeper.approval import APPROVAL_NAMESPACE, WAIVER_NAMESPACE
from gatekeeper.attestation import Attestation, Signature, read_attestation
from gatekeeper.errors import GatekeeperError, LimitError, MalformedError, SourceError, UsageError
from gatekeeper.trust import ssh, ssh_blob, ssh_sign
from gatekeeper.trust._wire import mpint, string
from gatekeeper.trust.keys import load_public_key
from gatekeeper.trust.private_keys import PrivateKey, load_private_key
from shared import fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MESSAGE = b'{"verdict":"approve"}'
NAMESPACE = APPROVAL_NAMESPACE
needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
needs_ssh_agent = pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="ssh-agent is not installed")


def pem(material: Any, kind: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return bytes(material.private_bytes(Encoding.PEM, kind, NoEncryption()))


MATERIAL: dict[str, Any] = {
    "ecdsa-p256": ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": ec.generate_private_key(ec.SECP384R1()),
    "ecdsa-p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "rsa": rsa.generate_private_key(65537, 2048),
}
KEYS: dict[str, PrivateKey] = {name: load_private_key(pem(material)) for name, material in MATERIAL.items()}
ADA, BOB = KEYS["ed25519"], KEYS["ecdsa-p256"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The fields of an SSHSIG, each of which a test can get wrong; by default all are right."""

    magic: bytes = b"SSHSIG"
    version: int = 1
    namespace: bytes = NAMESPACE.encode()
    reserved: bytes = b""
    hash_name: bytes = b"sha512"
    signature: bytes | None = None
    blob: bytes | None = None
    after: bytes = b""

    def armoured(self, message: bytes = MESSAGE) -> str:
        return ssh.armour(self.binary(message))

    def binary(self, message: bytes) -> bytes:
        blob = self.blob if self.blob is not None else ssh_blob.encode(ADA.public)
        signature = self.signature
        if signature is None:
            signature = string(b"ssh-ed25519") + string(ADA.sign(self.signed(message)))
        fields = (blob, self.namespace, self.reserved, self.hash_name, signature)
        return self.magic + self.version.to_bytes(4, "big") + b"".join(map(string, fields)) + self.after

    def signed(self, message: bytes = MESSAGE) -> bytes:
        name = self.hash_name.decode("ascii", "replace").lower()
        digest = hashlib.new(name if name in hashlib.algorithms_available else "sha512", message).digest()
        return b"SSHSIG" + b"".join(map(string, (self.namespace, self.reserved, self.hash_name, digest)))


def verify(armoured: str, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> ssh.SshSignature:
    return ssh.verify_armoured(armoured.encode(), message, namespace=namespace)


def refused(armoured: str) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        verify(armoured)
    return caught.value


def attestation(*armoured: str, payload: bytes = MESSAGE) -> Attestation:
    found = read_attestation(ssh.envelope(payload, armoured))
    assert found is not None
    return found


@pytest.mark.parametrize("algorithm", KEYS)
def test_what_a_key_signs_holds_for_its_payload_and_namespace_only(algorithm: str) -> None:
    armoured = ssh_sign.sign(MESSAGE, KEYS[algorithm], NAMESPACE)
    assert verify(armoured) == ssh.SshSignature(
        fingerprint=KEYS[algorithm].public.fingerprint,
        key_type=algorithm,
        namespace=NAMESPACE,
        touched=False,
        pin_verified=False,
    )
    with pytest.raises(MalformedError, match="the signature does not hold"):
        verify(armoured, message=MESSAGE + b" ")
    with pytest.raises(MalformedError, match=r"signed for 'approval@.*', not for 'waiver@.*'"):
        verify(armoured, namespace=WAIVER_NAMESPACE)


def test_the_parts_of_these_tests_make_a_good_signature() -> None:
    assert verify(Parts().armoured()).fingerprint == ADA.public.fingerprint
    assert verify(Parts(hash_name=b"sha256").armoured()).fingerprint == ADA.public.fingerprint


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (Parts(namespace=b"git"), "ssh.namespace"),
        (Parts(namespace=b""), "ssh.namespace"),
        (Parts(namespace=NAMESPACE.encode() + b"\0"), "ssh.namespace"),
        (Parts(namespace=NAMESPACE.upper().encode()), "ssh.namespace"),
        (Parts(hash_name=b"md5"), "ssh.hash"),
        (Parts(hash_name=b"sha1"), "ssh.hash"),
        (Parts(hash_name=b"SHA512"), "ssh.hash"),
        (Parts(hash_name=b"sha384"), "ssh.hash"),
        (Parts(hash_name=b"sha3_512"), "ssh.hash"),
        (Parts(hash_name=b""), "ssh.hash"),
        (Parts(hash_name=b"\xff"), "ssh.hash"),
        (Parts(reserved=b"x"), "ssh.encoding"),
        (Parts(magic=b"SSHSIX"), "ssh.encoding"),
        (Parts(version=0), "ssh.encoding"),
        (Parts(version=2), "ssh.encoding"),
        (Parts(after=b"\0"), "ssh.encoding"),
        (Parts(signature=b""), "ssh.encoding"),
        (Parts(signature=string(b"ssh-ed25519") + string(bytes(64))), "ssh.signature"),
        (Parts(signature=string(b"ssh-ed25519") + string(bytes(63))), "ssh.signature"),
        (Parts(signature=string(b"ssh-rsa") + string(ADA.sign(Parts().signed()))), "ssh.encoding"),
        (Parts(signature=string(b"ssh-ed25519") + string(ADA.sign(Parts().signed())) + b"\0"), "ssh.encoding"),
        (Parts(blob=ssh_blob.encode(BOB.public)), "ssh.encoding"),
        (Parts(blob=b""), "ssh.encoding"),
        (Parts(blob=ssh_blob.encode(ADA.public) + b"\0"), "ssh.encoding"),
        (Parts(blob=string(b"ssh-dss") + mpint(5)), "key.type"),
        (Parts(blob=string(b"ssh-ed25519-cert-v01@openssh.com") + string(b"")), "key.type"),
        (Parts(blob=string(b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com") + string(b"")), "key.type"),
    ],
)
def test_a_signature_that_is_wrong_in_one_field_is_refused(parts: Parts, code: str) -> None:
    assert refused(parts.armoured()).code == code


def test_every_shorter_signature_is_refused() -> None:
    whole = Parts().binary(MESSAGE)
    for size in range(len(whole)):
        refused(ssh.armour(whole[:size]))


GOOD = Parts().armoured()
BODY = "".join(GOOD.splitlines()[1:-1])


@pytest.mark.parametrize(
    "armoured",
    [
        "",
        BODY,
        "text before it\n" + GOOD,
        "\n" + GOOD,
        GOOD + "\n",
        GOOD + "text after it",
        GOOD + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("SSH SIGNATURE", "SSH  SIGNATURE"),
        GOOD.replace("-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE-----\n\n"),
        GOOD.replace("-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE-----\nComment: x\n"),
        f"-----BEGIN SSH SIGNATURE-----\n{BODY[:40]}*{BODY[40:70]}\n{BODY[70:]}\n-----END SSH SIGNATURE-----\n",
        f"-----BEGIN SSH SIGNATURE-----\n{BODY[:40]} {BODY[40:70]}\n{BODY[70:]}\n-----END SSH SIGNATURE-----\n",
        f"-----BEGIN SSH SIGNATURE-----\n{BODY}\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\nAA=A\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\n" + "A" * 76 + "\n" + "=\n-----END SSH SIGNATURE-----\n",
        "-----BEGIN SSH SIGNATURE-----\n" + ("A" * 76 + "\n") * 300 + "-----END SSH SIGNATURE-----\n",
    ],
)
def test_anything_but_one_armour_is_refused(armoured: str) -> None:
    assert refused(armoured).code == "ssh.armour"


def test_bits_that_no_byte_holds_are_refused() -> None:
    short = ssh.armour(b"SSHSIGabcd")
    assert "=" in short
    line = short.splitlines()[1]
    at = line.index("=") - 1
    spare = line[:at] + chr(ord(line[at]) + 1) + line[at + 1 :]
    assert base64.b64decode(spare) == b"SSHSIGabcd"
    assert refused(short.replace(line, spare)).code == "ssh.armour"


def test_padding_alone_on_the_last_line_is_read_as_openssh_writes_it() -> None:
    armoured = {size: ssh.armour(bytes(size)) for size in range(1, 300)}
    assert any(text.splitlines()[-2].strip("=") == "" for text in armoured.values())
    assert all(ssh.dearmour(text.encode()) == bytes(size) for size, text in armoured.items())


def rsa_signature(kind: bytes, function: hashes.HashAlgorithm) -> Parts:
    value = MATERIAL["rsa"].sign(Parts().signed(), padding.PKCS1v15(), function)
    return Parts(blob=ssh_blob.encode(KEYS["rsa"].public), signature=string(kind) + string(value))


def test_rsa_signs_with_sha2_only() -> None:
    assert verify(rsa_signature(b"rsa-sha2-512", hashes.SHA512()).armoured()).key_type == "rsa"
    assert verify(rsa_signature(b"rsa-sha2-256", hashes.SHA256()).armoured()).key_type == "rsa"
    assert refused(rsa_signature(b"ssh-rsa", hashes.SHA1()).armoured()).code == "ssh.hash"  # noqa: S303 - to be refused
    assert refused(rsa_signature(b"rsa-sha2-512", hashes.SHA256()).armoured()).code == "ssh.signature"


def test_a_short_rsa_key_is_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
    numbers = weak.public_key().public_numbers()
    value = weak.sign(Parts().signed(), padding.PKCS1v15(), hashes.SHA512())
    parts = Parts(
        blob=string(b"ssh-rsa") + mpint(numbers.e) + mpint(numbers.n),
        signature=string(b"rsa-sha2-512") + string(value),
    )
    assert refused(parts.armoured()).code == "key.size"


def test_an_ecdsa_signature_has_one_encoding() -> None:
    r, s = decode_dss_signature(BOB.sign(Parts().signed()))
    blob = ssh_blob.encode(BOB.public)

    def signed(value: bytes) -> str:
        return Parts(blob=blob, signature=string(b"ecdsa-sha2-nistp256") + string(value)).armoured()

    assert verify(signed(mpint(r) + mpint(s))).key_type == "ecdsa-p256"
    padded = string(b"\0\0" + r.to_bytes(32, "big")) + mpint(s)
    for value in (padded, mpint(r) + mpint(s) + b"\0", mpint(0) + mpint(s), mpint(r), string(b"\xff") + mpint(s)):
        assert refused(signed(value)).code == "ssh.encoding"


def security_key_signature(
    kind: str, *, flags: int, application: bytes = b"ssh:", signed_flags: int | None = None
) -> tuple[bytes, str]:
    """The blob of a security key, and what it signs: PROTOCOL.u2f with the device's part done in software."""
    counter = (7).to_bytes(4, "big")
    seen = bytes([flags if signed_flags is None else signed_flags]) + counter
    signed = hashlib.sha256(application).digest() + seen + hashlib.sha256(Parts().signed()).digest()
    if kind == "sk-ed25519":
        name, inside = b"sk-ssh-ed25519@openssh.com", string(MATERIAL["ed25519"].public_key().public_bytes_raw())
        value = MATERIAL["ed25519"].sign(signed)
    else:
        name = b"sk-ecdsa-sha2-nistp256@openssh.com"
        point = MATERIAL["ecdsa-p256"].public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        inside = string(b"nistp256") + string(point)
        r, s = decode_dss_signature(MATERIAL["ecdsa-p256"].sign(signed, ec.ECDSA(hashes.SHA256())))
        value = mpint(r) + mpint(s)
    blob = string(name) + inside + string(b"ssh:")
    return blob, Parts(blob=blob, signature=string(name) + string(value) + bytes([flags]) + counter).armoured()


@pytest.mark.parametrize("kind", ["sk-ed25519", "sk-ecdsa-p256"])
def test_a_security_key_has_to_be_touched_and_says_whether_a_pin_was_asked(kind: str) -> None:
    blob, touched = security_key_signature(kind, flags=1)
    _, with_pin = security_key_signature(kind, flags=5)
    assert verify(touched) == ssh.SshSignature(
        fingerprint=f"ssh:sha256:{hashlib.sha256(blob).hexdigest()}",
        key_type=kind,
        namespace=NAMESPACE,
        touched=True,
        pin_verified=False,
    )
    assert verify(with_pin).pin_verified
    for flags in (0, 4):
        assert refused(security_key_signature(kind, flags=flags)[1]).code == "ssh.touch"


@pytest.mark.parametrize("kind", ["sk-ed25519", "sk-ecdsa-p256"])
def test_the_flags_and_the_application_of_a_security_key_are_signed(kind: str) -> None:
    assert refused(security_key_signature(kind, flags=1, signed_flags=0)[1]).code == "ssh.signature"
    assert refused(security_key_signature(kind, flags=1, application=b"web")[1]).code == "ssh.signature"


def test_a_security_key_does_not_pass_as_the_plain_key_inside() -> None:
    blob, _ = security_key_signature("sk-ed25519", flags=1)
    assert refused(Parts(blob=blob).armoured()).code == "ssh.encoding"


def test_an_envelope_names_each_signer_once_in_its_order() -> None:
    first, second = ssh_sign.sign(MESSAGE, BOB, NAMESPACE), ssh_sign.sign(MESSAGE, ADA, NAMESPACE)
    again = ssh_sign.sign(MESSAGE, BOB, NAMESPACE)
    assert first != again  # ECDSA is randomised
    found = ssh.verify(attestation(first, second, again), namespace=NAMESPACE)
    assert [item.fingerprint for item in found] == [BOB.public.fingerprint, ADA.public.fingerprint]


def test_one_bad_signature_spoils_the_envelope_and_is_named() -> None:
    good, bad = ssh_sign.sign(MESSAGE, ADA, NAMESPACE), ssh_sign.sign(b"another", BOB, NAMESPACE)
    with pytest.raises(MalformedError, match="the signature does not hold") as caught:
        ssh.verify(attestation(good, bad), namespace=NAMESPACE)
    assert caught.value.where == "$.signatures[1].sshsig"


def test_a_second_person_adds_a_signature() -> None:
    raw = ssh.envelope(MESSAGE, [ssh_sign.sign(MESSAGE, ADA, WAIVER_NAMESPACE)])
    both = ssh.add_signature(raw, ssh_sign.sign(MESSAGE, BOB, WAIVER_NAMESPACE))
    found = read_attestation(both)
    assert found is not None
    assert found.payload == MESSAGE
    assert len(ssh.verify(found, namespace=WAIVER_NAMESPACE)) == 2


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'{"payload":"","payloadType":"x","signatures":[{"sig":"YQ=="}]}'])
def test_only_an_envelope_with_ssh_signatures_gets_another(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        ssh.add_signature(raw, GOOD)


def test_too_many_signatures_are_refused() -> None:
    many = tuple(Signature(keyid="", value=GOOD.encode()) for _ in range(MAX_SIGNATURES + 1))
    with pytest.raises(LimitError):
        ssh.verify(Attestation(raw=b"", form="ssh", payload=MESSAGE, signatures=many), namespace=NAMESPACE)
    full = ssh.envelope(MESSAGE, [ssh_sign.sign(MESSAGE, BOB, NAMESPACE) for _ in range(MAX_SIGNATURES)])
    with pytest.raises(LimitError):
        ssh.add_signature(full, GOOD)


def test_another_form_or_no_namespace_is_wrong_use() -> None:
    with pytest.raises(UsageError):
        ssh.verify(Attestation(raw=b"", form="dsse", payload=MESSAGE), namespace=NAMESPACE)
    for attempt in (lambda: verify(GOOD, namespace=""), lambda: ssh_sign.sign(MESSAGE, ADA, "")):
        with pytest.raises(UsageError, match="no namespace"):
            attempt()


@given(st.binary(max_size=300))
def test_whatever_is_in_the_armour_only_a_typed_error_comes_out(data: bytes) -> None:
    for armoured in (data, ssh.armour(b"SSHSIG\0\0\0\1" + data).encode()):
        with pytest.raises(GatekeeperError):
            ssh.verify_armoured(armoured, MESSAGE, namespace=NAMESPACE)


@given(st.sampled_from(sorted(KEYS)), st.data())
def test_no_changed_byte_leaves_a_signature_of_another_message(algorithm: str, data: st.DataObject) -> None:
    binary = bytearray(ssh.dearmour(SIGNED[algorithm].encode()))
    at = data.draw(st.integers(0, len(binary) - 1))
    binary[at] = data.draw(st.integers(0, 255).filter(lambda value: value != binary[at]))
    changed = ssh.armour(bytes(binary))
    refused(changed)
    with pytest.raises(MalformedError):
        verify(changed, message=b"another")


SIGNED = {name: ssh_sign.sign(MESSAGE, key, NAMESPACE) for name, key in KEYS.items()}


def keygen(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=stdin, capture_output=True, check=False)


@pytest.fixture(params=KEYS)
def key_file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A private key as OpenSSH keeps it, and its public half beside it."""
    path = tmp_path / "id"
    path.touch(mode=0o600)
    path.write_bytes(pem(MATERIAL[request.param], PrivateFormat.OpenSSH))
    public = MATERIAL[request.param].public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.with_suffix(".pub").write_bytes(public + b"\n")
    return request.param, path


@needs_ssh_keygen
def test_what_ssh_keygen_signs_is_believed(key_file: tuple[str, Path]) -> None:
    algorithm, path = key_file
    for hash_name in ("sha256", "sha512"):
        done = keygen("-Y", "sign", "-q", "-O", f"hashalg={hash_name}", "-n", NAMESPACE, "-f", str(path), stdin=MESSAGE)
        assert done.returncode == 0, done.stderr
        assert verify(done.stdout.decode()).fingerprint == KEYS[algorithm].public.fingerprint


@needs_ssh_keygen
def test_what_we_sign_ssh_keygen_believes(key_file: tuple[str, Path], tmp_path: Path) -> None:
    algorithm, path = key_file
    (tmp_path / "allowed").write_bytes(b"ada " + path.with_suffix(".pub").read_bytes())
    (tmp_path / "sig").write_text(SIGNED[algorithm])
    arguments = ["-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", "ada", "-s", str(tmp_path / "sig"), "-n"]
    assert keygen(*arguments, NAMESPACE, stdin=MESSAGE).returncode == 0
    assert keygen(*arguments, NAMESPACE, stdin=MESSAGE + b" ").returncode != 0
    assert keygen(*arguments, "git", stdin=MESSAGE).returncode != 0


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A running ssh-agent of its own; the variables that lead to it."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it says where it listens once it does
    yield {"SSH_AUTH_SOCK": str(socket)}
    process.terminate()
    process.wait()
    process.stdout.close()


@needs_ssh_keygen
@needs_ssh_agent
def test_a_key_in_an_agent_signs_through_ssh_keygen(
    agent: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = tmp_path / "id", tmp_path / "only.pub"
    private.touch(mode=0o600)
    private.write_bytes(pem(MATERIAL["ed25519"], PrivateFormat.OpenSSH))
    public.write_bytes(MATERIAL["ed25519"].public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n")
    monkeypatch.setenv("SSH_AUTH_SOCK", agent["SSH_AUTH_SOCK"])
    with pytest.raises(UsageError) as caught:
        ssh_sign.sign_with_ssh_keygen(MESSAGE, public, NAMESPACE)
    assert caught.value.code == "ssh.keygen"
    subprocess.run(["ssh-add", "-q", str(private)], check=True, env={**os.environ, **agent})
    private.unlink()
    assert verify(ssh_sign.sign_with_ssh_keygen(MESSAGE, public, NAMESPACE)).fingerprint == ADA.public.fingerprint


def test_without_ssh_keygen_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="ssh-keygen is not installed"):
        ssh_sign.sign_with_ssh_keygen(MESSAGE, tmp_path / "id.pub", NAMESPACE)


def fake_ssh_keygen(folder: Path, script: str) -> None:
    program = folder / "ssh-keygen"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_what_ssh_keygen_gives_back_is_verified(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sig").write_text(ssh_sign.sign(b"another", ADA, NAMESPACE), encoding="utf-8")
    fake_ssh_keygen(tmp_path, f'while read -r line; do echo "$line"; done < {tmp_path}/sig')
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="the signature does not hold"):
        ssh_sign.sign_with_ssh_keygen(MESSAGE, tmp_path / "id.pub", NAMESPACE)
    with pytest.raises(UsageError, match="no namespace"):
        ssh_sign.sign_with_ssh_keygen(MESSAGE, tmp_path / "id.pub", "")


def test_a_device_that_nobody_touches_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_ssh_keygen(tmp_path, "exec /bin/sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ssh_sign, "_WAIT_SECONDS", 0.1)
    with pytest.raises(SourceError, match="ssh-keygen did not answer"):
        ssh_sign.sign_with_ssh_keygen(MESSAGE, tmp_path / "id.pub", NAMESPACE)


@pytest.mark.parametrize("case", ["sshsig-ed25519", "sshsig-rsa", "sshsig-ed25519_sk"])
def test_signatures_that_openssh_tests_with_hold(case: str) -> None:
    folder = fixture(f"signatures/{case}")
    armoured, message = (folder / "data.sig").read_bytes(), (folder / "signed-data").read_bytes()
    found = ssh.verify_armoured(armoured, message, namespace="unittest")
    assert found.fingerprint == load_public_key((folder / "key.pub").read_bytes()).fingerprint
    assert found.touched == case.endswith("_sk")
    with pytest.raises(MalformedError, match="signed for 'unittest', not for 'git'"):
        ssh.verify_armoured(armoured, message, namespace="git")
