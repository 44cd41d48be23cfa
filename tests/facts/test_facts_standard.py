"""Standard predicates: what other tools say in statements, read as facts of a kind."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gatekeeper import _json
from gatekeeper.attestation import Statement, parse_statement, read_attestation
from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from gatekeeper.facts import kind
from gatekeeper.facts.standard import read_standard
from shared import fixture, needs_shared

VULNS = "https://in-toto.io/attestation/vulns/v0.2"
TESTS = "https://in-toto.io/attestation/test-result/v0.1"
SCAN: dict[str, Any] = {
    "scanner": {
        "uri": "pkg:github/aquasecurity/trivy",
        "version": "0.19.2",
        "db": {"lastUpdate": "2021-08-06T17:45:50.52Z"},
        "result": [
            {"id": "CVE-123", "severity": [{"method": "nvd", "score": "medium"}, {"method": "cvss", "score": "5.2"}]},
            {"vulnerability": {"id": "CVE-456", "severity": {"method": "nvd", "score": "HIGH"}}},
            {"id": "CVE-789", "severity": []},
        ],
    },
    "metadata": {"scanStartedOn": "2021-08-06T17:45:50.52Z", "scanFinishedOn": "2021-08-06T18:50:50+01:00"},
}


def statement(predicate_type: str, predicate: dict[str, Any], *, name: str = "foo.jar") -> Statement:
    return Statement(subjects=((name, {"sha256": "ab" * 32}),), predicate_type=predicate_type, predicate=predicate)


def facts(predicate_type: str, predicate: dict[str, Any], *, name: str = "foo.jar") -> dict[str, Any]:
    """Facts as ``verify`` would believe them: valid, and written in one form."""
    found = read_standard(statement(predicate_type, predicate, name=name))
    assert found is not None
    kind(found[0]).validate(found[1])
    result: dict[str, Any] = json.loads(_json.canonical(dict(found[1])))
    return result


def payloads(value: Any) -> list[bytes]:
    """The payload of every DSSE envelope in a document, however wrapped."""
    if isinstance(value, dict):
        if "payloadType" in value and isinstance(value.get("payload"), str):
            text = value["payload"].replace("-", "+").replace("_", "/")
            return [base64.b64decode(text)]
        value = list(value.values())
    return [found for member in value for found in payloads(member)] if isinstance(value, list) else []


@needs_shared
@pytest.mark.parametrize(
    "path",
    [
        "provenance/dsse_staging_rekor-v2.sigstore.json",
        "provenance/gha_container-based_v2.1.0.sigstore.json",
        "provenance/gha_generic_v2.1.0.intoto.jsonl",
        "provenance/gha_go_v1.4_plain-dsse.intoto.jsonl",
        "provenance/gha_go_v2.1.0.intoto.jsonl",
    ],
)
def test_real_signed_provenance_says_what_was_counted_independently(path: str) -> None:
    truth = json.loads(fixture("ground_truth.json").read_bytes())[path]
    attestation = read_attestation(fixture(path).read_bytes())
    assert attestation is not None
    said = parse_statement(attestation.payload)

    found = read_standard(said)

    assert found is not None
    name, said_facts, form = found
    kind(name).validate(said_facts)
    assert (name, form) == ("provenance", "slsa-provenance")
    assert said_facts["builder"] == truth["builder_or_verifier"]
    assert said.predicate_type == truth["predicateType"]
    if "gha_" in path:
        assert said_facts["source_uri"].startswith(
            "git+https://github.com/slsa-framework/example-package@refs/tags/v14"
        )
        assert said_facts["source_digest"].startswith("gitCommit:")
        assert said_facts["source_digest"] in {item.get("digest") for item in said_facts["materials"]}


@needs_shared
def test_npms_provenance_has_the_commit_that_its_workflow_names() -> None:
    publish, provenance = payloads(json.loads(fixture("provenance/npm_gundam-visor.json").read_bytes()))

    assert read_standard(parse_statement(publish)) is None
    found = read_standard(parse_statement(provenance))
    assert found is not None
    assert found[1]["builder"] == "https://github.com/actions/runner/github-hosted"
    assert found[1]["source_uri"] == "git+https://github.com/ramonpetgrave64/gundam-visor@refs/tags/v1.0.1"
    assert found[1]["source_digest"] == "gitCommit:599500821344b070902a7a5666064bfdaba715df"


@needs_shared
@pytest.mark.parametrize("path", ["provenance/gcb_v0.3.json", "provenance/vsa_gke.bcid-vsa.jsonl"])
def test_what_has_no_kind_is_not_read(path: str) -> None:
    for payload in payloads(json.loads(fixture(path).read_bytes())):
        assert read_standard(parse_statement(payload)) is None


@needs_shared
@pytest.mark.parametrize(
    ("predicate_type", "path"),
    [
        ("https://cyclonedx.org/bom", "sbom/cyclonedx/juice-shop_bare_1.4.json"),
        ("https://cyclonedx.org/bom/v1.4", "sbom/cyclonedx/juice-shop_bare_1.4.json"),
        ("https://spdx.dev/Document", "sbom/spdx/guac_kubectl_oci.spdx.json"),
        ("https://spdx.dev/Document/v2.3", "sbom/spdx/guac_kubectl_oci.spdx.json"),
    ],
)
def test_a_document_says_the_same_as_a_predicate_and_as_a_report(predicate_type: str, path: str) -> None:
    data = fixture(path).read_bytes()
    report = registry.read(Report(data, path)).facts
    predicate = facts(predicate_type, json.loads(data))

    for item in predicate["components"]:
        item["locator"] = item["locator"].removeprefix("/predicate")
    assert predicate == report


@needs_shared
def test_a_bare_predicate_says_the_same_as_a_report_and_in_a_statement() -> None:
    data = fixture("provenance/sigstore-python_slsa_predicate_v0_2.json").read_bytes()
    predicate = json.loads(data)
    subject = {"name": "a", "digest": {"sha256": "ab" * 32, "md5": "cd" * 16}}
    wrapped = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "predicate": predicate,
    }

    report = registry.read(Report(data))
    in_statement = registry.read(Report(json.dumps(wrapped).encode()))

    assert facts("https://slsa.dev/provenance/v0.2", predicate) == report.facts == in_statement.facts
    assert in_statement.targets == ({"sha256": "ab" * 32},)


def test_a_scan_has_the_statements_subject_as_the_package_of_its_findings() -> None:
    assert facts(VULNS, SCAN) == {
        "scanner": "pkg:github/aquasecurity/trivy",
        "findings": [
            {
                "id": "CVE-123",
                "aliases": [],
                "severity": "medium",
                "score": 5.2,
                "package": "foo.jar",
                "fixed_versions": [],
                "locator": "/predicate/scanner/result/0",
            },
            {
                "id": "CVE-456",
                "aliases": [],
                "severity": "high",
                "package": "foo.jar",
                "fixed_versions": [],
                "locator": "/predicate/scanner/result/1/vulnerability",
            },
            {
                "id": "CVE-789",
                "aliases": [],
                "severity": "unknown",
                "package": "foo.jar",
                "fixed_versions": [],
                "locator": "/predicate/scanner/result/2",
            },
        ],
        "counts": {"critical": 0, "high": 1, "medium": 1, "low": 0, "negligible": 0, "unknown": 1},
        "target": "foo.jar",
        "scanned_at": "2021-08-06T17:50:50Z",
        "database_at": "2021-08-06T17:45:50.520000Z",
        "complete": True,
    }


def test_a_subject_without_name_is_named_by_its_digest() -> None:
    assert facts(VULNS, SCAN, name="")["target"] == f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ("9.8", "critical"),
        ("0.0", "negligible"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "high"),
        ("CVSS:4.0/AV:N/AC:L", "unknown"),
        ("AV:N/AC:M/Au:N/C:P/I:N/A:N", "unknown"),
    ],
)
def test_a_severity_may_be_a_word_a_number_or_a_vector(score: str, severity: str) -> None:
    result = [{"id": "CVE-1", "severity": [{"method": "m", "score": score}]}]
    scan = {**SCAN, "scanner": {**SCAN["scanner"], "result": result}}

    assert facts(VULNS, scan)["findings"][0]["severity"] == severity


@pytest.mark.parametrize("predicate_type", ["https://in-toto.io/attestation/vulns", f"{VULNS[:-1]}1", VULNS])
def test_the_versions_of_vulns_are_read_alike(predicate_type: str) -> None:
    assert facts(predicate_type, SCAN) == facts(VULNS, SCAN)


TEST_RESULTS = [
    ("PASSED", ["a"], [], [], True),
    ("PASSED", [], [], [], True),
    ("WARNED", ["a"], ["b"], [], True),
    ("FAILED", ["a"], ["b"], ["c"], True),
    ("PASSED", ["a"], [], ["c"], False),
    ("PASSED", ["a"], ["b"], [], False),
    ("WARNED", ["a"], ["b"], ["c"], False),
    ("WARNED", ["a"], [], [], False),
    ("FAILED", ["a"], [], [], False),
]


@pytest.mark.parametrize(("result", "passed", "warned", "failed", "complete"), TEST_RESULTS)
def test_a_test_result_agrees_with_its_lists_or_is_not_complete(
    result: str, passed: list[str], warned: list[str], failed: list[str], *, complete: bool
) -> None:
    predicate = {"result": result, "passedTests": passed, "warnedTests": warned, "failedTests": failed}

    found = facts(TESTS, predicate)

    assert found["complete"] is complete
    assert found.get("claimed") == (None if complete else {"result": result})
    assert (found["total"], found["failed"]) == (len(passed + warned + failed), len(failed))
    assert [case["name"] for case in found["cases"]] == failed


def test_a_result_without_lists_has_run_no_test() -> None:
    assert facts(TESTS, {"result": "PASSED"})["executed"] == 0


@pytest.mark.parametrize(
    "predicate_type",
    [
        "",
        "https://example.org/x",
        "https://slsa.dev/provenance/v0.1",
        "https://slsa.dev/provenance/v1?draft",
        "https://slsa.dev/provenance/v2",
        "https://slsa.dev/verification_summary/v1",
        "https://in-toto.io/attestation/link/v0.3",
        "https://in-toto.io/attestation/release",
        "https://in-toto.io/attestation/scai/v0.3",
        "https://in-toto.io/attestation/svr/v0.1",
        "https://spdx.dev/Document/v3",
        "https://cyclonedx.org/bom/v9.9",
        "https://in-toto.io/attestation/vulns/v0.3",
    ],
)
def test_a_predicate_of_another_type_is_not_read(predicate_type: str) -> None:
    assert read_standard(statement(predicate_type, SCAN)) is None


@pytest.mark.parametrize(
    ("predicate_type", "predicate", "where", "code"),
    [
        ("https://cyclonedx.org/bom", {}, "/predicate/bomFormat", "cyclonedx.format"),
        ("https://cyclonedx.org/bom", {"Data": "{}"}, "/predicate/bomFormat", "cyclonedx.format"),
        ("https://spdx.dev/Document", {"spdxVersion": "SPDX-3.0"}, "/predicate/spdxVersion", "spdx.version"),
        ("https://spdx.dev/Document", {"@graph": []}, "/predicate/spdxVersion", "shape"),
        ("https://slsa.dev/provenance/v1", {}, "/predicate/buildDefinition", "shape"),
        ("https://slsa.dev/provenance/v0.2", {"builder": {"id": 1}}, "/predicate/builder/id", "shape"),
        (VULNS, {"scanner": {"uri": "x"}}, "/predicate/scanner/result", "shape"),
        (VULNS, {"scanner": {"uri": "x", "result": None}}, "/predicate/scanner/result", "shape"),
        (TESTS, {"result": "passed"}, "/predicate/result", "report.value"),
        (TESTS, {"result": "PASSED", "failedTests": [None]}, "/predicate/failedTests/0", "shape"),
    ],
)
def test_a_broken_predicate_is_refused_with_its_place(
    predicate_type: str, predicate: dict[str, Any], where: str, code: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        read_standard(statement(predicate_type, predicate))

    assert (caught.value.where, caught.value.code) == (where, code)


def test_a_parameter_that_no_reader_agrees_on_is_refused() -> None:
    predicate = {
        "buildDefinition": {"buildType": "b", "externalParameters": {"run": 2**60}},
        "runDetails": {"builder": {"id": "i"}},
    }

    with pytest.raises(MalformedError) as caught:
        read_standard(statement("https://slsa.dev/provenance/v1", predicate))

    assert caught.value.code == "json.canonical"
    assert caught.value.where == "/predicate/buildDefinition/externalParameters"
