"""Each standard rule about what is exploitable, misconfigured, secret or private over real reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_reports import Case, check

from gatekeeper.load.packs import Packs, load_packs

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

SCAN = "fixtures/written/grype-bad.json"
LOW = {"max_negligible": 0}
NOT_COUNTED = "GHSA-0000-0000-0001 is not counted in parcel-labels 1.2.0: not_affected"
WORDS = "labels are printed, never parsed"
EXPLOITABLE = "GHSA-0000-0000-0001 in parcel-labels 1.2.0, severity high"
CHECKOV = (
    "CKV_DOCKER_2 (unknown) in /Dockerfile:1: Ensure that HEALTHCHECK instructions have been added to container images",
    "CKV_DOCKER_3 (unknown) in /Dockerfile:1: Ensure that a user for the container has been created",
)
CASES = (
    Case(rule="exploitability.vex", reports=(SCAN,), outcome="unanswered", violations=1, first=("needs vex",)),
    Case(
        rule="exploitability.vex",
        reports=(SCAN, "fixtures/written/openvex.json"),
        outcome="warn",
        violations=1,
        first=(f"{NOT_COUNTED}, vulnerable_code_not_in_execute_path, {WORDS} (Parcel security)",),
    ),
    Case(
        rule="exploitability.vex",
        reports=(SCAN, "fixtures/written/cyclonedx-vex.json"),
        outcome="warn",
        violations=1,
        first=(f"{NOT_COUNTED}, vulnerable_code_not_in_execute_path, {WORDS}",),
    ),
    Case(
        rule="exploitability.vex",
        reports=(SCAN, "fixtures/written/csaf-vex.json"),
        outcome="warn",
        violations=1,
        first=(f"{NOT_COUNTED}, vulnerable_code_not_present (Parcel security)",),
    ),
    *(
        Case(
            rule="exploitability.vex",
            reports=(SCAN, f"fixtures/written/{vex}.json"),
            outcome="fail",
            violations=1,
            first=(EXPLOITABLE,),
        )
        for vex in ("openvex-bad", "openvex-other-bad", "cyclonedx-vex-bad", "csaf-vex-bad")
    ),
    Case(
        rule="exploitability.vex",
        reports=(SCAN, "fixtures/written/openvex.json"),
        outcome="fail",
        violations=1,
        first=("GHSA-0000-0000-0002 in parcel-maps 3.0.1, severity negligible",),
        parameters=LOW,
    ),
    Case(
        rule="exploitability.vex",
        reports=("vuln/grype/dojo_many_vulns_epss.json", "vex/openvex/vexhub_k3s.openvex.json"),
        outcome="fail",
        violations=11,
        first=("CVE-2021-28831 in busybox 1.32.1, severity high", "CVE-2021-42378 in busybox 1.32.1, severity high"),
    ),
    Case(rule="exploitability.known", reports=("fixtures/written/grype-kev.json",), outcome="pass"),
    Case(
        rule="exploitability.known",
        reports=("fixtures/written/grype-kev-bad.json",),
        outcome="fail",
        violations=1,
        first=("GHSA-0000-0000-0001 in parcel-labels 1.2.0 is known to be exploited",),
    ),
    Case(
        rule="exploitability.known",
        reports=(SCAN,),
        outcome="unanswered",
        violations=2,
        first=("needs vulnerabilities.findings[0].kev", "needs vulnerabilities.findings[1].kev"),
    ),
    Case(
        rule="exploitability.known",
        reports=("vuln/trivy/npm-with-dev.json",),
        outcome="unanswered",
        violations=1,
        first=("needs vulnerabilities.findings[0].kev",),
    ),
    Case(rule="exploitability.known", reports=("vuln/grype/dojo_many_vulns_epss.json",), outcome="pass"),
    Case(rule="exploitability.likely", reports=("fixtures/written/grype-kev.json",), outcome="pass"),
    Case(
        rule="exploitability.likely",
        reports=("fixtures/written/grype-kev-bad.json",),
        outcome="fail",
        violations=1,
        first=("GHSA-0000-0000-0001 in parcel-labels 1.2.0 is likely to be exploited: 310000 in a million",),
    ),
    Case(
        rule="exploitability.likely",
        reports=("vuln/grype/dojo_many_vulns_epss.json",),
        outcome="pass",
        parameters={"max_epss_ppm": 71900},
    ),
    Case(
        rule="exploitability.likely",
        reports=("vuln/grype/dojo_many_vulns_epss.json",),
        outcome="fail",
        violations=1,
        first=("CVE-2022-28391 in busybox 1.32.1 is likely to be exploited: 71900 in a million",),
        parameters={"max_epss_ppm": 71899},
    ),
    Case(
        rule="exploitability.likely",
        reports=("fixtures/vulnerabilities/pip-audit-bad.json",),
        outcome="unanswered",
        violations=2,
        first=("needs vulnerabilities.findings[0].epss_ppm", "needs vulnerabilities.findings[1].epss_ppm"),
    ),
    *(
        Case(rule="misconfiguration.clean", reports=(f"fixtures/{report}",), outcome="pass")
        for report in (
            "misconfiguration/hadolint.json",
            "misconfiguration/checkov.json",
            "written/kube-linter.json",
            "written/trivy-config.json",
        )
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("fixtures/misconfiguration/hadolint-bad.json",),
        outcome="fail",
        violations=4,
        first=(
            "DL3006 (medium) in Dockerfile:2: Always tag the version of an image explicitly",
            (
                "DL3008 (medium) in Dockerfile:3: Pin versions in apt get install. "
                "Instead of `apt-get install <package>` use `apt-get install <package>=<version>`"
            ),
        ),
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("fixtures/misconfiguration/checkov-bad.json",),
        outcome="fail",
        violations=5,
        first=CHECKOV,
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("fixtures/misconfiguration/checkov-bad.json",),
        outcome="fail",
        violations=6,
        first=CHECKOV,
        parameters={"suppressed": "deny"},
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("fixtures/written/kube-linter-bad.json",),
        outcome="fail",
        violations=1,
        first=('run-as-non-root (unknown) in /src/deployment.yaml: container "depot" is not set to runAsNonRoot',),
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("fixtures/written/trivy-config-bad.json",),
        outcome="fail",
        violations=1,
        first=(
            "DS-0002 (high) in Dockerfile:2: Specify at least 1 USER command in Dockerfile with non-root user as argument",
        ),
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("iac/checkov/dojo_0-vuln_v2.json",),
        outcome="unanswered",
        violations=1,
        first=("dojo_0-vuln_v2.json examined nothing",),
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("iac/trivy-config/helm.json",),
        outcome="fail",
        violations=7,
        first=(
            (
                "KSV-0001 (medium) in testchart.tar.gz:templates/pod.yaml:19: Container 'nginx' of Deployment "
                "'nginx-deployment' should set 'securityContext.allowPrivilegeEscalation' to false"
            ),
            (
                "KSV-0012 (medium) in testchart.tar.gz:templates/pod.yaml:19: Container 'nginx' of Deployment "
                "'nginx-deployment' should set 'securityContext.runAsNonRoot' to true"
            ),
        ),
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("iac/kube-linter/dojo_many.json",),
        outcome="fail",
        violations=7,
        first=(
            (
                'latest-tag (unknown) in /manifests/many.yaml: The container "server" is using an invalid container image, '
                '"generic-app:latest". Please use images that are not blocked by the `BlockList` criteria : '
                '[".*:(latest)$" "^[^:]*$" "(.*/[^:]+)$"]'
            ),
            (
                "no-read-only-root-fs (unknown) in /manifests/many.yaml: "
                'container "server" does not have a read-only root file system'
            ),
        ),
    ),
    Case(
        rule="misconfiguration.clean",
        reports=("iac/checkov/dojo_severity.json",),
        outcome="fail",
        violations=3,
        first=(
            (
                "CKV_GCP_28 (high) in /gcs.tf:17: "
                "Ensure that Cloud Storage bucket is not anonymously or publicly accessible"
            ),
            (
                "CKV_GCP_29 (medium) in /gcs.tf:1: "
                "Ensure that Cloud Storage buckets have uniform bucket-level access enabled"
            ),
        ),
    ),
    Case(rule="misconfiguration.root_user", reports=("fixtures/written/image.json",), outcome="pass"),
    Case(
        rule="misconfiguration.root_user",
        reports=("fixtures/written/image-bad.json",),
        outcome="fail",
        violations=1,
        first=("image-bad.json runs as root: it names no user",),
    ),
    Case(
        rule="misconfiguration.root_user",
        reports=("fixtures/artifact/parcel-1.4.0-py3-none-any.whl",),
        outcome="unanswered",
        violations=1,
        first=("needs artifact.user",),
    ),
    Case(
        rule="misconfiguration.base_age",
        reports=("fixtures/written/image.json",),
        outcome="pass",
        parameters={"max_base_age": "327d"},
    ),
    Case(
        rule="misconfiguration.base_age",
        reports=("fixtures/written/image.json",),
        outcome="fail",
        violations=1,
        first=("artifact.base_created_at is older than 325d: 2026-01-02T00:00:00Z",),
        parameters={"max_base_age": "325d"},
    ),
    Case(
        rule="misconfiguration.base_age",
        reports=("fixtures/written/image-bad.json",),
        outcome="fail",
        violations=1,
        first=("artifact.base_created_at is older than 90d: 2024-01-02T00:00:00Z",),
    ),
    Case(rule="secrets.clean", reports=("fixtures/secrets/gitleaks.json",), outcome="pass"),
    Case(rule="secrets.clean", reports=("fixtures/written/trufflehog.jsonl",), outcome="pass"),
    Case(
        rule="secrets.clean",
        reports=("fixtures/secrets/gitleaks-bad.json",),
        outcome="fail",
        violations=1,
        first=("gitleaks: aws-access-token in keys.py:1 at 30ad85fd44dc264e935f7e1460bd9f5930968014",),
    ),
    Case(
        rule="secrets.clean",
        reports=("fixtures/secrets/gitleaks-bad.json",),
        outcome="warn",
        violations=1,
        first=("gitleaks: aws-access-token in keys.py is allowed by its fingerprint",),
        parameters={"allowed": ["30ad85fd44dc264e935f7e1460bd9f5930968014:keys.py:aws-access-token:1"]},
    ),
    Case(
        rule="secrets.clean",
        reports=("fixtures/written/trufflehog-bad.jsonl",),
        outcome="fail",
        violations=1,
        first=("trufflehog: AWS in keys.py:1 at 30ad85fd44dc264e935f7e1460bd9f5930968014, and it works",),
    ),
    Case(
        rule="secrets.clean",
        reports=("secrets/gitleaks/dojo_v7.5.0.json",),
        outcome="fail",
        violations=8,
        first=tuple(
            f"gitleaks: AWS Access Key in dojo/unittests/scans/gitlab_secret_detection_report/{name} at 6d127980966808f7413935678e079dcd7fedf9c2"
            for name in (
                "gitlab_secret_detection_report_1_vuln.json:13",
                "gitlab_secret_detection_report_3_vuln.json:44",
            )
        ),
    ),
    *(
        Case(rule=f"data_handling.{rule}", reports=("fixtures/written/data-handling.toml",), outcome="pass")
        for rule in ("classified", "access_reviewed", "retention")
    ),
    Case(
        rule="data_handling.classified",
        reports=("fixtures/written/data-handling-bad.toml",),
        outcome="fail",
        violations=1,
        first=("accounts is restricted, at most confidential is allowed",),
    ),
    Case(
        rule="data_handling.access_reviewed",
        reports=("fixtures/written/data-handling-bad.toml",),
        outcome="fail",
        violations=2,
        first=(
            "data_handling.access_reviewed_at is older than 180d: 2025-11-01T10:00:00Z",
            "access to accounts was reviewed by its owner, github:grace",
        ),
    ),
    Case(
        rule="data_handling.retention",
        reports=("fixtures/written/data-handling-bad.toml",),
        outcome="fail",
        violations=1,
        first=("accounts is kept for 1000 days, restricted data for at most 365",),
    ),
    Case(rule="review.stakeholders", reports=("fixtures/written/gitlab-discussions.json",), outcome="pass"),
    Case(
        rule="review.stakeholders",
        reports=("fixtures/written/gitlab-discussions-bad.json",),
        outcome="fail",
        violations=1,
        first=("gitlab:ben has asked for changes: add a test for the empty parcel",),
    ),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_says_of_a_real_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)
