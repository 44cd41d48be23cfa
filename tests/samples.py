"""Every shared sample of a kind that is read, and what comes of it: a table for tests and for ``docs/formats.md``.

``python tests/samples.py`` writes the table into the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.collect import registry
from gatekeeper.collect.inspect import summary
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError
from shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect.reading import Reading

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "formats.md"
START: Final = "<!-- The table below is made by tests/samples.py -->\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample and its outcome.

    Attributes:
        path: Below ``fixtures``.
        format: The format it is read as; empty when it is refused.
        complete: Whether its facts are complete.
        refused: The code of the error it is refused with; empty when it is read.
    """

    path: str
    format: str = ""
    complete: bool = True
    refused: str = ""

    @property
    def report(self) -> Report:
        assert SHARED is not None
        return Report((SHARED / "fixtures" / self.path).read_bytes(), self.path)


def _read(format_: str, folder: str, *names: str, complete: bool = True) -> Iterator[Sample]:
    return (Sample(path=f"{folder}/{name}", format=format_, complete=complete) for name in names)


def _refused(code: str, folder: str, *names: str) -> Iterator[Sample]:
    return (Sample(path=f"{folder}/{name}", refused=code) for name in names)


FOLDERS: Final = (
    "approvals",
    "bandit",
    "change",
    "chaos",
    "config",
    "oscal",
    "risk",
    "coverage",
    "flags",
    "iac",
    "junit",
    "licences",
    "nunit",
    "observability/argo",
    "observability/kayenta",
    "observability/openslo",
    "observability/slo-report",
    "perf",
    "provenance",
    "sarif",
    "sbom",
    "secrets",
    "semgrep",
    "trx",
    "vex",
    "vuln",
)
"""Folders of samples whose every file is listed below."""

