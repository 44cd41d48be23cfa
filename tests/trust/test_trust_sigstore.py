"""Sigstore bundles of a Sigstore in memory: good ones are believed, each bad one differs in one thing."""

from __future__ import annotations

import base64
import copy
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fake_sigstore import CLAIMS, IDENTITY, ISSUER, NOW, FakeSigstore, Leaf, Window, authority, b64, cert_der

from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.errors import ConfigError
from gatekeeper.trust import sigstore
from gatekeeper.trust.sigstore import SigstoreVerdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
OLD, NEW, STRANGER = FakeSigstore(rekor=1), FakeSigstore(rekor=2), FakeSigstore(rekor=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Bundle = dict[str, Any]


def verify(bundle: Bundle | bytes, root: bytes, **options: Any) -> SigstoreVerdict:
    raw = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return sigstore.verify(raw, trusted_root=root, **options)


def entry(bundle: Bundle) -> dict[str, Any]:
    found: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def changed(bundle: Bundle, change: Callable[[Bundle], object]) -> Bundle:
    other = copy.deepcopy(bundle)
    change(other)
    return other


@pytest.mark.parametrize("stamped", [False, True], ids=["", "stamped"])
@pytest.mark.parametrize("fake", [OLD, NEW], ids=["rekor-1", "rekor-2"])
def test_a_good_bundle_says_who_signed_what_and_when(fake: FakeSigstore, *, stamped: bool) -> None:
    bundle = fake.sign(PAYLOAD, stamped_at=[NOW + timedelta(seconds=2)] if stamped else ())
    later = stamped and fake is NEW  # Rekor v2 has no time of its own
    assert verify(bundle, fake.trusted_root()) == SigstoreVerdict(
        status="verified",
        issuer=ISSUER,
        identity=IDENTITY,
        repository="acme/parcel",
        claims={
            "source_repository_uri": CLAIMS[12],
            "build_trigger": CLAIMS[20],
            "runner_environment": CLAIMS[11],
        },
        verified_at=NOW + timedelta(seconds=2) if later else NOW,
        payload=PAYLOAD,
    )


def test_the_verdict_names_whoever_signed_so_that_the_caller_can_compare() -> None:
    claims = {**CLAIMS, 12: "https://github.com/acme/parcel-evil"}
    leaf = OLD.leaf(identity="https://github.com/evil/ci@refs/heads/main", issuer="https://evil.test", claims=claims)
    verdict = verify(OLD.sign(PAYLOAD, leaf=leaf), OLD.trusted_root())
    assert (verdict.status, verdict.identity, verdict.issuer, verdict.repository) == (
        "verified",
        "https://github.com/evil/ci@refs/heads/main",
        "https://evil.test",
        "acme/parcel-evil",
    )


def test_an_email_identity_without_claims_is_an_identity() -> None:
    verdict = verify(OLD.sign(PAYLOAD, leaf=OLD.leaf(identity="ada@acme.test", claims={})), OLD.trusted_root())
    assert (verdict.status, verdict.identity, verdict.repository, verdict.claims) == (
        "verified",
        "ada@acme.test",
        "",
        {},
    )


def test_an_issuer_in_the_old_place_only_is_an_issuer() -> None:
    leaf = OLD.leaf(issuer="", claims={}, old_claims={1: ISSUER, 5: "acme/parcel"})
    verdict = verify(OLD.sign(PAYLOAD, leaf=leaf), OLD.trusted_root())
    assert (verdict.status, verdict.issuer, verdict.repository) == ("verified", ISSUER, "acme/parcel")


def test_a_time_in_the_future_is_reported_for_the_caller_to_judge() -> None:
    at = NOW + 365 * DAY
    assert verify(OLD.sign(PAYLOAD, at=at), OLD.trusted_root()).verified_at == at


SAN = x509.UniformResourceIdentifier(IDENTITY)
OTHER_NAME = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), b"\x0c\x03ada")
NOT_VALID = "the certificate was not valid at the proven time"
NO_TIME = "no time is proven: no timestamp by an authority of the trusted root, no promise of the log"

Attack = tuple[FakeSigstore, Bundle, str]
"""Whose trusted root it is shown to, the bundle, and the reason that must come; rejected."""


