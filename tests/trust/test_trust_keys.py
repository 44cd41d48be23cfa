"""Public keys: one key, one fingerprint, however it is written; what is no public key is refused with its reason."""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from gatekeeper.trust import ssh_blob
from gatekeeper.trust._wire import mpint, string
from gatekeeper.trust.keys import load_public_key
from gatekeeper.trust.private_keys import load_private_key
from gatekeeper.trust.public_key import from_material, holds
from shared import fixture

P256 = ec.generate_private_key(ec.SECP256R1())
PRIVATE: dict[str, Any] = {
    "ecdsa-p256": P256,
    "ecdsa-p384": ec.generate_private_key(ec.SECP384R1()),
    "ecdsa-p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "rsa": rsa.generate_private_key(65537, 2048),
}
WEAK: dict[str, Any] = {
    "rsa": rsa.generate_private_key(65537, 1024),  # noqa: S505 - to be refused
    "dsa": dsa.generate_private_key(1024),  # noqa: S505 - to be refused
}


def pem(private: Any) -> bytes:
    return bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def openssh(private: Any) -> bytes:
    return bytes(private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))


def blob_line(blob: bytes, *, name: str = "") -> str:
    size = int.from_bytes(blob[:4], "big")
    return f"{name or blob[4 : 4 + size].decode()} {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_one_key_has_one_fingerprint_as_pem_and_as_openssh_line(algorithm: str) -> None:
    private = PRIVATE[algorithm]
    as_pem, as_line = load_public_key(pem(private), where="a.pub"), load_public_key(openssh(private) + b" ada@home\n")
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert as_pem == as_line
    assert as_pem.algorithm == algorithm
    assert as_pem.fingerprint == f"spki:sha256:{hashlib.sha256(der).hexdigest()}"


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_the_ssh_encoding_of_a_key_is_the_one_openssh_writes(algorithm: str) -> None:
    private = PRIVATE[algorithm]
    blob = ssh_blob.encode(load_public_key(pem(private)))
    assert blob_line(blob).encode() == openssh(private)
    assert ssh_blob.decode(blob) == load_public_key(pem(private))


def test_a_compressed_point_in_a_subject_public_key_info_is_the_same_key() -> None:
    public = P256.public_key()
    whole = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    point = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    text = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(head + point).decode()}\n-----END PUBLIC KEY-----\n"
    assert head + point != whole
    assert load_public_key(text) == load_public_key(pem(P256))


def test_text_around_a_pem_block_is_ignored() -> None:
    assert load_public_key(b"key of the scanner\n" + pem(P256) + b"\nend") == load_public_key(pem(P256))


