"""A report becomes an attestation, and what it says is read back the same."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper._version import __version__
from gatekeeper.attestation import PAYLOAD_TYPE, Statement, parse_statement, statement_bytes
from gatekeeper.collect.attest import attest, attest_reading
from gatekeeper.collect.reading import Reading, Report
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.facts import FACTS_TYPE
from gatekeeper.facts.predicate import claimed_slot, read_facts
from gatekeeper.subject import Subject
from gatekeeper.trust import dsse
from gatekeeper.trust.private_keys import PrivateKey, load_private_key

if TYPE_CHECKING:
    from pathlib import Path

JUNIT = b"<testsuite name='s'><testcase name='a'><failure message='password=hunter22'/></testcase></testsuite>"
SHA = "ab" * 32
SUBJECT = Subject.of("parcel", {"sha256": SHA})
AT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return load_private_key(pem)


@dataclass
class KeySigner:
    key: PrivateKey

    def sign(self, payload: bytes) -> bytes:
        return dsse.sign(payload, PAYLOAD_TYPE, self.key)


def test_the_statement_says_all_that_was_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_bytes(JUNIT)
    attestation = attest(path, subject=SUBJECT, slot="unit", shard=(2, 4), at=AT)

    assert (attestation.form, attestation.name, attestation.signatures) == ("plain", "junit.xml", ())
    assert attestation.raw == attestation.payload
    assert json.loads(attestation.raw) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "parcel", "digest": {"sha256": SHA}}],
        "predicateType": FACTS_TYPE,
        "predicate": {
            "kind": "test_results",
            "slot": "unit",
            "shard": "2/4",
            "format": "junit",
            "facts": {
                "total": 1,
                "passed": 0,
                "failed": 1,
                "errored": 0,
                "skipped": 0,
                "flaky": 0,
                "executed": 1,
                "cases": [
                    {
                        "name": "a",
                        "suite": "s",
                        "outcome": "failed",
                        "message": "password=[redacted]",
                        "locator": "/testsuite/testcase[1]",
                    }
                ],
                "names": ["s::a"],
                "complete": True,
            },
            "raw": {
                "name": "junit.xml",
                "digest": f"sha256:{hashlib.sha256(JUNIT).hexdigest()}",
                "media_type": "application/xml",
            },
            "attested_at": "2026-11-24T02:14:00Z",
            "library": __version__,
        },
    }


def test_what_is_written_is_read_back_to_the_same_bytes() -> None:
    attestation = attest(Report(JUNIT, "r.xml"), subject=SUBJECT, slot="unit", at=AT)
    read = read_facts(parse_statement(attestation.payload))

    assert (read.attested_at, read.media_type, read.library) == (AT, "application/xml", __version__)
    source = read.document.source
    assert (source.kind, source.slot, source.shard, source.name) == ("test_results", "unit", (1, 1), "r.xml")
    assert (source.signers, source.verified_at) == ((), "")
    again = statement_bytes(subject=SUBJECT.as_json(), predicate_type=FACTS_TYPE, predicate=read.as_predicate())
    assert again == attestation.payload


def test_without_a_time_nothing_is_said_and_the_bytes_are_always_the_same() -> None:
    first, second = (attest(Report(JUNIT, "r.xml"), subject=SUBJECT, slot="unit") for _ in range(2))

    assert first.raw == second.raw
    assert read_facts(parse_statement(first.payload)).attested_at is None


def test_a_signer_signs_the_statement(key: PrivateKey) -> None:
    plain = attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit")
    signed = attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit", signer=KeySigner(key))

    assert (signed.form, signed.payload) == ("dsse", plain.payload)
    assert dsse.verify(signed, [key.public]) == {key.public.fingerprint}


@pytest.mark.parametrize("made", ["the payload alone", "an envelope of something else", "nothing", "not JSON"])
def test_a_signer_that_does_not_sign_this_makes_no_attestation(key: PrivateKey, made: str) -> None:
    class Signer:
        def sign(self, payload: bytes) -> bytes:
            return {
                "the payload alone": payload,
                "an envelope of something else": dsse.sign(b"{}", PAYLOAD_TYPE, key),
                "nothing": b"{}",
                "not JSON": b"",
            }[made]

    with pytest.raises(MalformedError):
        attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit", signer=Signer())


@pytest.mark.parametrize("slot", ["", "Unit", "-unit", "unit tests", "unit\n", "ünit", "../unit", "a" * 10 + "/"])
def test_a_slot_has_the_name_of_a_slot(slot: str) -> None:
    with pytest.raises(UsageError) as refused:
        attest(Report(JUNIT, "r"), subject=SUBJECT, slot=slot)
    assert refused.value.code == "slot"


@pytest.mark.parametrize("shard", [(0, 1), (5, 4), (1, 0), (-1, 4), (1, 10_000)])
def test_a_shard_is_one_of_its_count(shard: tuple[int, int]) -> None:
    with pytest.raises(UsageError) as refused:
        attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit", shard=shard)
    assert refused.value.code == "shard"


def reading(*targets: dict[str, str]) -> Reading:
    facts = read_facts(parse_statement(attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit").payload)).document.facts
    return Reading(kind="test_results", format="junit", facts=facts, targets=targets)


@pytest.mark.parametrize("targets", [(), ({"sha256": SHA},), ({"sha256": "cd" * 32}, {"sha256": SHA})])
def test_a_report_about_the_subject_is_attested(targets: tuple[dict[str, str], ...]) -> None:
    assert attest_reading(Report(JUNIT, "r"), reading(*targets), subject=SUBJECT, slot="unit").form == "plain"


@pytest.mark.parametrize(
    "targets",
    [
        ({"sha256": "cd" * 32},),
        ({"sha1": "ab" * 20},),  # cannot be compared
        ({"sha256": SHA.upper()},),
        ({},),
    ],
)
def test_a_report_about_something_else_is_refused(targets: tuple[dict[str, str], ...]) -> None:
    with pytest.raises(UsageError) as refused:
        attest_reading(Report(JUNIT, "r"), reading(*targets), subject=SUBJECT, slot="unit")
    assert (refused.value.code, refused.value.where) == ("attest.other_subject", "r")


def test_a_report_that_contradicts_the_subject_is_refused() -> None:
    subject = Subject.of("parcel", {"sha256": SHA, "sha512": "ab" * 64})

    with pytest.raises(UsageError):
        attest_reading(Report(JUNIT, "r"), reading({"sha256": SHA, "sha512": "cd" * 64}), subject=subject, slot="unit")


def test_a_file_that_is_not_there_and_a_truncated_one() -> None:
    with pytest.raises(UsageError) as missing:
        attest("no-such-file.xml", subject=SUBJECT, slot="unit")
    with pytest.raises(MalformedError) as truncated:
        attest(Report(JUNIT[:-5], "r.xml"), subject=SUBJECT, slot="unit")

    assert (missing.value.code, missing.value.exit_code) == ("usage.missing_file", 2)
    assert (truncated.value.code, truncated.value.exit_code) == ("xml.syntax", 2)


def test_the_name_of_a_file_is_shown_without_its_folder_and_without_controls() -> None:
    attestation = attest(Report(JUNIT, "/home/ada/secret\x1b[2J.xml"), subject=SUBJECT, slot="unit")

    assert read_facts(parse_statement(attestation.payload)).document.source.name == "secret\\u001b[2J.xml"


def predicate() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit", at=AT).payload)
    inner: dict[str, Any] = made["predicate"]
    return inner


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in predicate().items() if key != name}


def with_facts(**changed: Any) -> dict[str, Any]:
    return predicate() | {"facts": predicate()["facts"] | changed}


def with_raw(**changed: Any) -> dict[str, Any]:
    return predicate() | {"raw": predicate()["raw"] | changed}


REFUSED = [
    *((without(name), "facts.member", name) for name in ("kind", "slot", "shard", "format", "facts", "raw")),
    (predicate() | {"also": 1}, "facts.member", "also"),
    (predicate() | {"kind": "quality"}, "kind", "kind"),
    (predicate() | {"kind": None}, "facts.member", "kind"),
    (predicate() | {"kind": "coverage"}, "schema", "facts.files"),
    (predicate() | {"slot": "Unit"}, "slot", "slot"),
    (predicate() | {"slot": ["unit"]}, "facts.member", "slot"),
    (predicate() | {"shard": "5/4"}, "shard", "shard"),
    (predicate() | {"shard": [1, 4]}, "facts.member", "shard"),
    (predicate() | {"format": ""}, "facts.member", "format"),
    (predicate() | {"producer": ""}, "facts.member", "producer"),
    (predicate() | {"attested_at": "yesterday"}, "time", "attested_at"),
    (predicate() | {"attested_at": "2026-11-24T02:14:00"}, "time", "attested_at"),
    (predicate() | {"attested_at": 1}, "facts.member", "attested_at"),
    (predicate() | {"raw": "sha256:00"}, "facts.member", "raw"),
    (predicate() | {"raw": {}}, "facts.member", "raw.digest"),
    (with_raw(digest="sha1:" + "0" * 40), "facts.digest", "raw.digest"),
    (with_raw(digest=f"sha256:{'AB' * 32}"), "facts.digest", "raw.digest"),
    (with_raw(more="x"), "facts.member", "raw.more"),
    (predicate() | {"facts": None}, "schema", "facts"),
    (with_facts(failed=0, passed=1), "facts.count", "facts.failed"),
    (with_facts(total=100), "facts.count", "facts.total"),
    (with_facts(failed="1"), "schema", "facts.failed"),
    (with_facts(failed=1.0), "schema", "facts.failed"),
    (with_facts(failed=True), "schema", "facts.failed"),
    (with_facts(cases=[]), "facts.count", "facts.failed"),
    (with_facts(names=[]), "facts.count", "facts.names"),
]


@pytest.mark.parametrize(("value", "code", "place"), REFUSED)
def test_whoever_signed_it_a_predicate_that_does_not_hold_is_refused(
    value: dict[str, Any], code: str, place: str
) -> None:
    statement = Statement(subjects=(("p", {"sha256": SHA}),), predicate_type=FACTS_TYPE, predicate=value)

    with pytest.raises(MalformedError) as refused:
        read_facts(statement)
    assert (refused.value.code, refused.value.where) == (code, f"$.predicate.{place}")


def test_another_predicate_is_no_statement_of_facts() -> None:
    statement = Statement(subjects=(("p", {"sha256": SHA}),), predicate_type=FACTS_TYPE, predicate=predicate())

    assert read_facts(statement).document.source.slot == "unit"
    with pytest.raises(MalformedError) as refused:
        read_facts(replace(statement, predicate_type="https://slsa.dev/provenance/v1"))
    assert refused.value.code == "facts.type"


def test_the_slot_that_a_payload_claims() -> None:
    payload = attest(Report(JUNIT, "r"), subject=SUBJECT, slot="unit").payload
    other = statement_bytes(subject=SUBJECT.as_json(), predicate_type="urn:x", predicate={"slot": "unit"})

    assert claimed_slot(payload) == "unit"
    assert claimed_slot(payload.replace(b'"slot":"unit"', b'"slot":"Unit"')) == ""
    assert claimed_slot(payload.replace(b'"slot":"unit"', b'"slot":1')) == ""
    assert [claimed_slot(data) for data in (other, b"", b"{", b"[]", base64.b64encode(payload))] == [""] * 5