def attacks() -> dict[str, Attack]:
    good, other = OLD.sign(PAYLOAD), OLD.sign(b'{"other":1}')
    modern = NEW.sign(PAYLOAD)
    foreign = STRANGER.sign(PAYLOAD)
    early = OLD.leaf(at=NOW - HOUR)
    signature = base64.b64decode(modern["dsseEnvelope"]["signatures"][0]["sig"])

    def stamp(token: bytes) -> Callable[[Bundle], object]:
        stamps = {"rfc3161Timestamps": [{"signedTimestamp": b64(token)}]}
        return lambda bundle: bundle["verificationMaterial"].update(timestampVerificationData=stamps)

    return {
        "expired leaf": (OLD, OLD.sign(PAYLOAD, leaf=early, at=NOW), NOT_VALID),
        "leaf not valid yet": (OLD, OLD.sign(PAYLOAD, leaf=OLD.leaf(at=NOW + HOUR), at=NOW), NOT_VALID),
        "leaf valid at one of two times": (OLD, OLD.sign(PAYLOAD, stamped_at=[NOW + HOUR]), NOT_VALID),
        "another certificate authority": (
            OLD,
            OLD.sign(PAYLOAD, leaf=STRANGER.leaf()),
            "the certificate leads to no authority of the trusted root",
        ),
        "another instance": (OLD, foreign, "the transparency log is not in the trusted root"),
        "another instance under our log's id": (
            OLD,
            changed(foreign, lambda bundle: entry(bundle).update(logId={"keyId": b64(OLD.log_id)})),
            "the certificate leads to no authority of the trusted root",
        ),
        "no certificate transparency": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(sct=False)),
            "the certificate has no single transparency timestamp",
        ),
        "no time at all": (OLD, OLD.sign(PAYLOAD, promise=False), NO_TIME),
        "a time without its promise": (
            OLD,
            changed(good, lambda bundle: entry(bundle).pop("inclusionPromise")),
            NO_TIME,
        ),
        "a time that is none": (
            OLD,
            changed(good, lambda bundle: entry(bundle).update(integratedTime="9" * 18)),
            "the log entry's time is no time",
        ),
        "another time than was promised": (
            OLD,
            changed(good, lambda bundle: entry(bundle).update(integratedTime=str(int(NOW.timestamp()) + 1))),
            "the promise of the log does not hold",
        ),
        "timestamp of a stranger": (NEW, changed(modern, stamp(STRANGER.timestamp(signature, NOW))), NO_TIME),
        "timestamp of another signature": (NEW, changed(modern, stamp(NEW.timestamp(b"another", NOW))), NO_TIME),
        "timestamp that is none": (NEW, changed(modern, stamp(b"0")), "a timestamp cannot be read"),
        "one timestamp twice": (
            NEW,
            changed(modern, lambda bundle: _stamps(bundle).append(_stamps(bundle)[0])),
            "one timestamp is there twice",
        ),
        "endless timestamps": (
            NEW,
            changed(modern, lambda bundle: _stamps(bundle).extend(_stamps(bundle) * 40)),
            "more than 32 timestamps",
        ),
        "log entry of another statement": (
            OLD,
            changed(good, lambda bundle: bundle["verificationMaterial"].update(tlogEntries=[entry(other)])),
            "the log entry is about something else",
        ),
        "log entry of another statement, Rekor 2": (
            NEW,
            changed(
                modern,
                lambda bundle: bundle["verificationMaterial"].update(tlogEntries=[entry(NEW.sign(b"{}"))]),
            ),
            "the log entry is about something else",
        ),
        "another place in the log": (
            OLD,
            changed(other, lambda bundle: entry(bundle)["inclusionProof"].update(logIndex="0")),
            "the inclusion proof of the log does not hold",
        ),
        "checkpoint of another tree": (
            OLD,
            changed(good, lambda bundle: entry(bundle)["inclusionProof"].update(checkpoint=_checkpoint(other))),
            "the inclusion proof of the log does not hold",
        ),
        "checkpoint of another log": (
            OLD,
            changed(good, lambda bundle: entry(bundle)["inclusionProof"].update(checkpoint=_checkpoint(foreign))),
            "the checkpoint of the log does not hold",
        ),
        "no checkpoint": (
            OLD,
            changed(good, lambda bundle: entry(bundle)["inclusionProof"].pop("checkpoint")),
            "the log entry holds no inclusion proof with checkpoint",
        ),
        "payload swapped": (
            OLD,
            changed(good, lambda bundle: bundle["dsseEnvelope"].update(payload=b64(b'{"other":1}'))),
            "the signature does not hold",
        ),
        "signature of another statement": (
            OLD,
            changed(good, lambda bundle: bundle["dsseEnvelope"].update(signatures=other["dsseEnvelope"]["signatures"])),
            "the signature does not hold",
        ),
        "second valid signature, not the one in the log": (
            OLD,
            _signed_again(),
            "the log entry is about something else",
        ),
        "payload type that was signed": (
            OLD,
            OLD.sign(PAYLOAD, payload_type="text/plain"),
            f"the payload type is 'text/plain', not {PAYLOAD_TYPE}",
        ),
        "payload type relabelled": (
            OLD,
            changed(
                OLD.sign(PAYLOAD, payload_type="text/plain"),
                lambda bundle: bundle["dsseEnvelope"].update(payloadType=PAYLOAD_TYPE),
            ),
            "the signature does not hold",
        ),
        "no signature": (
            OLD,
            changed(good, lambda bundle: bundle["dsseEnvelope"].update(signatures=[])),
            "the envelope does not hold exactly one signature",
        ),
        "two signatures": (
            OLD,
            changed(good, lambda bundle: bundle["dsseEnvelope"]["signatures"].append({"sig": "YQ=="})),
            "the envelope does not hold exactly one signature",
        ),
        "no certificate": (
            OLD,
            changed(good, lambda bundle: bundle["verificationMaterial"].pop("certificate")),
            "the bundle holds no certificate",
        ),
        "certificate that is none": (
            OLD,
            changed(good, lambda bundle: bundle["verificationMaterial"].update(certificate={"rawBytes": "MAA="})),
            "the verifier refused it",
        ),
        "nothing signed": (
            OLD,
            changed(good, lambda bundle: bundle.pop("dsseEnvelope")),
            "the bundle does not hold exactly one signed content",
        ),
        "two things signed": (
            OLD,
            changed(good, lambda bundle: bundle.update(messageSignature={"signature": "YQ=="})),
            "the bundle does not hold exactly one signed content",
        ),
        "unknown field": (OLD, changed(good, lambda bundle: bundle.update(more=1)), "the bundle is malformed"),
        "no identity": (OLD, OLD.sign(PAYLOAD, leaf=OLD.leaf(sans=[])), "the certificate names no identity"),
        "two identities": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(sans=[SAN, x509.UniformResourceIdentifier("https://evil.test")])),
            "the certificate names 2 identities",
        ),
        "one identity twice": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(sans=[SAN, SAN])),
            "the certificate names 2 identities",
        ),
        "an identity with a line break": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(sans=[x509.UniformResourceIdentifier(f"{IDENTITY}\n")])),
            "the certificate's identity is empty or holds invisible characters",
        ),
        "an identity with a NUL": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(sans=[x509.UniformResourceIdentifier(f"{IDENTITY}\0.evil.test")])),
            "the certificate's identity is empty or holds invisible characters",
        ),
        "no issuer": (OLD, OLD.sign(PAYLOAD, leaf=OLD.leaf(issuer="")), "the certificate names no issuer"),
        "two issuers": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(old_claims={1: "https://evil.test"})),
            "the certificate names two issuers",
        ),
        "two repositories": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(old_claims={5: "acme/other"})),
            "the certificate names two source repositories",
        ),
        "an issuer with a right-to-left mark": (
            OLD,
            OLD.sign(PAYLOAD, leaf=OLD.leaf(issuer="https://issuer.test\u200f")),
            "the certificate's issuer_v1 is empty or holds invisible characters",
        ),
        "a claim that is no UTF8String": (
            OLD,
            OLD.sign(PAYLOAD, leaf=_leaf_with_claim(20, b"push")),
            "the claim build_trigger is no UTF8String",
        ),
        "a claim with something after it": (
            OLD,
            OLD.sign(PAYLOAD, leaf=_leaf_with_claim(20, b"\x0c\x04pushing")),
            "the claim build_trigger is no UTF8String",
        ),
        "a claim that is not UTF-8": (
            OLD,
            OLD.sign(PAYLOAD, leaf=_leaf_with_claim(20, b"\x0c\x01\xff")),
            "the claim build_trigger is not UTF-8",
        ),
    }