SAMPLES: Final = (
    *_read(
        "github-reviews",
        "approvals/github",
        "api_pr482_reviews.json",
        "webhook_review_dismissed.json",
        "webhook_review_submitted.json",
    ),
    *_read("gitlab-approvals", "approvals/gitlab", "approvals.json"),
    # says it is approved with one approval of two
    *_read("gitlab-approvals", "approvals/gitlab", "approval-state.json", complete=False),
    # approvals that people sign are evidence as they are
    *_refused(
        "collect.unrecognised",
        "approvals/ssh",
        "local/allowed_signers",
        "local/approval.json",
        "local/approval.json.sig",
        "sshsig0_allowed_signers",
        "sshsig0_message",
        "sshsig0_message.sig",
    ),
    *_refused("collect.unrecognised", "bandit", "dojo_many_vulns.json"),
    *_read("gitlab-releases", "change", "gitlab_releases.json"),
    *_read("github-releases", "change", "webhook_release_published.json"),
    *_refused("collect.unrecognised", "change", "k8s-1.33_release-notes.json"),
    *_read(
        "terraform-plan",
        "config/terraform",
        "regula_tfplan.0.15.json",
        "tc_issue-158.plan.json",
        "tc_issue-249.plan.json",
    ),
    # manifests speak of several things: which, is for --kind to say
    *_refused(
        "collect.ambiguous",
        "config/kubernetes",
        "elasticsearch-config.json",
        "elasticsearch-live.json",
        "online-boutique.yaml",
    ),
    *_read("oscal", "oscal", "ifa_assessment-results.json"),
    # results without the document around them
    *_refused("collect.unrecognised", "oscal", "trestle_ocp4-check-result.json"),
    *_read("threagile", "risk", "threagile/dojo_risks.json"),
    *_read("chaostoolkit", "chaos/chaostoolkit", "completed.json", "deviated.json", "tck_sample-journal.json"),
    *_read("litmus", "chaos/litmus", "chaosresult.yaml"),
    *_read(
        "cobertura",
        "coverage/cobertura",
        "cobertura-2.1.1-multisource.xml",
        "coveragepy_branch.xml",
        "coverlet.xml",
        "packaging_branch.xml",
    ),
    # the header counts lines, or branches, that are not listed
    *_read("cobertura", "coverage/cobertura", "dotnet-coverage.xml", "istanbul.xml", complete=False),
    *_refused("xml.syntax", "coverage/cobertura", "coveralls_oneline.xml"),
    *_read("coveragepy", "coverage/coveragepy-json", "packaging_branch.json", "pdf_toolbox.json"),
    *_read("jacoco", "coverage/jacoco", "jacoco-0.8.3.xml"),
    # shortened by hand: its counters are those of one of its two packages
    *_read("jacoco", "coverage/jacoco", "multiple-packages.xml", complete=False),
    *_read("lcov", "coverage/lcov", "coveragepy.lcov", "csharp.info", "gcov_cpp.lcov", "packaging_branch.lcov"),
    *_read(
        "junit",
        "junit",
        "bazel_suite-logs.xml",
        "disabled_gtest.xml",
        "jest_empty-testsuite.xml",
        "jest_facebook-jest.xml",
        "junit4_complete.xml",
        "minimal-attributes.xml",
        "mocha_latex-utensils.xml",
        "multiresult.xml",
        "phpunit_phpcheckstyle.xml",
        "pytest9_packaging_10k_xunit2.xml",
        "pytest_fail.xml",
        "pytest_horovod_gloo_standalone.xml",
        "python_unittest-xml.xml",
        "scalatest_DiffOptionsSuite.xml",
        "surefire_pulsar.xml",
        "swift_xunit.xml",
        "testsuite-in-testsuite.xml",
        "testsuite-root.xml",
        "unsupported-unicode.xml",
        "with-xml-entities.xml",
    ),
    # the header counts cases, or outcomes, that are not there
    *_read("junit", "junit", "gotestsum_report.xml", "no-cases-but-tests.xml", complete=False),
    *_refused("collect.unrecognised", "junit", "non-junit.xml"),
    *_refused("xml.syntax", "junit", "pytest_corrupt.xml"),
    *_read("flagd", "flags", "flagd_example.flagd.json"),
    # Trivy that looked at configuration only
    *_read("trivy-config", "iac/trivy-config", "helm.json"),
    *_refused("collect.unrecognised", "licences", "pip-licenses_5.5.5.json"),
    # Trivy that looked at licences only
    *_read("trivy", "licences", "trivy_license-npm.json", complete=False),
    *_read("nunit", "nunit", "nunit2_correct.xml"),
    # inconclusive: no verdict
    *_read("argo-analysisrun", "observability/argo", "canary-analysis.yaml", complete=False),
    *_read("kayenta", "observability/kayenta", "orca_result_fail33.json"),
    # a definition, and no measurement
    *_read("openslo", "observability/openslo", "timeslices-slo.yaml", complete=False),
    *_read("slo-generator", "observability/slo-report", "slo_report_v2.json"),
    *_refused("k6.no_requests", "perf/k6", "handlesummary_grpc.json"),
    *_read("k6", "perf/k6", "handlesummary_http.json"),
    *_read("google-benchmark", "perf/google-benchmark", "test1_run1.json"),
    *_read("jmeter-csv", "perf/jmeter", "false_report.csv", "htmlreport.csv"),
    *_read("jmeter-xml", "perf/jmeter", "sample_log1.jtl"),
    *_read("locust", "perf/locust", "locust_2.47.json"),
    *_read("pytest-benchmark", "perf/pytest-benchmark", "pytest-benchmark_5.3.1.json"),
    # rounds that are no numbers
    *_refused("benchmark.duration", "perf/pytest-benchmark", "gab_output.json", "gab_several_units.json"),
    *_read("locust-history", "perf/locust", "locust_2.47_stats_history.csv"),
    *_refused(
        "collect.unrecognised",
        "perf",
        "google-benchmark/test4_run.json",
        "locust/locust_2.47_failures.csv",
        "locust/locust_2.47_stats.csv",
    ),
    *_read("slsa-provenance", "provenance", "sigstore-python_slsa_predicate_v0_2.json"),
    # signed: evidence as they are; and two wrappings of several, of Google and of npm
    *_refused(
        "collect.unrecognised",
        "provenance",
        "dsse_staging_rekor-v2.sigstore.json",
        "gcb_v0.3.json",
        "gha_container-based_v2.1.0.sigstore.json",
        "gha_generic_v2.1.0.intoto.jsonl",
        "gha_go_v1.4_plain-dsse.intoto.jsonl",
        "gha_go_v2.1.0.intoto.jsonl",
        "npm_gundam-visor.json",
        "vsa_gke.bcid-vsa.jsonl",
        "vsa_gke_public_key.pem",
    ),
    *_read(
        "sarif",
        "sarif",
        "codeql_output.sarif",
        "dependency_check.sarif",
        "flawfinder.sarif",
        "mobsfscan.sarif",
        "semgrep_owasp-benchmark.sarif",
        "suppressions.sarif",
    ),
    # a run that says it failed, and one that notes an error of the tool
    *_read("sarif", "sarif", "spotbugs.sarif", "spec_appendix_k4.sarif", complete=False),
    *_refused("sarif.no_runs", "sarif", "no_runs.sarif"),
    *_read(
        "cyclonedx",
        "sbom/cyclonedx",
        "cyclonedx-py_7.5_env_1.6.json",
        "guac_big-mongo.json",
        "guac_quarkus-deps.json",
        "juice-shop_bare_1.4.json",
        "keycloak-10.0.2.json",
        "laravel-7.12.0_1.4.json",
        "spec_valid-1.6.json",
        "trivy_fluentd.cdx.json",
    ),
    *_read("cyclonedx-xml", "sbom/cyclonedx", "juice-shop_v11.1.2.xml", "spec_valid-1.5.xml"),
    *_read(
        "spdx",
        "sbom/spdx",
        "guac_alpine.spdx.json",
        "guac_kubectl_oci.spdx.json",
        "protobom_nginx.spdx.json",
        "tools-python_example-2.3.json",
    ),
    *_refused("collect.unrecognised", "sbom/spdx3", "ms_sbom-tool_manifest.spdx.json"),
    *_read("sarif", "secrets/gitleaks", "report_simple.sarif"),
    *_read("junit", "secrets/gitleaks", "report_simple_junit.xml"),
    *_read("gitleaks", "secrets/gitleaks", "dojo_redacted_many.json", "dojo_v7.5.0.json", "report_simple.json"),
    # the list of a clean repository, and of one that was never looked at
    *_refused("collect.unrecognised", "secrets/gitleaks", "empty.json"),
    *_read("checkov", "iac/checkov", "dojo_0-vuln_v2.json", "dojo_multiple_check_type.json", "dojo_severity.json"),
    *_read("kube-linter", "iac/kube-linter", "dojo_many.json"),
    *_refused("collect.unrecognised", "semgrep", "dojo_many_vulns.json"),
    *_read("trx", "trx", "mstest_pickles.trx"),
    *_read("csaf-vex", "vex/csaf", "go-vex_csaf.json", "guac_rhsa-csaf.json"),
    *_read("cyclonedx-vex", "vex/cyclonedx", "case-2.vex.json"),
    # no statement in it says when it was made
    *_refused("vex.time", "vex/cyclonedx", "case-9.vex.json"),
    *_read("openvex", "vex/openvex", "go-vex_v0.0.1.json", "go-vex_v0.2.0.json", "vexhub_k3s.openvex.json"),
    *_refused("collect.unrecognised", "vuln", "gitlab/dojo_dep_scan_v15.json", "snyk/dojo_single_project_many.json"),
    *_read("grype", "vuln/grype", "dojo_many_vulns.json", "dojo_many_vulns_epss.json"),
    *_read("osv-scanner", "vuln/osv-scanner", "dojo_many_findings.json", "osv_filter_some.json"),
    # a dependency was skipped
    *_read("pip-audit", "vuln/pip-audit", "dojo_many_vulns_new.json", "dojo_zero_vulns_new.json", complete=False),
    *_read(
        "trivy",
        "vuln/trivy",
        "alpine-310.json",
        "dojo_all_statuses.json",
        "dojo_legacy_many_vulns.json",
        "npm-with-dev.json",
        "ubuntu-1804.json",
    ),
    *_read("trivy-config", "vuln/trivy", "dojo_issue_9170.json"),
    # of packages and of configuration: --kind says which
    *_refused("collect.ambiguous", "vuln/trivy", "dojo_kubernetes.json", "dojo_misconfig_and_secrets.json"),
)