def test_key_json_of_securesystemslib_is_the_same_key() -> None:
    ed = PRIVATE["ed25519"]
    raw = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": ed.public_key().public_bytes_raw().hex()}}
    other = {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": pem(P256).decode()}}
    assert load_public_key(json.dumps(raw)) == load_public_key(pem(ed))
    assert load_public_key(json.dumps(other)) == load_public_key(pem(P256))


def security_key_blobs() -> dict[str, bytes]:
    point = P256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    ed = PRIVATE["ed25519"].public_key().public_bytes_raw()
    sk_ed, sk_ec = b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"
    return {
        "sk-ed25519": string(sk_ed) + string(ed) + string(b"ssh:"),
        "sk-ecdsa-p256": string(sk_ec) + string(b"nistp256") + string(point) + string(b"ssh:"),
    }


@pytest.mark.parametrize("algorithm", ["sk-ed25519", "sk-ecdsa-p256"])
def test_a_security_key_is_known_by_its_ssh_blob(algorithm: str) -> None:
    blob = security_key_blobs()[algorithm]
    key = load_public_key(blob_line(blob))
    assert (key.algorithm, key.is_security_key) == (algorithm, True)
    assert key.fingerprint == f"ssh:sha256:{hashlib.sha256(blob).hexdigest()}"
    assert key.fingerprint != load_public_key(blob_line(blob[:-4] + b"ssi:")).fingerprint


def test_a_security_key_never_signs_an_envelope() -> None:
    key = load_public_key(blob_line(security_key_blobs()["sk-ed25519"]))
    assert not holds(key, PRIVATE["ed25519"].sign(b"m"), b"m")
    assert holds(load_public_key(pem(PRIVATE["ed25519"])), PRIVATE["ed25519"].sign(b"m"), b"m")


def certificate_pem() -> bytes:
    return b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def private_pem() -> bytes:
    return P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def refused_keys() -> dict[str, tuple[bytes, str, str]]:
    ed = PRIVATE["ed25519"].public_key().public_bytes_raw()
    good = openssh(PRIVATE["ed25519"]).decode()
    rsa_numbers = PRIVATE["rsa"].public_key().public_numbers()
    n = rsa_numbers.n
    point = P256.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    p256_blob = string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(point)
    off_curve = string(b"\x04" + b"\x01" * 64)
    cert = b"ssh-ed25519-cert-v01@openssh.com"
    two_letters = good.split()[1]
    return {
        "empty": (b"", "key.format", "not a public key"),
        "text": (b"hello", "key.format", "not a public key"),
        "not text": (b"\xff\xfe", "key.format", "not a public key"),
        "two lines": (f"{good}\n{good}".encode(), "key.format", "not a public key"),
        "options before it": (f'command="x" {good}'.encode(), "key.format", "not a public key"),
        "two blocks": (pem(P256) * 2, "key.format", "not exactly one whole PEM block"),
        "cut block": (pem(P256)[:-10], "key.format", "not exactly one whole PEM block"),
        "certificate": (certificate_pem(), "key.type", "a CERTIFICATE, not a PUBLIC KEY"),
        "another thing inside": (
            b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----",
            "key.format",
            "not a public key that can be read",
        ),
        "private": (private_pem(), "key.private", "a private key"),
        "private json": (
            json.dumps({"keyval": {"public": "00", "private": "00"}}).encode(),
            "key.private",
            "a private key",
        ),
        "json without key": (b"{}", "key.format", "no public key in it"),
        "json with short key": (
            b'{"keytype":"ed25519","keyval":{"public":"00"}}',
            "key.format",
            "not 32 bytes of hexadecimal",
        ),
        "small rsa": (pem(WEAK["rsa"]), "key.size", "an RSA key of 1024 bits"),
        "small rsa, ssh": (
            blob_line(string(b"ssh-rsa") + mpint(65537) + mpint(n >> 1024)).encode(),
            "key.size",
            "an RSA key of 1024 bits",
        ),
        "dsa": (pem(WEAK["dsa"]), "key.type", "a kind of key that is not accepted"),
        "secp256k1": (pem(ec.generate_private_key(ec.SECP256K1())), "key.type", "a kind of key that is not accepted"),
        "ed448": (pem(ed448.Ed448PrivateKey.generate()), "key.type", "a kind of key that is not accepted"),
        "ssh-dss": (blob_line(string(b"ssh-dss") + mpint(5)).encode(), "key.type", "keys of type 'ssh-dss' are not"),
        "ssh certificate": (blob_line(string(cert) + string(ed)).encode(), "key.type", "SSH certificates are not"),
        "another name": (
            blob_line(string(b"ssh-ed25519") + string(ed), name="ssh-rsa").encode(),
            "key.format",
            "the line says ssh-rsa, the key inside is ssh-ed25519",
        ),
        "trailing bytes": (blob_line(string(b"ssh-ed25519") + string(ed) + b"\0").encode(), "ssh.encoding", "too many"),
        "short key": (blob_line(string(b"ssh-ed25519") + string(ed[:31])).encode(), "key.format", "not a valid key"),
        "compressed point": (blob_line(p256_blob).encode(), "ssh.encoding", "not uncompressed"),
        "not on the curve": (
            blob_line(string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + off_curve).encode(),
            "key.format",
            "not a valid key",
        ),
        "security key not on the curve": (
            blob_line(
                string(b"sk-ecdsa-sha2-nistp256@openssh.com") + string(b"nistp256") + off_curve + string(b"ssh:")
            ).encode(),
            "key.format",
            "not a valid key",
        ),
        "security key without application": (
            blob_line(string(b"sk-ssh-ed25519@openssh.com") + string(ed) + string(b"")).encode(),
            "ssh.encoding",
            "no application",
        ),
        "security key on another curve": (
            blob_line(string(b"sk-ecdsa-sha2-nistp256@openssh.com") + string(b"nistp384") + off_curve).encode(),
            "ssh.encoding",
            "the curve is not the one of the key type",
        ),
        "security key of another size": (
            blob_line(string(b"sk-ssh-ed25519@openssh.com") + string(ed[:31]) + string(b"ssh:")).encode(),
            "ssh.encoding",
            "not 32 bytes of key",
        ),
        "curve and type differ": (
            blob_line(string(b"ecdsa-sha2-nistp256") + string(b"nistp384") + string(point)).encode(),
            "ssh.encoding",
            "the curve is not the one of the key type",
        ),
        "junk base64": (f"ssh-ed25519 {two_letters[:-2]}*=".encode(), "key.format", "not a public key"),
        "too large": (pem(P256) + b" " * 70_000, "key.format", "larger than"),
    }


REFUSED = refused_keys()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_accepted_public_key_is_refused_with_its_reason(name: str) -> None:
    data, code, message = REFUSED[name]
    with pytest.raises(MalformedError) as caught:
        load_public_key(data, where="keys/scanner.pub")
    assert caught.value.code == code
    assert message in caught.value.message
    assert caught.value.where.startswith("keys/scanner.pub")


def test_base64_with_bits_that_no_byte_holds_is_refused() -> None:
    blob = security_key_blobs()["sk-ed25519"]  # 74 bytes, so the last letter has four bits to spare
    line = blob_line(blob)
    assert line.endswith("=")
    letter = line[-2]
    spare = line[:-2] + chr(ord(letter) + 1) + "="
    assert base64.b64decode(spare.split()[1]) == blob
    with pytest.raises(MalformedError, match="not base64"):
        load_public_key(spare)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_whatever_is_read_only_a_typed_error_comes_out(data: bytes | str) -> None:
    with pytest.raises(GatekeeperError):
        load_public_key(data)


@given(st.sampled_from(sorted(PRIVATE)), st.data())
def test_a_damaged_key_is_refused_or_another_key(algorithm: str, data: st.DataObject) -> None:
    line = bytearray(openssh(PRIVATE[algorithm]))
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] = data.draw(st.integers(0, 255).filter(lambda value: value != line[at]))
    try:
        key = load_public_key(bytes(line))
    except MalformedError:
        return
    assert key != load_public_key(openssh(PRIVATE[algorithm]))


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    # Ed25519 has no traditional format
    [pair for pair in product(PRIVATE, ["pkcs8", "traditional", "openssh"]) if pair != ("ed25519", "traditional")],
)
def test_private_keys_are_read_from_pem_and_openssh(algorithm: str, kind: str) -> None:
    formats = {
        "pkcs8": PrivateFormat.PKCS8,
        "traditional": PrivateFormat.TraditionalOpenSSL,
        "openssh": PrivateFormat.OpenSSH,
    }
    data = PRIVATE[algorithm].private_bytes(Encoding.PEM, formats[kind], NoEncryption())
    key = load_private_key(data, where="key")
    assert key.public == from_material(PRIVATE[algorithm].public_key())
    assert holds(key.public, key.sign(b"message"), b"message")
    assert not holds(key.public, key.sign(b"message"), b"another message")


