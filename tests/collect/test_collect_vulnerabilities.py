"""What is read from the reports of scanners, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import small_reports as small

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report

if TYPE_CHECKING:
    from gatekeeper.collect.reading import Reading

NONE = {"critical": 0, "high": 0, "medium": 0, "low": 0, "negligible": 0, "unknown": 0}


def read(report: Any) -> Reading:
    return registry.read(Report(small.encoded(report), "scan.json"))


def test_trivy_says_exactly_this() -> None:
    reading = read(small.TRIVY)

    assert reading.facts == {
        "scanner": "trivy",
        "target": "parcel:2",
        "scanned_at": "2026-11-24T02:14:00.123456Z",
        "packages_examined": 2,
        "findings": [
            {
                "id": "CVE-1",
                "aliases": ["DSA-1"],
                "severity": "high",
                "score": 8.1,
                "package": "a",
                "version": "1",
                "fixed_versions": ["1.1", "2.0"],
                "status": "fixed",
                "locator": "/Results/0/Vulnerabilities/0",
            },
            {
                "id": "CVE-2",
                "aliases": [],
                "severity": "low",
                "package": "b",
                "fixed_versions": [],
                "status": "not_affected",
                "locator": "/Results/0/ExperimentalModifiedFindings/0/Finding",
            },
        ],
        "counts": {**NONE, "high": 1, "low": 1},
        "complete": True,
    }
    assert reading.producer == "trivy 0.60.0"
    assert reading.targets == ({"sha256": "2" * 64}, {"sha256": "1" * 64})


def test_an_image_id_alone_names_no_target() -> None:
    report = small.changed(small.TRIVY, "/Metadata/RepoDigests", [])

    assert read(report).targets == ()


TRIVY_HEAD = {"SchemaVersion": 2, "ArtifactName": "gone", "ArtifactType": "container_image"}
INCOMPLETE = [
    TRIVY_HEAD,
    TRIVY_HEAD | {"Results": None},
    TRIVY_HEAD | {"Results": []},
    TRIVY_HEAD | {"Results": [{"Target": "x", "Class": "secret"}, {"Target": "y", "Class": "license"}]},
    TRIVY_HEAD | {"SchemaVersion": 3, "Results": [{"Target": "a", "Class": "os-pkgs"}]},
    {"ClusterName": "c", "Resources": [{"Results": [{"Target": "a", "Class": "os-pkgs"}]}, {"Error": "timeout"}]},
    {"ClusterName": "c", "Resources": []},
    [{"Target": "a", "Type": "debian"}],
]


@pytest.mark.parametrize("report", INCOMPLETE)
def test_a_trivy_report_that_may_have_looked_at_no_package_is_not_complete(report: Any) -> None:
    facts = read(report).facts

    assert facts["complete"] is False
    assert "packages_examined" not in facts


@pytest.mark.parametrize("vulnerabilities", [{}, {"Vulnerabilities": None}, {"Vulnerabilities": []}])
def test_a_clean_result_for_packages_is_complete(vulnerabilities: Any) -> None:
    facts = read(TRIVY_HEAD | {"Results": [{"Target": "a", "Class": "lang-pkgs", **vulnerabilities}]}).facts

    assert facts["complete"] is True
    assert facts["findings"] == []


@pytest.mark.parametrize("word", ["", "UNKNOWN", "Unknown", None])
def test_no_word_and_the_word_unknown_are_unknown(word: Any) -> None:
    report = small.changed(small.TRIVY, "/Results/0/Vulnerabilities/0/Severity", word)

    assert read(report).facts["findings"][0]["severity"] == "unknown"


@pytest.mark.parametrize(
    ("cvss", "score"),
    [
        ({}, None),
        ({"nvd": {"V2Score": 5.0}}, 5.0),
        ({"nvd": {"V2Score": 9.0, "V3Score": 0}}, 9.0),
        ({"nvd": {"V2Score": 9.0, "V3Score": 4.0}}, 4.0),
        ({"nvd": {"V3Score": 4.0}, "ghsa": {"V40Score": 8.7}}, 8.7),
    ],
)
def test_trivys_score_is_the_highest_of_the_latest_versions(cvss: Any, score: float | None) -> None:
    report = small.changed(small.TRIVY, "/Results/0/Vulnerabilities/0/CVSS", cvss)

    assert read(report).facts["findings"][0].get("score") == score


def test_grype_says_exactly_this() -> None:
    reading = read(small.GRYPE)

    assert reading.facts == {
        "scanner": "grype",
        "target": "parcel:2",
        "scanned_at": "2026-11-24T02:14:00Z",
        "database_at": "2026-11-23T00:00:00Z",
        "findings": [
            {
                "id": "GHSA-1",
                "aliases": ["CVE-1"],
                "severity": "high",
                "score": 7.5,
                "package": "a",
                "version": "1",
                "fixed_versions": ["2.0"],
                "status": "fixed",
                "locator": "/matches/0",
            },
            {
                "id": "CVE-2",
                "aliases": [],
                "severity": "negligible",
                "package": "b",
                "version": "2",
                "fixed_versions": [],
                "status": "ignored",
                "locator": "/ignoredMatches/0",
            },
        ],
        "counts": {**NONE, "high": 1, "negligible": 1},
        "complete": True,
    }
    assert reading.targets == ({"sha256": "3" * 64}, {"sha256": "1" * 64}, {"sha256": "2" * 64})


def test_a_record_without_score_has_that_of_what_it_relates_to() -> None:
    report = small.changed(small.GRYPE, "/matches/0/vulnerability/cvss", [])

    assert read(report).facts["findings"][0]["score"] == 9.8


@pytest.mark.parametrize(
    "database",
    [
        {"status": {"valid": False}},
        {"status": {"valid": True, "error": "too old"}},
        {"status": {"valid": None}},
        {"error": "no database"},
    ],
)
def test_a_scan_with_a_database_that_cannot_be_used_is_not_complete(database: Any) -> None:
    report = small.changed(small.GRYPE, "/descriptor/db", database)

    assert read(report).facts["complete"] is False


@pytest.mark.parametrize("database", [None, {}, {"built": "2026-11-23T00:00:00Z", "schemaVersion": 5}])
def test_a_scan_that_says_little_of_its_database_is_complete(database: Any) -> None:
    facts = read(small.changed(small.GRYPE, "/descriptor/db", database)).facts

    assert facts["complete"] is True
    assert facts.get("database_at") == ("2026-11-23T00:00:00Z" if database else None)


def test_a_folder_that_was_scanned_is_the_target() -> None:
    reading = read(small.changed(small.GRYPE, "/source", {"type": "directory", "target": "./dist"}))

    assert (reading.facts["target"], reading.targets) == ("./dist", ())


def test_osv_scanner_says_exactly_this() -> None:
    place = "/results/0/packages/0"

    assert read(small.OSV).facts == {
        "scanner": "osv-scanner",
        "findings": [
            {
                "id": "GHSA-1",
                "aliases": ["PYSEC-1", "CVE-1"],
                "severity": "high",  # the vector's 7.5, above the word and above max_severity
                "score": 7.5,
                "package": "a",
                "version": "1",
                "purl": "pkg:pypi/a@1",
                "fixed_versions": ["1.5"],
                "locator": f"{place}/groups/0",
            },
            {
                "id": "OSV-LONELY",  # in no group: still a finding
                "aliases": [],
                "severity": "unknown",
                "package": "a",
                "version": "1",
                "purl": "pkg:pypi/a@1",
                "fixed_versions": [],
                "locator": f"{place}/vulnerabilities/2",
            },
        ],
        "counts": {**NONE, "high": 1, "unknown": 1},
        "complete": True,
    }


@pytest.mark.parametrize(
    ("word", "vector", "stated", "severity"),
    [
        ("", "", "", "unknown"),
        ("LOW", "", "", "low"),
        ("CRITICAL", "", "5.0", "critical"),
        ("", "", "9.1", "critical"),
        ("MODERATE", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "", "critical"),
        ("", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "", "negligible"),
    ],
)
def test_osv_severity_is_the_worst_that_is_known(word: str, vector: str, stated: str, severity: str) -> None:
    entry = {
        "id": "GHSA-1",
        "database_specific": {"severity": word},
        "severity": [{"type": "CVSS_V3", "score": vector}] if vector else [{"type": "CVSS_V4", "score": "CVSS:4.0/x"}],
    }
    group = {"ids": ["GHSA-1"], "max_severity": stated}
    report = small.changed(small.OSV, "/results/0/packages/0/vulnerabilities", [entry])
    report = small.changed(report, "/results/0/packages/0/groups", [group])

    assert read(report).facts["findings"][0]["severity"] == severity


def test_an_empty_osv_report_says_nothing_of_how_much_was_looked_at() -> None:
    facts = read({"results": [], "experimental_config": {}}).facts

    assert facts["findings"] == []
    assert "packages_examined" not in facts


@pytest.mark.parametrize("shape", ["object", "list"])
def test_pip_audit_says_exactly_this(shape: str) -> None:
    report = small.PIP_AUDIT if shape == "object" else small.PIP_AUDIT["dependencies"]
    place = "/dependencies" if shape == "object" else ""

    assert read(report).facts == {
        "scanner": "pip-audit",
        "findings": [
            {
                "id": "PYSEC-1",
                "aliases": ["CVE-1"],
                "severity": "unknown",
                "package": "a",
                "version": "1",
                "purl": "pkg:pypi/a@1",
                "fixed_versions": ["2"],
                "locator": f"{place}/0/vulns/0",
            }
        ],
        "counts": {**NONE, "unknown": 1},
        "packages_examined": 2,
        "complete": True,
    }


def test_a_dependency_that_was_skipped_was_not_examined() -> None:
    skipped = [{"name": "a", "skip_reason": "not found"}]

    facts = read({"dependencies": skipped, "fixes": []}).facts

    assert (facts["packages_examined"], facts["complete"]) == (0, False)