def table() -> str:
    """The table as Markdown, from reading every sample now."""
    rows = [_row(sample) for sample in sorted(SAMPLES, key=lambda sample: sample.path)]
    return "\n".join(["| sample | read as | facts, or why not |", "|---|---|---|", *rows, ""])


def _row(sample: Sample) -> str:
    try:
        reading = registry.read(sample.report)
    except GatekeeperError as problem:
        where = problem.where.removeprefix(sample.path).removeprefix(": ")
        return f"| `{sample.path}` | refused: `{problem.code}` | {_cell(f'{where}: {problem.message}'.strip(': '))} |"
    return f"| `{sample.path}` | {reading.format} | {_cell(_said(reading))} |"


def _said(reading: Reading) -> str:
    flags = "" if reading.facts["complete"] else "**not complete**: "
    short = summary(reading.facts)
    counts = [f"{name} {value}" for name, value in short.items() if isinstance(value, int) and name != "complete"]
    inner = [
        f"{name} {value}"
        for group in short.values()
        if isinstance(group, dict)
        for name, value in group.items()
        if isinstance(value, int) and group is not short.get("claimed")
    ]
    claimed = [f"{name} {value}" for name, value in short.get("claimed", {}).items() if name != "locator"]
    said = ", ".join(counts + inner)
    return flags + said + (f"; the header says {', '.join(claimed)}" if claimed else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write_page() -> None:
    head = PAGE.read_text(encoding="utf-8").partition(START)[0]
    PAGE.write_text(head + START + "\n" + table(), encoding="utf-8")


if __name__ == "__main__":
    write_page()