@pytest.mark.parametrize("kind", [PrivateFormat.PKCS8, PrivateFormat.OpenSSH])
def test_an_encrypted_key_asks_once_for_its_passphrase(kind: PrivateFormat) -> None:
    encryption = (
        PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(1).build(b"correct horse")
        if kind is PrivateFormat.OpenSSH
        else BestAvailableEncryption(b"correct horse")
    )
    data = P256.private_bytes(Encoding.PEM, kind, encryption)
    asked: list[int] = []

    def passphrase() -> str:
        asked.append(1)
        return "correct horse"

    assert load_private_key(data, passphrase=passphrase).public == from_material(P256.public_key())
    assert asked == [1]
    with pytest.raises(UsageError, match="the private key is encrypted") as missing:
        load_private_key(data, where="ada.key")
    assert (missing.value.code, missing.value.where) == ("key.passphrase", "ada.key")
    with pytest.raises(UsageError, match="the passphrase is wrong") as wrong:
        load_private_key(data, where="ada.key", passphrase=lambda: "wrong")
    assert wrong.value.code == "key.passphrase"


def test_a_key_that_is_not_encrypted_asks_for_nothing() -> None:
    def never() -> str:
        raise AssertionError("asked for a passphrase")

    assert load_private_key(private_pem(), passphrase=never).public == from_material(P256.public_key())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "key.format"),
        (b"not a key", "key.format"),
        (pem(P256), "key.format"),
        (private_pem()[:60] + b"\n-----END PRIVATE KEY-----", "key.format"),
        (
            ec.generate_private_key(ec.SECP256K1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "key.type",
        ),
        (WEAK["dsa"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "key.type"),
    ],
    ids=["empty", "text", "public", "damaged", "secp256k1", "dsa"],
)
def test_what_is_no_accepted_private_key_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_private_key(data, where="key.pem")
    assert (caught.value.code, caught.value.where, caught.value.exit_code) == (code, "key.pem", 2)


