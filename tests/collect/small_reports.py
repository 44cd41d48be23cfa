"""One small report of each format, with every member that its reader looks at; written by hand to the formats."""

from __future__ import annotations

import copy
import io
import json
import tarfile
import zipfile
from typing import Any

CYCLONEDX: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {
        "timestamp": "2026-11-24T02:14:00+01:00",
        "tools": {"components": [{"name": "maker", "version": "1"}]},
        "component": {
            "type": "container",
            "name": "parcel",
            "version": "2",
            "hashes": [{"alg": "SHA-256", "content": "ab" * 32}],
            "properties": [{"name": "x", "value": "y"}],
            "components": [{"name": "inside-root", "type": "library"}],
        },
    },
    "components": [
        {
            "type": "library",
            "group": "org.acme",
            "name": "core",
            "version": "1.0",
            "purl": "pkg:maven/org.acme/core@1.0",
            "hashes": [{"alg": "SHA-256", "content": "AB" * 32}, {"alg": "SHA3-256", "content": "cd" * 32}],
            "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "House licence"}}],
            "components": [{"name": "nested", "licenses": [{"expression": "MIT OR Apache-2.0"}]}],
        },
        {"name": "bare", "version": ""},
    ],
    "dependencies": [{"ref": "a", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": ["a"]}],
    "compositions": [{"aggregate": "complete"}],
}
SPDX: dict[str, Any] = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "creationInfo": {"created": "2026-11-24T02:14:00.5Z", "creators": ["Tool: maker-1", "Person: Ada"]},
    "documentDescribes": ["SPDXRef-root"],
    "packages": [
        {
            "SPDXID": "SPDXRef-root",
            "name": "parcel",
            "versionInfo": "2",
            "licenseConcluded": "MIT",
            "licenseDeclared": "MIT AND BSD-3-Clause",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "ab" * 32}],
            "externalRefs": [
                {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:b"},
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/p@2"},
            ],
            "primaryPackagePurpose": "OPERATING_SYSTEM",
        },
        {"SPDXID": "SPDXRef-b", "name": "b", "licenseConcluded": "NOASSERTION", "licenseDeclared": "NONE"},
    ],
    "files": [{"SPDXID": "SPDXRef-f", "fileName": "f"}],
    "relationships": [
        {"spdxElementId": "SPDXRef-root", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-b"},
        {"spdxElementId": "SPDXRef-b", "relationshipType": "RUNTIME_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-c"},
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-root"},
    ],
}
TRIVY: dict[str, Any] = {
    "SchemaVersion": 2,
    "Trivy": {"Version": "0.60.0"},
    "CreatedAt": "2026-11-24T02:14:00.123456789Z",
    "ArtifactName": "parcel:2",
    "Metadata": {"ImageID": "sha256:" + "1" * 64, "RepoDigests": ["acme/parcel@sha256:" + "2" * 64]},
    "Results": [
        {
            "Target": "parcel:2 (debian 12)",
            "Class": "os-pkgs",
            "Packages": [{"Name": "a"}, {"Name": "b"}],
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-1",
                    "VendorIDs": ["DSA-1"],
                    "PkgName": "a",
                    "InstalledVersion": "1",
                    "FixedVersion": "1.1, 2.0",
                    "Status": "fixed",
                    "Severity": "HIGH",
                    "CVSS": {"nvd": {"V2Score": 9.9, "V3Score": 7.5}, "redhat": {"V3Score": 8.1}},
                }
            ],
            "ExperimentalModifiedFindings": [
                {
                    "Type": "vulnerability",
                    "Status": "not_affected",
                    "Finding": {"VulnerabilityID": "CVE-2", "PkgName": "b", "Severity": "LOW"},
                }
            ],
        }
    ],
}
GRYPE: dict[str, Any] = {
    "matches": [
        {
            "vulnerability": {
                "id": "GHSA-1",
                "severity": "High",
                "cvss": [
                    {"version": "2.0", "metrics": {"baseScore": 10.0}},
                    {"version": "3.1", "metrics": {"baseScore": 7.5}},
                ],
                "fix": {"versions": ["2.0"], "state": "fixed"},
            },
            "relatedVulnerabilities": [{"id": "CVE-1", "cvss": [{"version": "3.1", "metrics": {"baseScore": 9.8}}]}],
            "artifact": {"name": "a", "version": "1"},
        }
    ],
    "ignoredMatches": [
        {
            "vulnerability": {"id": "CVE-2", "severity": "Negligible", "fix": {"versions": [], "state": "not-fixed"}},
            "artifact": {"name": "b", "version": "2"},
        }
    ],
    "source": {
        "type": "image",
        "target": {
            "userInput": "parcel:2",
            "manifestDigest": "sha256:" + "1" * 64,
            "imageID": "sha256:" + "2" * 64,
            "repoDigests": ["acme/parcel@sha256:" + "3" * 64],
        },
    },
    "descriptor": {
        "name": "grype",
        "version": "0.94.0",
        "timestamp": "2026-11-24T02:14:00Z",
        "db": {"status": {"built": "2026-11-23T00:00:00Z", "valid": True}},
    },
}
OSV: dict[str, Any] = {
    "results": [
        {
            "source": {"path": "poetry.lock", "type": "lockfile"},
            "packages": [
                {
                    "package": {"name": "a", "version": "1", "ecosystem": "PyPI"},
                    "groups": [{"ids": ["GHSA-1", "PYSEC-1"], "aliases": ["CVE-1"], "max_severity": "5.0"}],
                    "vulnerabilities": [
                        {
                            "id": "GHSA-1",
                            "aliases": ["CVE-1"],
                            "database_specific": {"severity": "MODERATE"},
                            "severity": [
                                {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},
                                {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"},
                            ],
                            "affected": [
                                {
                                    "package": {"name": "a"},
                                    "ranges": [
                                        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]},
                                        {"type": "GIT", "events": [{"fixed": "abc"}]},
                                    ],
                                },
                                {
                                    "package": {"name": "other"},
                                    "ranges": [{"type": "SEMVER", "events": [{"fixed": "9"}]}],
                                },
                            ],
                        },
                        {"id": "PYSEC-1"},
                        {"id": "OSV-LONELY"},
                    ],
                }
            ],
        }
    ],
    "experimental_config": {"licenses": {"summary": False}},
}
PIP_AUDIT: dict[str, Any] = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2"]}]},
        {"name": "b", "version": "1", "vulns": []},
    ],
    "fixes": [],
}
SLSA_V1: dict[str, Any] = {
    "buildDefinition": {
        "buildType": "https://actions.github.io/buildtypes/workflow/v1",
        "externalParameters": {
            "workflow": {"ref": "refs/heads/main", "repository": "https://github.com/acme/parcel", "path": "b.yml"}
        },
        "resolvedDependencies": [
            {"uri": "git+https://github.com/acme/other@refs/heads/main", "digest": {"gitCommit": "1" * 40}},
            {"uri": "git+https://github.com/acme/parcel@refs/heads/main", "digest": {"gitCommit": "2" * 40}},
        ],
    },
    "runDetails": {
        "builder": {"id": "https://github.com/actions/runner/github-hosted"},
        "metadata": {"startedOn": "2026-11-24T02:00:00Z", "finishedOn": "2026-11-24T02:14:00Z"},
    },
}
SLSA_V02: dict[str, Any] = {
    "builder": {"id": "https://builder.example/v1"},
    "buildType": "https://builder.example/generic@v1",
    "invocation": {
        "configSource": {"uri": "git+https://github.com/acme/parcel@refs/tags/v2", "digest": {"sha1": "3" * 40}},
        "parameters": {"level": 3},
    },
    "metadata": {
        "buildStartedOn": "2026-11-24T02:00:00Z",
        "buildFinishedOn": "2026-11-24T02:14:00Z",
        "completeness": {"materials": False},
    },
    "materials": [{"uri": "pkg:docker/python@3.13", "digest": {"sha256": "4" * 64}}],
}
GITHUB: list[Any] = [
    {
        "user": {"login": "ada"},
        "state": "APPROVED",
        "commit_id": "1" * 40,
        "submitted_at": "2026-11-24T02:14:00Z",
        "body": "Good.",
        "pull_request_url": "https://api.github.com/repos/acme/parcel/pulls/1",
    },
    {
        "user": {"login": "bob"},
        "state": "CHANGES_REQUESTED",
        "commit_id": "1" * 40,
        "submitted_at": "2026-11-23T02:14:00Z",
        "body": None,
        "pull_request_url": "https://api.github.com/repos/acme/parcel/pulls/1",
    },
]
GITLAB: dict[str, Any] = {
    "approvals_required": 1,
    "approvals_left": 0,
    "approved_by": [{"user": {"username": "ada"}, "approved_at": "2026-11-24T02:14:00Z"}],
}
GITHUB_COMMITS: list[Any] = [
    {
        "sha": "1" * 40,
        "author": {"login": "ada"},
        "committer": {"login": "web-flow"},
        "parents": [],
        "commit": {"author": {"email": "ada@acme.example"}, "committer": {"email": "noreply@github.com"}},
    },
    {
        "sha": "2" * 40,
        "author": None,
        "committer": {},
        "parents": [],
        "commit": {"author": {"email": "Bob@acme.example"}, "committer": {"email": "bob@acme.example"}},
    },
]
K6: dict[str, Any] = {
    "options": {"summaryTimeUnit": ""},
    "state": {"testRunDurationMs": 1000.5},
    "metrics": {
        "iterations": {"values": {"count": 10}},
        "iteration_duration": {"values": {"med": 1.0}},
        "http_reqs": {"values": {"count": 10, "rate": 1.0}},
        "http_req_failed": {"values": {"passes": 1, "fails": 9, "rate": 0.1}},
        "http_req_duration": {"values": {"med": 1.2, "p(95)": 2.0, "max": 3.1}},
    },
}
LOCUST: list[Any] = [
    {
        "name": "/",
        "method": "GET",
        "start_time": 10.0,
        "last_request_timestamp": 12.5,
        "num_requests": 100,
        "num_none_requests": 0,
        "num_failures": 2,
        "max_response_time": 90.5,
        "response_times": {"10": 50, "9": 30, "50": 15, "90": 5},
    }
]
IMAGE: dict[str, Any] = {
    "architecture": "amd64",
    "rootfs": {"type": "layers", "diff_ids": []},
    "created": "2026-11-24T02:14:00Z",
    "config": {
        "Labels": {
            "org.opencontainers.image.title": "parcel",
            "org.opencontainers.image.version": "2",
            "org.opencontainers.image.licenses": "MIT",
            "org.opencontainers.image.authors": "Ada <ada@acme.example>, Bob",
            "org.opencontainers.image.source": "https://github.com/acme/parcel",
            "org.opencontainers.image.revision": "1" * 40,
        }
    },
}
GIT_LOG = f"""\
commit {"1" * 40} (HEAD -> main)
tree {"2" * 40}
parent {"3" * 40}
author Ada A. <Ada@acme.example> 1700000000 +0100
committer GitHub <noreply@github.com> 1700000000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
\x20
 author Eve <eve@evil.example> 1 +0000
 -----END PGP SIGNATURE-----

    Send parcels twice

    author Mallory <mallory@evil.example> 1700000000 +0000
    commit {"9" * 40}
    Co-authored-by: Bob <bob@acme.example>

commit {"3" * 40}
tree {"4" * 40}
author Cy <cy@acme.example> 1600000000 +0000
committer Cy <cy@acme.example> 1600000000 +0000

    First
"""

