"""One small report of each format of what is vulnerable, misconfigured or secret, with every member that is looked at."""

from __future__ import annotations

from typing import Any

OPENVEX: dict[str, Any] = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://acme.example/vex/1",
    "author": "Ada",
    "timestamp": "2026-11-24T02:14:00+01:00",
    "tooling": "vexctl",
    "statements": [
        {
            "vulnerability": {"name": "CVE-1", "aliases": ["GHSA-1", "CVE-1"]},
            "products": [
                {
                    "@id": "pkg:oci/parcel@sha256%3A" + "ab" * 32,
                    "hashes": {"sha-512": "CD" * 64},
                    "subcomponents": [
                        {"@id": "urn:zlib", "identifiers": {"purl": "pkg:deb/debian/Zlib@1.2%2Bdfsg?arch=amd64"}}
                    ],
                },
                {"@id": "pkg:npm/%40acme/parcel@1"},
            ],
            "status": "not_affected",
            "justification": "vulnerable_code_not_present",
            "impact_statement": "not compiled in",
            "timestamp": "2026-11-24T03:00:00Z",
            "last_updated": "2026-11-24T04:00:00Z",
            "supplier": "Acme",
        },
        {
            "vulnerability": {"@id": "https://nvd.example/CVE-2"},
            "products": [{"identifiers": {"purl": "pkg:pypi/Parcel_App@1"}}],
            "status": "affected",
            "action_statement": "update",
        },
    ],
}
OPENVEX_001: dict[str, Any] = {
    "@context": "https://openvex.dev/ns/v0.0.1",
    "author": "Ada",
    "timestamp": "2026-11-24T01:14:00Z",
    "version": "1",
    "statements": [
        {
            "vulnerability": "CVE-1",
            "products": ["pkg:oci/parcel@sha256:" + "ab" * 32],
            "subcomponents": ["pkg:deb/debian/zlib@1.2"],
            "status": "under_investigation",
        }
    ],
}
CYCLONEDX_VEX: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "metadata": {
        "timestamp": "2026-11-24T01:14:00Z",
        "component": {
            "bom-ref": "us",
            "type": "container",
            "name": "parcel",
            "hashes": [{"alg": "SHA-256", "content": "ab" * 32}],
            "components": [
                {
                    "bom-ref": "zlib",
                    "type": "library",
                    "group": "org.acme",
                    "name": "zlib",
                    "purl": "pkg:deb/debian/zlib@1.2",
                }
            ],
        },
    },
    "vulnerabilities": [
        {
            "id": "CVE-1",
            "references": [{"id": "GHSA-1"}],
            "analysis": {
                "state": "not_affected",
                "justification": "code_not_reachable",
                "detail": "never called",
                "firstIssued": "2026-11-24T02:00:00Z",
                "lastUpdated": "2026-11-24T03:00:00Z",
            },
            "affects": [{"ref": "zlib"}, {"ref": "us"}, {"ref": "urn:cdx:1/1#x"}],
        },
        {
            "id": "CVE-2",
            "updated": "2026-11-24T02:30:00Z",
            "affects": [{"ref": "zlib", "versions": [{"version": "1"}]}],
        },
    ],
}
CSAF: dict[str, Any] = {
    "document": {
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "publisher": {"category": "vendor", "name": "Acme", "namespace": "https://acme.example"},
        "title": "VEX",
        "tracking": {"id": "ACME-1", "status": "final", "current_release_date": "2026-11-24T02:14:00+01:00"},
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Acme",
                "branches": [
                    {
                        "category": "product_version",
                        "name": "1.2",
                        "product": {
                            "name": "zlib 1.2",
                            "product_id": "Z",
                            "product_identification_helper": {"purl": "pkg:deb/debian/zlib@1.2"},
                        },
                    }
                ],
            }
        ],
        "full_product_names": [
            {
                "name": "parcel",
                "product_id": "P",
                "product_identification_helper": {
                    "hashes": [{"file_hashes": [{"algorithm": "sha256", "value": "ab" * 32}], "filename": "parcel"}]
                },
            }
        ],
        "product_groups": [{"group_id": "G", "product_ids": ["P", "ZP"]}],
        "relationships": [
            {
                "category": "default_component_of",
                "product_reference": "Z",
                "relates_to_product_reference": "P",
                "full_product_name": {"name": "zlib in parcel", "product_id": "ZP"},
            }
        ],
    },
    "vulnerabilities": [
        {
            "cve": "CVE-1",
            "ids": [{"system_name": "GitHub", "text": "GHSA-1"}],
            "product_status": {
                "known_not_affected": ["ZP"],
                "known_affected": ["Z"],
                "fixed": ["P"],
                "under_investigation": ["nobody"],
                "recommended": ["P"],
            },
            "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["ZP"]}],
            "threats": [
                {"category": "impact", "details": "patched", "group_ids": ["G"]},
                {"category": "exploit_status", "details": "none", "product_ids": ["ZP"]},
            ],
        }
    ],
}
TRIVY_CONFIG: dict[str, Any] = {
    "SchemaVersion": 2,
    "Trivy": {"Version": "0.70.0"},
    "CreatedAt": "2026-11-24T02:14:00+01:00",
    "ArtifactName": ".",
    "Results": [
        {
            "Target": "Dockerfile",
            "Class": "config",
            "MisconfSummary": {"Successes": 20, "Failures": 1},
            "Misconfigurations": [
                {
                    "ID": "DS-0002",
                    "Title": "Image user should not be 'root'",
                    "Message": "Last USER is root",
                    "Severity": "HIGH",
                    "Status": "FAIL",
                    "CauseMetadata": {"Resource": "USER", "StartLine": 4},
                },
                {"ID": "DS-0003", "Title": "skipped", "Severity": "LOW", "Status": "EXCEPTION"},
            ],
            "ExperimentalModifiedFindings": [
                {
                    "Type": "misconfiguration",
                    "Status": "ignored",
                    "Finding": {"ID": "DS-0026", "Title": "No HEALTHCHECK", "Severity": "LOW"},
                },
                {"Type": "secret", "Status": "ignored", "Finding": {}},
            ],
        },
        {"Target": "none", "Class": "license"},
    ],
}
CHECKOV: dict[str, Any] = {
    "check_type": "dockerfile",
    "results": {
        "passed_checks": [{"check_id": "CKV_DOCKER_1"}, {"check_id": "CKV_DOCKER_2"}],
        "failed_checks": [
            {
                "check_id": "CKV_DOCKER_3",
                "check_name": "Ensure that a user for the container has been created",
                "check_result": {"result": "FAILED"},
                "file_path": "/Dockerfile",
                "file_line_range": [1, 6],
                "resource": "/Dockerfile.",
                "severity": "MEDIUM",
            }
        ],
        "skipped_checks": [
            {
                "check_id": "CKV_DOCKER_7",
                "check_name": "No latest tag",
                "check_result": {"result": "SKIPPED", "suppress_comment": "pinned later"},
                "file_path": "/Dockerfile",
                "file_line_range": [0, 0],
                "severity": None,
            }
        ],
        "parsing_errors": [],
    },
    "summary": {"passed": 2, "failed": 1, "skipped": 1, "parsing_errors": 0, "checkov_version": "3.3.30"},
}
KUBE_LINTER: dict[str, Any] = {
    "Checks": [{"name": "run-as-non-root"}],
    "Reports": [
        {
            "Check": "run-as-non-root",
            "Diagnostic": {"Message": "container is not set to runAsNonRoot"},
            "Object": {
                "Metadata": {"FilePath": "/manifests/depot.yaml"},
                "K8sObject": {"Namespace": "parcels", "Name": "depot", "GroupVersionKind": {"Kind": "Deployment"}},
            },
        }
    ],
    "Summary": {
        "ChecksStatus": "Failed",
        "CheckEndTime": "2026-11-24T02:14:00+01:00",
        "KubeLinterVersion": "0.8.3",
    },
}
HADOLINT: list[dict[str, Any]] = [
    {
        "code": "DL3006",
        "column": 1,
        "file": "Dockerfile",
        "level": "warning",
        "line": 2,
        "message": "Always tag the version of an image explicitly",
    }
]
GITLEAKS: list[dict[str, Any]] = [
    {
        "RuleID": "aws-access-token",
        "Description": "An AWS token",
        "StartLine": 3,
        "Match": "key = hunter2",
        "Secret": "hunter2",
        "File": "app.py",
        "Commit": "1" * 40,
        "Fingerprint": f"{'1' * 40}:app.py:aws-access-token:3",
        "Author": "Ada",
    },
    {"RuleID": "slack", "StartLine": 0, "Secret": "hunter2", "File": "b.py", "Commit": "", "Fingerprint": ""},
]
GITLEAKS_7: list[dict[str, Any]] = [
    {
        "rule": "AWS Access Key",
        "line": "key = hunter2",
        "offender": "hunter2",
        "lineNumber": 3,
        "commit": "1" * 40,
        "file": "app.py",
    }
]