def _stamps(bundle: Bundle) -> list[dict[str, str]]:
    found: list[dict[str, str]] = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    return found


def _checkpoint(bundle: Bundle) -> dict[str, str]:
    found: dict[str, str] = entry(bundle)["inclusionProof"]["checkpoint"]
    return found


def _signed_again() -> Bundle:
    leaf = OLD.leaf()
    first, second = OLD.sign(PAYLOAD, leaf=leaf), OLD.sign(PAYLOAD, leaf=leaf)
    return changed(first, lambda bundle: bundle.update(dsseEnvelope=second["dsseEnvelope"]))


def _leaf_with_claim(number: int, value: bytes) -> Leaf:
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}"), value)
    claims = {key: text for key, text in CLAIMS.items() if key != number}
    return OLD.leaf(claims=claims, extensions=[extension])


ATTACKS = attacks()


@pytest.mark.parametrize("name", ATTACKS)
def test_a_bundle_that_is_wrong_in_one_thing_is_rejected_with_its_reason(name: str) -> None:
    fake, bundle, reason = ATTACKS[name]
    verdict = verify(bundle, fake.trusted_root())
    assert verdict == SigstoreVerdict(status="rejected", reason=reason)
    assert verify(fake.sign(PAYLOAD), fake.trusted_root()).status == "verified"  # the twin


