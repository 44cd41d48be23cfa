"""Records as verification summaries and simple verification results."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import records

from gatekeeper.attestation import parse_statement, read_attestation
from gatekeeper.errors import SealError, SourceError, UsageError
from gatekeeper.trust import dsse
from gatekeeper.vsa import SVR_TYPE, VSA_TYPE, result, summary, write

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.trust.signer import Signer

VERIFIER = "https://acme.example/gate"
RESOURCE = "pkg:pypi/parcel@1.4.0"


def test_an_allow_is_a_passed_summary() -> None:
    record = records.sealed()

    statement = json.loads(summary(record, verifier=VERIFIER, resource=RESOURCE))

    decision = record.decision
    assert statement == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "parcel-1.4.0-py3-none-any.whl", "digest": {"sha256": "1" * 64}}],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": VERIFIER, "version": {"gatekeeper-policy": "0.1.0"}},
            "timeVerified": "2026-11-24T02:14:00Z",
            "resourceUri": RESOURCE,
            "policy": {
                "name": "parcel",
                "uri": "https://gatekeeper.dev/gates/parcel",
                "digest": {"sha256": decision.gate_digest.removeprefix("sha256:")},
                "annotations": {
                    "stage": "build",
                    "decision": decision.id,
                    "record": record.digest,
                    "valid_until": "2026-12-01T02:14:00Z",
                },
            },
            "inputAttestations": [{"digest": {"sha256": decision.items[0].digest.removeprefix("sha256:")}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_UNEVALUATED", "GATEKEEPER_STAGE_BUILD"],
            "slsaVersion": "1.2",
        },
    }


def test_a_deny_is_a_failed_summary_without_levels() -> None:
    predicate = _predicate(summary(records.sealed(records.decision("deny")), verifier=VERIFIER, resource=RESOURCE))

    assert predicate["verificationResult"] == "FAILED"
    assert predicate["verifiedLevels"] == ["FAILED"]


def test_only_what_passes_is_a_property() -> None:
    def properties(outcome: str) -> list[str]:
        return _properties(result(records.sealed(records.decision(outcome)), verifier=VERIFIER))

    assert properties("allow") == ["GATEKEEPER_STAGE_BUILD", "slot.unit", "tests.pass"]
    assert properties("waived") == ["GATEKEEPER_STAGE_BUILD", "slot.unit"]
    assert properties("deny") == ["slot.unit"]


def test_a_warning_is_no_property() -> None:
    first, last = records.results("deny")
    record = records.sealed(records.decision(results=(first, replace(last, outcome="warn"))))

    assert record.decision.allowed
    assert _properties(result(record, verifier=VERIFIER)) == ["GATEKEEPER_STAGE_BUILD", "slot.unit"]


def test_a_result_names_its_policy() -> None:
    statement = parse_statement(result(records.sealed(), verifier=VERIFIER))

    assert statement.predicate_type == SVR_TYPE
    assert statement.predicate["verifier"]["id"] == VERIFIER
    assert [policy["name"] for policy in statement.predicate["verifier"]["policies"]] == ["parcel"]
    assert statement.predicate["timeCreated"] == "2026-11-24T02:14:00Z"


def test_a_stage_with_a_hyphen_is_a_property() -> None:
    gate = records.gate(stages={"pre-release": {"valid_for": "7d"}})
    record = records.sealed(records.decision(stage="pre-release", made_from=records.material(gate=gate)))

    assert "GATEKEEPER_STAGE_PRE_RELEASE" in _properties(result(record, verifier=VERIFIER))


@pytest.mark.parametrize("text", ["", "acme", "/gate", ":x", "https://acme.example/a gate"])
def test_what_is_no_uri(text: str) -> None:
    with pytest.raises(UsageError):
        summary(records.sealed(), verifier=text, resource=RESOURCE)
    with pytest.raises(UsageError):
        summary(records.sealed(), verifier=VERIFIER, resource=text)
    with pytest.raises(UsageError):
        result(records.sealed(), verifier=text)


def test_a_summary_is_written_signed(tmp_path: Path) -> None:
    statement = summary(records.sealed(), verifier=VERIFIER, resource=RESOURCE)

    write(statement, tmp_path / "vsa.intoto.json", signer=records.signer())

    attestation = read_attestation((tmp_path / "vsa.intoto.json").read_bytes())
    assert attestation is not None
    assert attestation.payload == statement
    assert parse_statement(attestation.payload).predicate_type == VSA_TYPE
    assert dsse.verify(attestation, [records.key("gate").public]) == {records.key("gate").public.fingerprint}


def test_a_summary_that_cannot_be_written_or_signed(tmp_path: Path) -> None:
    statement = summary(records.sealed(), verifier=VERIFIER, resource=RESOURCE)

    class Silent:
        name = fingerprint = ""

        def sign(self, payload: bytes) -> bytes:
            return None if payload else b""  # type: ignore[return-value]

    class Locked:
        name = fingerprint = ""

        def sign(self, payload: bytes) -> bytes:
            raise RuntimeError(f"locked: {len(payload)}")

    signers: tuple[Signer, ...] = (Silent(), Locked())
    for signer in signers:
        with pytest.raises(SealError):
            write(statement, tmp_path / "vsa.json", signer=signer)
    with pytest.raises(SourceError):
        write(statement, tmp_path / "missing" / "vsa.json", signer=records.signer())
    assert list(tmp_path.iterdir()) == []


def _predicate(statement: bytes) -> dict[str, Any]:
    return parse_statement(statement).predicate


def _properties(statement: bytes) -> list[str]:
    found: list[str] = _predicate(statement)["properties"]
    return found