JSON: dict[str, Any] = {
    "cyclonedx": CYCLONEDX,
    "spdx": SPDX,
    "trivy": TRIVY,
    "grype": GRYPE,
    "osv-scanner": OSV,
    "pip-audit": PIP_AUDIT,
    "slsa-provenance v1": SLSA_V1,
    "slsa-provenance v0.2": SLSA_V02,
    "github-reviews": GITHUB,
    "gitlab-approvals": GITLAB,
    "github-commits": GITHUB_COMMITS,
    "k6": K6,
    "locust": LOCUST,
    "image": IMAGE,
}
"""Parsed reports by format; a second word tells variants apart."""


def changed(report: Any, pointer: str, value: Any) -> Any:
    """A copy of a report in which the member at a JSON pointer is ``value``."""
    copied = copy.deepcopy(report)
    *path, last = pointer.split("/")[1:]
    owner = copied
    for part in path:
        owner = owner[int(part)] if isinstance(owner, list) else owner[part.replace("~1", "/")]
    if isinstance(owner, list):
        owner[int(last)] = value
    else:
        owner[last.replace("~1", "/")] = value
    return copied


def places(value: Any, place: str = "") -> list[str]:
    """JSON pointers of every member, however deep."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [place] if place else []
    for key, member in members:
        found += places(member, f"{place}/{str(key).replace('/', '~1')}")
    return found


def encoded(report: Any) -> bytes:
    return json.dumps(report).encode()


METADATA = """\
Metadata-Version: 2.4
Name: Parcel_App
Version: 2.0
License-Expression: MIT
Classifier: License :: OSI Approved :: MIT License
Author-email: Ada <ada@acme.example>
Project-URL: Source, https://github.com/acme/parcel

A description: with colons
"""


def wheel(files: dict[str, str] | None = None) -> bytes:
    """A wheel with these files; a whole one without any."""
    folder = "parcel_app-2.0.dist-info"
    content = {
        "parcel/__init__.py": "",
        f"{folder}/METADATA": METADATA,
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: hatchling 1.27\nTag: py3-none-any\n",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (content if files is None else files).items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def sdist(*files: tuple[str, bytes]) -> bytes:
    """A source distribution with these files; a whole one without any."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files or (("parcel_app-2.0/PKG-INFO", METADATA.encode()), ("parcel_app-2.0/p.py", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