def test_an_expired_leaf_was_good_while_it_was_valid() -> None:
    early = OLD.leaf(at=NOW - HOUR)
    bundle = OLD.sign(PAYLOAD, leaf=early, at=NOW - HOUR + timedelta(minutes=5))
    assert verify(bundle, OLD.trusted_root()).status == "verified"


def test_a_timestamp_that_proves_nothing_is_passed_over_when_the_log_promised_a_time() -> None:
    bundle = OLD.sign(PAYLOAD)
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": b64(STRANGER.timestamp(signature, NOW + HOUR))}]}
    bundle["verificationMaterial"]["timestampVerificationData"] = stamps
    verdict = verify(bundle, OLD.trusted_root())
    assert (verdict.status, verdict.verified_at) == ("verified", NOW)


UNSUPPORTED: dict[str, tuple[Callable[[Bundle], object], str]] = {
    "no bundle": (lambda bundle: bundle.pop("mediaType"), "a document that is no Sigstore bundle"),
    "another format": (
        lambda bundle: bundle.update(mediaType="application/vnd.dev.sigstore.bundle.v0.9+json"),
        "the bundle format 'application/vnd.dev.sigstore.bundle.v0.9+json'",
    ),
    "signed with a key": (
        lambda bundle: bundle["verificationMaterial"].update(publicKey={"hint": "x"}),
        "a bundle signed with a key, which it only hints at",
    ),
    "no log": (
        lambda bundle: bundle["verificationMaterial"].pop("tlogEntries"),
        "a bundle with 0 transparency log entries",
    ),
    "two log entries": (
        lambda bundle: bundle["verificationMaterial"]["tlogEntries"].append(entry(bundle)),
        "a bundle with 2 transparency log entries",
    ),
    "npm": (
        lambda bundle: entry(bundle).update(kindVersion={"kind": "intoto", "version": "0.0.2"}),
        "a log entry of type intoto/0.0.2",
    ),
    "a file": (
        lambda bundle: (bundle.pop("dsseEnvelope"), bundle.update(messageSignature={"signature": "YQ=="})),
        "a log entry of type dsse/0.0.1",
    ),
    "old and without checkpoint": (
        lambda bundle: (
            bundle.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=0.1"),
            entry(bundle)["inclusionProof"].pop("checkpoint"),
        ),
        "a log entry of bundle format 0.1 without checkpoint",
    ),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_shape_that_nothing_here_checks_is_unsupported_by_name(name: str) -> None:
    change, reason = UNSUPPORTED[name]
    verdict = verify(changed(OLD.sign(PAYLOAD), change), OLD.trusted_root())
    assert verdict == SigstoreVerdict(status="unsupported", reason=reason)


@pytest.mark.parametrize(
    ("leaf", "reason"),
    [
        ({"key": ed25519.Ed25519PrivateKey.generate()}, "a certificate whose key is not ECDSA on P-256 or P-384"),
        ({"key": rsa.generate_private_key(65537, 2048)}, "a certificate whose key is not ECDSA on P-256 or P-384"),
        ({"key": ec.generate_private_key(ec.SECP521R1())}, "a certificate whose key is not ECDSA on P-256 or P-384"),
        ({"sans": [OTHER_NAME]}, "an identity that is neither an e-mail address nor a URI"),
    ],
    ids=["ed25519", "rsa", "p521", "user name"],
)
def test_a_certificate_that_nothing_here_checks_is_unsupported(leaf: dict[str, Any], reason: str) -> None:
    certificate = {"rawBytes": b64(cert_der(OLD.leaf(**leaf).certificate))}
    bundle = changed(OLD.sign(PAYLOAD), lambda bundle: bundle["verificationMaterial"].update(certificate=certificate))
    assert verify(bundle, OLD.trusted_root()) == SigstoreVerdict(status="unsupported", reason=reason)


def test_a_bundle_that_signs_a_file_is_checked_against_the_file_only_when_asked() -> None:
    bundle = OLD.sign(PAYLOAD)
    verdict = verify(bundle, OLD.trusted_root(), artifact_sha256=bytes(32))
    assert verdict == SigstoreVerdict(status="rejected", reason="the bundle signs a statement, not a file")


ENDED = "no {} of the trusted root counted at 2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    "window", [Window(end=NOW - DAY), Window(start=NOW + timedelta(seconds=1))], ids=["ended", "later"]
)
@pytest.mark.parametrize(
    ("authority", "reason"),
    [
        ("ca", ENDED.format("certificate authority")),
        ("log", ENDED.format("key of the transparency log")),
        ("ct", ENDED.format("certificate transparency log")),
    ],
)
def test_an_authority_counts_inside_its_window_only(authority: str, reason: str, window: Window) -> None:
    bundle = OLD.sign(PAYLOAD)
    windows: dict[str, Any] = {authority: window}
    assert verify(bundle, OLD.trusted_root(**windows)) == SigstoreVerdict(status="rejected", reason=reason)
    windows[authority] = Window(start=NOW, end=NOW)  # both ends count
    assert verify(bundle, OLD.trusted_root(**windows)).status == "verified"