GITLAB_DISCUSSIONS: dict[str, Any] = {
    "approvals": {"approved": True, "approvals_left": 0, "approved_by": [{"user": {"username": "ada"}}]},
    "discussions": [
        {
            "id": "1",
            "notes": [
                {
                    "author": {"username": "bo"},
                    "body": "add a test",
                    "created_at": "2026-11-24T02:14:00+01:00",
                    "resolvable": True,
                    "resolved": False,
                },
                {"author": {"username": "ada"}, "body": "why?", "resolvable": True, "resolved": False},
            ],
        },
        {"id": "2", "notes": [{"author": {"username": "bo"}, "body": "and a page", "resolvable": True}]},
        {
            "id": "3",
            "notes": [{"author": {"username": "cy"}, "body": "done", "resolvable": True, "resolved": True}],
        },
        {"id": "4", "notes": [{"author": {"username": "cy"}, "body": "nice", "resolvable": False}]},
    ],
}


def ran(tool: str, report: Any, **more: Any) -> dict[str, Any]:
    """A report with how its tool ran."""
    run = {"tool": tool, "version": "1.2", "exit_code": 0, "examined": 5, "unit": "things"}
    return {"tool_run": {**run, "finished_at": "2026-11-24T02:14:00+01:00", **more}, "report": report}


JSON: dict[str, Any] = {
    "openvex": OPENVEX,
    "openvex 0.0.1": OPENVEX_001,
    "cyclonedx-vex": CYCLONEDX_VEX,
    "csaf-vex": CSAF,
    "trivy-config": TRIVY_CONFIG,
    "checkov": CHECKOV,
    "checkov list": [CHECKOV],
    "kube-linter": KUBE_LINTER,
    "kube-linter run": ran("kube-linter", KUBE_LINTER, exit_code=1),
    "hadolint": HADOLINT,
    "hadolint run": ran("hadolint", []),
    "gitlab-discussions": GITLAB_DISCUSSIONS,
    "gitleaks": GITLEAKS,
    "gitleaks 7": GITLEAKS_7,
    "gitleaks run": ran("gitleaks", GITLEAKS, exit_code=1),
}
"""Parsed reports by format; a second word tells variants apart."""