def test_the_handle_of_a_security_device_cannot_be_read_here_and_the_hint_says_what_can() -> None:
    blob = security_key_blobs()["sk-ed25519"]
    inside = bytes(8) + blob + b"\1" + string(b"handle") + string(b"") + string(b"comment")
    inside += bytes(range(1, 1 + -len(inside) % 8))
    whole = (
        b"openssh-key-v1\0" + string(b"none") * 2 + string(b"") + (1).to_bytes(4, "big") + string(blob) + string(inside)
    )
    text = base64.encodebytes(whole).decode()
    data = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}-----END OPENSSH PRIVATE KEY-----\n".encode()
    with pytest.raises(UsageError, match="a private key that cannot be read here") as caught:
        load_private_key(data)
    assert "give its .pub file" in caught.value.hint


def test_a_private_key_is_never_printed() -> None:
    key = load_private_key(private_pem())
    assert repr(key) == f"PrivateKey(public={key.public!r})"


def test_raw_ecdsa_signatures_hold_on_p256_and_p384_only() -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    hash_of = {"ecdsa-p256": hashes.SHA256(), "ecdsa-p384": hashes.SHA384(), "ecdsa-p521": hashes.SHA512()}
    accepted = {}
    for algorithm, hash_function in hash_of.items():
        private = PRIVATE[algorithm]
        size = (private.curve.key_size + 7) // 8
        r, s = decode_dss_signature(private.sign(b"m", ec.ECDSA(hash_function)))
        accepted[algorithm] = holds(
            load_public_key(pem(private)), r.to_bytes(size, "big") + s.to_bytes(size, "big"), b"m"
        )
    assert accepted == {"ecdsa-p256": True, "ecdsa-p384": True, "ecdsa-p521": False}


def test_keys_of_real_tools_are_read() -> None:
    algorithms = {
        "signatures/dsse-intoto-test/key.json": "ed25519",
        "signatures/dsse-oss-rebuild-kms/key.pem": "ecdsa-p256",
        "signatures/vsa-gke-raw-ecdsa/key.pem": "ecdsa-p256",
        "signatures/model-key-v1.1.0/key.pub": "ecdsa-p384",
        "signatures/intoto-demo-write-code/key.pem": "rsa",
        "signatures/sshsig-ed25519/key.pub": "ed25519",
        "signatures/sshsig-ed25519_sk/key.pub": "sk-ed25519",
        "signatures/sshsig-rsa/key.pub": "rsa",
    }
    read = {path: load_public_key(fixture(path).read_bytes(), where=path).algorithm for path in algorithms}
    assert read == algorithms