def test_a_timestamp_authority_counts_inside_its_window_only() -> None:
    bundle = NEW.sign(PAYLOAD)
    for window in (Window(end=NOW - DAY), Window(start=NOW + DAY)):
        assert verify(bundle, NEW.trusted_root(tsa=window)) == SigstoreVerdict(status="rejected", reason=NO_TIME)
    assert verify(bundle, NEW.trusted_root(tsa=Window(start=NOW, end=NOW))).status == "verified"
    assert verify(bundle, NEW.trusted_root(with_tsa=False)) == SigstoreVerdict(status="rejected", reason=NO_TIME)


def test_a_timestamp_authority_without_a_root_certificate_proves_nothing() -> None:
    root = json.loads(NEW.trusted_root())
    root["timestampAuthorities"][0]["certChain"]["certificates"].pop()
    assert verify(NEW.sign(PAYLOAD), json.dumps(root).encode()) == SigstoreVerdict(status="rejected", reason=NO_TIME)


def test_a_timestamp_authority_may_have_intermediate_certificates() -> None:
    fake = FakeSigstore(rekor=2)
    between_key = ec.generate_private_key(ec.SECP256R1())
    between = authority("fake intermediate timestamps", between_key, fake.tsa_root, fake.tsa_root_key)
    fake.tsa = authority("fake timestamps", fake.tsa_key, between, between_key, timestamping=True)
    root = json.loads(fake.trusted_root())
    chain = root["timestampAuthorities"][0]["certChain"]["certificates"]
    chain.insert(1, {"rawBytes": b64(cert_der(between))})
    assert verify(fake.sign(PAYLOAD), json.dumps(root).encode()).status == "verified"


def test_windows_are_compared_with_the_proven_time_and_not_with_today() -> None:
    at = datetime(2035, 6, 1, tzinfo=UTC)
    window = Window(start=datetime(2035, 1, 1, tzinfo=UTC))
    root = OLD.trusted_root(ca=window, log=window, ct=window)
    assert verify(OLD.sign(PAYLOAD, at=at), root).status == "verified"


