"""DSSE envelopes: distinct keys are counted, by what they are; nothing else about an envelope is believed."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper._limits import MAX_SIGNATURES
from gatekeeper.attestation import PAYLOAD_TYPE, Attestation, Signature, read_attestation
from gatekeeper.errors import LimitError, MalformedError, UsageError
from gatekeeper.trust import dsse
from gatekeeper.trust.keys import load_public_key
from gatekeeper.trust.private_keys import PrivateKey, load_private_key
from gatekeeper.trust.public_key import from_material
from shared import fixture

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'


def private_key(material: Any) -> PrivateKey:
    return load_private_key(material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


KEYS: dict[str, PrivateKey] = {
    "ecdsa-p256": private_key(ec.generate_private_key(ec.SECP256R1())),
    "ecdsa-p384": private_key(ec.generate_private_key(ec.SECP384R1())),
    "ecdsa-p521": private_key(ec.generate_private_key(ec.SECP521R1())),
    "ed25519": private_key(ed25519.Ed25519PrivateKey.generate()),
    "rsa": private_key(rsa.generate_private_key(65537, 2048)),
}
ADA, BOB = KEYS["ed25519"], KEYS["ecdsa-p256"]


def read(raw: bytes) -> Attestation:
    attestation = read_attestation(raw)
    assert attestation is not None
    return attestation


def changed(raw: bytes, **fields: Any) -> Attestation:
    return read(json.dumps({**json.loads(raw), **fields}).encode())


def signature_of(key: PrivateKey, payload: bytes = PAYLOAD, payload_type: str = PAYLOAD_TYPE) -> dict[str, str]:
    signature: dict[str, str] = json.loads(dsse.sign(payload, payload_type, key))["signatures"][0]
    return signature


def test_the_encoding_that_is_signed_is_the_one_of_the_specification() -> None:
    # protocol.md, "Test Vectors"
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected


def test_the_signature_of_the_specification_holds() -> None:
    # protocol.md, "Test Vectors": ECDSA on P-256, raw r || s
    numbers = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    )
    sig = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    envelope = {
        "payload": "aGVsbG8gd29ybGQ=",
        "payloadType": "http://example.com/HelloWorld",
        "signatures": [{"keyid": "66301bbf", "sig": sig}],
    }
    key = from_material(numbers.public_key())
    attestation = read(json.dumps(envelope).encode())
    assert dsse.verify(attestation, [key], payload_types=["http://example.com/HelloWorld"]) == {key.fingerprint}


def test_lengths_are_counted_in_bytes() -> None:
    assert dsse.pae("é", "ü".encode()) == b"DSSEv1 2 \xc3\xa9 2 \xc3\xbc"
    signed = dsse.sign(PAYLOAD, "é", ADA)
    assert dsse.verify(read(signed), [ADA.public], payload_types=["é"]) == {ADA.public.fingerprint}


@pytest.mark.parametrize("algorithm", KEYS)
def test_what_is_signed_verifies_under_its_key_and_under_no_other(algorithm: str) -> None:
    key = KEYS[algorithm]
    attestation = read(dsse.sign(PAYLOAD, PAYLOAD_TYPE, key))
    others = [other.public for other in KEYS.values() if other is not key]
    assert attestation.signatures[0].keyid == key.public.fingerprint
    assert dsse.verify(attestation, [key.public, *others]) == {key.public.fingerprint}
    assert dsse.verify(attestation, others) == frozenset()


def test_two_people_signing_are_two() -> None:
    both = dsse.add_signature(dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA), BOB)
    expected = {ADA.public.fingerprint, BOB.public.fingerprint}
    assert dsse.verify(read(both), [ADA.public, BOB.public]) == expected
    assert dsse.verify(read(both), [BOB.public]) == {BOB.public.fingerprint}


def test_signing_again_replaces_the_signature() -> None:
    once = dsse.sign(PAYLOAD, PAYLOAD_TYPE, BOB)
    twice = dsse.add_signature(once, BOB)
    assert len(json.loads(twice)["signatures"]) == 1
    assert dsse.verify(read(twice), [BOB.public]) == {BOB.public.fingerprint}


def test_one_key_under_two_key_ids_counts_once() -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, BOB)
    first, second = signature_of(BOB), signature_of(BOB)
    assert first["sig"] != second["sig"]  # ECDSA is randomised: two signatures that both hold
    twice = changed(raw, signatures=[{**first, "keyid": "one"}, {**second, "keyid": "two"}])
    assert dsse.verify(twice, [BOB.public, BOB.public]) == {BOB.public.fingerprint}


def test_one_key_written_in_two_ways_counts_once() -> None:
    public = ADA.material.public_key()
    from cryptography.hazmat.primitives.serialization import PublicFormat

    pem = load_public_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    line = load_public_key(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    assert len(dsse.verify(read(dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)), [pem, line])) == 1


@pytest.mark.parametrize(
    "keyid", ["", "whatever", None, 5, BOB.public.fingerprint], ids=["empty", "other", "none", "number", "bob"]
)
def test_the_key_id_is_never_looked_at(keyid: object) -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)
    renamed = changed(raw, signatures=[{**signature_of(ADA), "keyid": keyid}])
    assert dsse.verify(renamed, [ADA.public, BOB.public]) == {ADA.public.fingerprint}
    assert dsse.verify(renamed, [BOB.public]) == frozenset()


def test_a_missing_key_id_is_no_obstacle() -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)
    nameless = changed(raw, signatures=[{"sig": signature_of(ADA)["sig"]}])
    assert dsse.verify(nameless, [ADA.public]) == {ADA.public.fingerprint}


def test_the_key_id_of_a_trusted_key_with_the_signature_of_another_is_nothing() -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, BOB)
    forged = changed(raw, signatures=[{**signature_of(BOB), "keyid": ADA.public.fingerprint}])
    assert dsse.verify(forged, [ADA.public]) == frozenset()


def test_another_payload_under_the_same_signature_is_nothing() -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)
    swapped = changed(raw, payload=base64.b64encode(PAYLOAD + b" ").decode())
    assert dsse.verify(swapped, [ADA.public]) == frozenset()
    assert dsse.verify(read(raw), [ADA.public]) == {ADA.public.fingerprint}


@pytest.mark.parametrize(
    "payload_type",
    ["text/plain", "APPLICATION/vnd.in-toto+json", f"{PAYLOAD_TYPE} ", f" {PAYLOAD_TYPE}", "", f"{PAYLOAD_TYPE}\0"],
)
def test_another_payload_type_is_refused_even_when_it_was_signed(payload_type: str) -> None:
    attestation = read(dsse.sign(PAYLOAD, payload_type, ADA))
    with pytest.raises(MalformedError) as caught:
        dsse.verify(attestation, [ADA.public])
    assert (caught.value.code, caught.value.where) == ("dsse.payload_type", "$.payloadType")
    assert dsse.verify(attestation, [ADA.public], payload_types=[payload_type]) == {ADA.public.fingerprint}


def test_a_payload_type_that_was_swapped_for_the_right_one_is_nothing() -> None:
    relabelled = changed(dsse.sign(PAYLOAD, "text/plain", ADA), payloadType=PAYLOAD_TYPE)
    assert dsse.verify(relabelled, [ADA.public]) == frozenset()


@pytest.mark.parametrize(
    "signatures", [[], None, {}, [{"keyid": "x", "sig": ""}], [{"sig": "*"}], [{"sig": "YQ"}], [{}]]
)
def test_an_envelope_without_a_real_signature_is_unreadable_and_never_verified(signatures: object) -> None:
    attestation = changed(dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA), signatures=signatures)
    assert attestation.form == "unreadable"
    with pytest.raises(UsageError):
        dsse.verify(attestation, [ADA.public])


def test_an_attestation_without_signatures_verifies_under_nothing() -> None:
    bare = Attestation(raw=b"", form="dsse", payload=PAYLOAD, payload_type=PAYLOAD_TYPE)
    assert dsse.verify(bare, [ADA.public]) == frozenset()


def test_no_keys_no_signers() -> None:
    assert dsse.verify(read(dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)), []) == frozenset()


def test_ten_thousand_signatures_are_refused_at_once() -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)
    started = time.monotonic()
    attestation = changed(raw, signatures=[{"keyid": str(n), "sig": "YWJj"} for n in range(10_000)])
    assert attestation.form == "unreadable"
    assert "more than 32 signatures" in attestation.problem
    built = Attestation(
        raw=raw,
        form="dsse",
        payload=PAYLOAD,
        payload_type=PAYLOAD_TYPE,
        signatures=tuple(Signature(keyid="", value=str(n).encode()) for n in range(10_000)),
    )
    with pytest.raises(LimitError, match="more than 32 signatures"):
        dsse.verify(built, [key.public for key in KEYS.values()])
    assert time.monotonic() - started < 1


def test_no_envelope_gets_more_signatures_than_can_be_read() -> None:
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, ADA)
    full = json.dumps(
        {**json.loads(raw), "signatures": [{"keyid": str(n), "sig": "YWJj"} for n in range(MAX_SIGNATURES)]}
    )
    with pytest.raises(LimitError):
        dsse.add_signature(full.encode(), BOB)


@pytest.mark.parametrize("raw", [b"[]", b"{}", PAYLOAD, b'{"payload":"","payloadType":"x","signatures":[]}'])
def test_only_an_envelope_gets_another_signature(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        dsse.add_signature(raw, BOB)


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "ecdsa-p384"])
def test_raw_ecdsa_signatures_are_read_as_well(algorithm: str) -> None:
    key = KEYS[algorithm]
    size = key.material.curve.key_size // 8
    raw = dsse.sign(PAYLOAD, PAYLOAD_TYPE, key)
    r, s = decode_dss_signature(read(raw).signatures[0].value)
    plain = base64.b64encode(r.to_bytes(size, "big") + s.to_bytes(size, "big")).decode()
    assert dsse.verify(changed(raw, signatures=[{"sig": plain}]), [key.public]) == {key.public.fingerprint}
    zero = base64.b64encode(bytes(2 * size)).decode()
    assert dsse.verify(changed(raw, signatures=[{"sig": zero}]), [key.public]) == frozenset()


def test_url_safe_base64_is_the_same_envelope() -> None:
    # allowed by the specification, in protocol.md under "Signature Definition"
    raw = dsse.sign(b"\xfb\xff", PAYLOAD_TYPE, ADA)
    value = json.loads(raw)["signatures"][0]["sig"].replace("+", "-").replace("/", "_")
    attestation = changed(raw, payload="-_8=", signatures=[{"sig": value}])
    assert attestation.payload == b"\xfb\xff"
    assert dsse.verify(attestation, [ADA.public]) == {ADA.public.fingerprint}


@given(st.sampled_from(["payload", "payloadType", "sig"]), st.data())
def test_no_changed_envelope_verifies_with_another_payload(field: str, data: st.DataObject) -> None:
    envelope = json.loads(ENVELOPE)
    holder = envelope["signatures"][0] if field == "sig" else envelope
    text = holder[field]
    at = data.draw(st.integers(0, len(text)))
    width = data.draw(st.integers(0, 2))
    holder[field] = text[:at] + data.draw(st.text("AZaz09+/=-_ .", max_size=2)) + text[at + width :]
    attestation = read(json.dumps(envelope).encode())
    try:
        found = dsse.verify(attestation, [BOB.public])
    except (MalformedError, UsageError):
        return
    assert not found or attestation.payload == PAYLOAD


ENVELOPE = dsse.sign(PAYLOAD, PAYLOAD_TYPE, BOB)


@given(st.binary(max_size=100), st.lists(st.binary(min_size=1, max_size=150), max_size=5))
def test_arbitrary_signatures_hold_under_no_key(payload: bytes, values: list[bytes]) -> None:
    attestation = Attestation(
        raw=b"",
        form="dsse",
        payload=payload,
        payload_type=PAYLOAD_TYPE,
        signatures=tuple(Signature(keyid=BOB.public.fingerprint, value=value) for value in values),
    )
    assert dsse.verify(attestation, [key.public for key in KEYS.values()]) == frozenset()


def test_a_real_envelope_with_another_payload_type_needs_to_be_allowed_by_name() -> None:
    attestation = read(fixture("signatures/dsse-oss-rebuild-kms/envelope.dsse.json").read_bytes())
    key = load_public_key(fixture("signatures/dsse-oss-rebuild-kms/key.pem").read_bytes())
    with pytest.raises(MalformedError, match=r"the payload type is 'https://in-toto\.io/Statement/v1'"):
        dsse.verify(attestation, [key])
    allowed = (PAYLOAD_TYPE, "https://in-toto.io/Statement/v1")
    assert dsse.verify(attestation, [key], payload_types=allowed) == {key.fingerprint}