def test_a_log_that_is_named_wrongly_does_not_escape_its_window() -> None:
    # the library tries every key of the root when it does not know the log's id
    retired = FakeSigstore(rekor=2)
    unknown = b"\x07" * 32
    retired.log_id = unknown
    bundle, root = retired.sign(PAYLOAD), retired.trusted_root(log=Window(end=NOW - DAY))
    assert _library_accepts(bundle, root)
    expected = SigstoreVerdict(status="rejected", reason="the transparency log is not in the trusted root")
    assert verify(bundle, root) == expected


def _library_accepts(bundle: Bundle, root: bytes) -> bool:
    from sigstore.models import Bundle as LibraryBundle
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier, policy
    from sigstore_models.trustroot.v1 import TrustedRoot as Model

    verifier = Verifier(trusted_root=TrustedRoot(Model.from_json(root)))
    identity = policy.Identity(identity=IDENTITY, issuer=ISSUER)
    verifier.verify_dsse(LibraryBundle.from_json(json.dumps(bundle)), identity)
    return True


MALFORMED: dict[str, Callable[[str], str]] = {
    "a key twice": lambda text: text.replace('"payload":', '"payload": "e30=", "payload":', 1),
    "the other name of a field": lambda text: text.replace('"dsseEnvelope"', '"dsse_envelope"'),
    "both names of a field": lambda text: text.replace('"payloadType"', '"payload_type": "x", "payloadType"'),
    "junk in base64": lambda text: text.replace('"payload": "', '"payload": "*'),
    "a blank in base64": lambda text: text.replace('"rawBytes": "M', '"rawBytes": "M '),
    "a line break in base64": lambda text: text.replace('"sig": "M', '"sig": "M\\n'),
    "URL-safe base64 where none is": lambda text: text.replace('"keyId": "', '"keyId": "_'),
    "a number with a sign": lambda text: text.replace('"integratedTime": "', '"integratedTime": "+'),
    "a number with a zero before it": lambda text: text.replace('"integratedTime": "', '"integratedTime": "0'),
    "a number with an underscore": lambda text: text.replace('"integratedTime": "1', '"integratedTime": "1_'),
    "a negative number": lambda text: text.replace('"logIndex": "', '"logIndex": "-'),
    "another script's digits": lambda text: text.replace('"treeSize": "', '"treeSize": "\u0661'),
    "a bare number": lambda text: text.replace(f'"{int(NOW.timestamp())}"', str(int(NOW.timestamp()))),
    "an endless number": lambda text: text.replace('"logIndex": "', '"logIndex": "' + "9" * 30),
    "cut off": lambda text: text[:-1],
    "empty": lambda _text: "",
    "a list": lambda text: f"[{text}]",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_bundle_that_two_readers_could_read_differently_is_malformed(name: str) -> None:
    text = json.dumps(OLD.sign(PAYLOAD))
    spoilt = MALFORMED[name](text)
    assert spoilt != text
    verdict = verify(spoilt.encode(), OLD.trusted_root())
    assert verdict.status == "rejected"
    assert verdict.reason.startswith("the bundle is malformed: ")


def spoil_root(change: Callable[[dict[str, Any]], object]) -> bytes:
    root = json.loads(OLD.trusted_root())
    change(root)
    return json.dumps(root).encode()


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (b"", "the document is empty"),
        (b"[]", "not a JSON object"),
        (b"{}", "the format is None"),
        (spoil_root(lambda root: root.update(mediaType="x")), "the format is 'x'"),
        (spoil_root(lambda root: root.update(tlogs={})), "not a list of objects"),
        (spoil_root(lambda root: root["tlogs"][0]["publicKey"].pop("validFor")), "no window with a start"),
        (spoil_root(lambda root: root["tlogs"][0]["publicKey"]["validFor"].pop("start")), "no window with a start"),
        (spoil_root(lambda root: root["ctlogs"][0]["publicKey"].update(validFor={"start": "x"})), "not an RFC 3339"),
        (spoil_root(lambda root: root["certificateAuthorities"][0].pop("validFor")), "no window with a start"),
        (spoil_root(lambda root: root["certificateAuthorities"][0].pop("certChain")), "no certificates"),
        (
            spoil_root(
                lambda root: root["timestampAuthorities"][0].update(certChain={"certificates": [{"rawBytes": "MAA="}]})
            ),
            "a certificate that cannot be read",
        ),
        (spoil_root(lambda root: root["tlogs"][0].pop("logId")), "no public key or no log id"),
        (spoil_root(lambda root: root["tlogs"][0]["publicKey"].update(keyDetails="x")), "cannot be used"),
    ],
)
def test_a_trusted_root_that_cannot_be_used_is_an_error_and_no_verdict(root: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match="the Sigstore trusted root cannot be used") as caught:
        verify(OLD.sign(PAYLOAD), root)
    assert message in str(caught.value)
    assert (caught.value.code, caught.value.exit_code) == ("sigstore.root", 3)


def test_a_trusted_root_is_checked_before_there_is_a_bundle() -> None:
    sigstore.check_trusted_root(OLD.trusted_root())
    with pytest.raises(ConfigError, match="no window with a start"):
        sigstore.check_trusted_root(spoil_root(lambda root: root["tlogs"][0]["publicKey"].pop("validFor")))


def test_what_lies_in_the_user_s_cache_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned = STRANGER.trusted_root()
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for base in ("", ".cache", ".local/share"):
        for url in ("https://tuf-repo-cdn.sigstore.dev", "https://tuf-repo-cdn.sigstage.dev"):
            folder = tmp_path / base / "sigstore-python" / "tuf" / quote(url, safe="")
            folder.mkdir(parents=True)
            (folder / "trusted_root.json").write_bytes(poisoned)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert verify(STRANGER.sign(PAYLOAD), OLD.trusted_root()).status == "rejected"
    assert verify(OLD.sign(PAYLOAD), OLD.trusted_root()).status == "verified"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_poisoned_cache_of_that_test_would_fool_the_library_on_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigstore.models import ClientTrustConfig

    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    ClientTrustConfig.production(offline=True)
    for path in tmp_path.rglob("trusted_root.json"):
        path.write_bytes(STRANGER.trusted_root())
    fooled = ClientTrustConfig.production(offline=True).trusted_root
    assert fooled._inner.tlogs[0].base_url == "https://rekor.fake.test"


def test_nothing_goes_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    fresh = FakeSigstore(rekor=2)
    assert verify(fresh.sign(PAYLOAD), fresh.trusted_root()).status == "verified"


def test_an_unwritable_home_and_no_temporary_folder_are_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CACHE_HOME", "TMPDIR"):
        monkeypatch.setenv(variable, f"{os.devnull}/nowhere")
    fresh = FakeSigstore()
    assert verify(fresh.sign(PAYLOAD), fresh.trusted_root()).status == "verified"


def test_reasons_are_the_same_for_every_instance() -> None:
    reasons = set()
    for _ in range(3):
        fake = FakeSigstore()
        bundle = fake.sign(PAYLOAD, leaf=replace(fake.leaf(), certificate=STRANGER.leaf().certificate))
        reasons.add(verify(bundle, fake.trusted_root()).reason)
    assert reasons == {"the certificate leads to no authority of the trusted root"}


def test_a_reason_is_short_however_long_the_bundle_s_own_words_are() -> None:
    bundle = changed(OLD.sign(PAYLOAD), lambda bundle: bundle.update(mediaType="x" * 10_000))
    assert len(verify(bundle, OLD.trusted_root()).reason) < 200
    bundle = changed(OLD.sign(PAYLOAD), lambda bundle: bundle.update({"_" + "x" * 10_000: 1}))
    assert len(verify(bundle, OLD.trusted_root()).reason) == 500


def test_what_the_library_gives_back_has_to_be_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from sigstore.verify import Verifier

    monkeypatch.setattr(Verifier, "verify_dsse", lambda *_arguments: (PAYLOAD_TYPE, b"another"))
    verdict = verify(OLD.sign(PAYLOAD), OLD.trusted_root())
    assert verdict == SigstoreVerdict(status="rejected", reason="what was verified is not what was read")


def test_threads_share_the_verifier() -> None:
    jobs = [(fake, fake.sign(b'{"n":%d}' % number)) for number in range(20) for fake in (OLD, NEW)]
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda job: verify(job[1], job[0].trusted_root()), jobs))
    assert [verdict.payload for verdict in verdicts] == [
        base64.b64decode(bundle["dsseEnvelope"]["payload"]) for _, bundle in jobs
    ]
