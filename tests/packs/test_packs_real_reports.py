"""Each standard rule over real reports: denied for the right reason, in these words; or passed; or unanswered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_reports import ROOT, SUBJECT, Case, all_cases, check, document_of, result

from gatekeeper.load.packs import Packs, load_packs

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

CASES = (
    Case(
        rule="artifact.metadata",
        reports=("fixtures/artifact/parcel-1.4.0-py3-none-any.whl",),
        outcome="pass",
    ),
    Case(
        rule="artifact.metadata",
        reports=("fixtures/artifact/bare_thing-0.0.1.dev3-py2.py3-none-any.whl",),
        outcome="fail",
        violations=3,
        first=(
            "bare_thing-0.0.1.dev3-py2.py3-none-any.whl names no contributors",
            "bare_thing-0.0.1.dev3-py2.py3-none-any.whl names no licenses",
        ),
    ),
    Case(
        rule="artifact.metadata",
        reports=("fixtures/artifact/parcel-1.4.0.tar.gz",),
        outcome="pass",
    ),
    Case(
        rule="artifact.naming",
        reports=("fixtures/artifact/parcel-1.4.0-py3-none-any.whl",),
        outcome="pass",
    ),
    Case(
        rule="artifact.naming",
        reports=("fixtures/artifact/bare_thing-0.0.1.dev3-py2.py3-none-any.whl",),
        outcome="fail",
        violations=1,
        first=("the version 0.0.1.dev3 of bare_thing-0.0.1.dev3-py2.py3-none-any.whl does not follow the convention",),
        parameters={"version_scheme": "semver"},
    ),
    Case(
        rule="coverage.branches",
        reports=("coverage/jacoco/jacoco-0.8.3.xml",),
        outcome="fail",
        violations=1,
        first=("1 of 4 branches are covered, 70% are needed",),
    ),
    Case(
        rule="coverage.branches",
        reports=("coverage/cobertura/packaging_branch.xml",),
        outcome="pass",
    ),
    Case(
        rule="coverage.branches",
        reports=("coverage/coveragepy-json/pdf_toolbox.json",),
        outcome="unanswered",
        violations=2,
        first=(
            "needs coverage.branches_covered",
            "needs coverage.branches_valid",
        ),
    ),
    Case(
        rule="coverage.lines",
        reports=("coverage/cobertura/packaging_branch.xml",),
        outcome="fail",
        violations=1,
        first=("3341 of 4440 lines are covered, 80% are needed",),
    ),
    Case(
        rule="coverage.lines",
        reports=("coverage/coveragepy-json/pdf_toolbox.json",),
        outcome="pass",
    ),
    Case(
        rule="coverage.lines",
        reports=("coverage/cobertura/istanbul.xml",),
        outcome="unanswered",
        violations=1,
        first=("istanbul.xml is not complete",),
    ),
    Case(
        rule="coverage.lines",
        reports=("fixtures/coverage/cobertura.xml",),
        outcome="pass",
    ),
    Case(
        rule="performance.errors",
        reports=("perf/k6/handlesummary_http.json",),
        outcome="fail",
        violations=1,
        first=("349 of 878 requests to http failed, at most 10 in 1000 may",),
    ),
    Case(
        rule="performance.errors",
        reports=("perf/locust/locust_2.47.json",),
        outcome="fail",
        violations=1,
        first=("190 of 190 requests to GET /missing failed, at most 10 in 1000 may",),
    ),
    Case(
        rule="performance.latency",
        reports=("perf/locust/locust_2.47.json",),
        outcome="fail",
        violations=3,
        first=("p95 of GET /index.html is 4 ms, its budget 3 ms", "p95 of GET /missing is 4 ms, its budget 3 ms"),
        parameters={"max_p95_ms": 3, "budgets": [{"endpoint": "GET /pay", "max_p95_ms": 100}]},
    ),
    Case(
        rule="performance.latency",
        reports=("perf/k6/handlesummary_http.json",),
        outcome="pass",
    ),
    Case(
        rule="provenance.source",
        reports=("provenance/sigstore-python_slsa_predicate_v0_2.json",),
        outcome="pass",
        parameters={"repository": "https://github.com/sigstore/sigstore-python", "refs": ["refs/tags/*"]},
    ),
    Case(
        rule="provenance.source",
        reports=("provenance/sigstore-python_slsa_predicate_v0_2.json",),
        outcome="fail",
        violations=2,
        first=(
            "the artifact was built from the ref 'refs/tags/v3.2.0' at gitCommit:fc29ec190575ae345cea23f0953b64ca6f2ab8ba",
            "the artifact was built from https://github.com/sigstore/sigstore-python",
        ),
        parameters={"repository": "https://github.com/sigstore/sigstore", "refs": ["refs/heads/main"]},
    ),
    Case(
        rule="provenance.source",
        reports=("fixtures/written/slsa-v1.json",),
        outcome="pass",
        parameters={"repository": "https://github.com/acme/parcel"},
    ),
    Case(
        rule="provenance.trusted_builder",
        reports=("provenance/sigstore-python_slsa_predicate_v0_2.json",),
        outcome="pass",
        parameters={
            "builders": [
                "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@refs/tags/v2.0.0"
            ]
        },
    ),
    Case(
        rule="provenance.trusted_builder",
        reports=("provenance/sigstore-python_slsa_predicate_v0_2.json",),
        outcome="fail",
        violations=1,
        first=(
            "the artifact was built by https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@refs/tags/v2.0.0",
        ),
        parameters={"builders": ["https://github.com/slsa-framework/slsa-github-generator"]},
    ),
    Case(
        rule="review.current",
        reports=("fixtures/written/github-reviews.json", "fixtures/change/git.txt"),
        outcome="pass",
    ),
    Case(
        rule="review.current",
        reports=("approvals/gitlab/approvals.json", "fixtures/change/git.txt"),
        outcome="unanswered",
        violations=2,
        first=(
            "needs review.reviews[0].commit",
            "needs review.reviews[1].commit",
        ),
    ),
    Case(
        rule="review.current",
        reports=("fixtures/written/github-reviews-bad.json", "fixtures/change/git.txt"),
        outcome="fail",
        violations=1,
        first=("1 of 2 reviewers have approved the commit 8861a3da2528faba22d54f8590c3413cb7e0c1d1",),
        parameters={"approvals": 2},
    ),
    Case(
        rule="review.stakeholders",
        reports=("approvals/github/webhook_review_dismissed.json",),
        outcome="fail",
        violations=1,
        first=("0 of 1 reviewers have approved",),
    ),
    Case(
        rule="review.stakeholders",
        reports=("fixtures/written/github-reviews.json",),
        outcome="pass",
    ),
    Case(
        rule="review.stakeholders",
        reports=("fixtures/written/github-reviews-bad.json",),
        outcome="fail",
        violations=1,
        first=("github:ben has asked for changes",),
    ),
    Case(
        rule="review.stakeholders",
        reports=("approvals/gitlab/approvals.json",),
        outcome="pass",
        parameters={"approvals": 2},
    ),
    Case(
        rule="review.stakeholders",
        reports=("approvals/gitlab/approvals.json",),
        outcome="fail",
        violations=1,
        first=("2 of 3 reviewers have approved",),
        parameters={"approvals": 3},
    ),
    Case(
        rule="review.stakeholders",
        reports=("approvals/gitlab/approval-state.json",),
        outcome="unanswered",
        violations=1,
        first=("approval-state.json is not complete",),
    ),
    Case(
        rule="review.stakeholders",
        reports=("approvals/github/api_pr482_reviews.json",),
        outcome="unanswered",
        violations=1,
        first=("api_pr482_reviews.json examined nothing",),
    ),
    Case(
        rule="sbom.complete",
        reports=("sbom/cyclonedx/trivy_fluentd.cdx.json",),
        outcome="fail",
        violations=1,
        first=("debian has no package URL",),
    ),
    Case(
        rule="sbom.complete",
        reports=("sbom/spdx/tools-python_example-2.3.json",),
        outcome="unanswered",
        violations=1,
        first=("needs sbom.dependency_count",),
    ),
    Case(
        rule="sbom.complete",
        reports=("sbom/cyclonedx/cyclonedx-py_7.5_env_1.6.json",),
        outcome="pass",
    ),
    Case(
        rule="sbom.licences",
        reports=("sbom/cyclonedx/spec_valid-1.6.json",),
        outcome="fail",
        violations=2,
        first=(
            "com.example/myframework 1.0.0 is under Some random license, which is not allowed",
            "org.example/mylibrary 1.0.0 is under EPL-2.0 OR GPL-2.0-with-classpath-exception, which is not allowed",
        ),
    ),
    Case(
        rule="sbom.licences",
        reports=("sbom/cyclonedx/guac_big-mongo.json",),
        outcome="fail",
        violations=558,
        first=(
            "adduser 3.118ubuntu2 is under GPL-2.0-only, which is not allowed",
            "apt 2.0.9 is under GPL-2.0-only, which is not allowed",
        ),
    ),
    Case(
        rule="sbom.licences",
        reports=("sbom/spdx/tools-python_example-2.3.json",),
        outcome="fail",
        violations=5,
        first=("Apache Commons Lang states no licence", "Jena 3.12.0 states no licence"),
    ),
    Case(
        rule="sbom.licences",
        reports=("sbom/cyclonedx/cyclonedx-py_7.5_env_1.6.json",),
        outcome="fail",
        violations=25,
        first=(
            "Jinja2 3.1.6 is under License :: OSI Approved :: BSD License, which is not allowed",
            "arrow 1.4.0 is under License :: OSI Approved :: Apache Software License, which is not allowed",
        ),
    ),
    Case(
        rule="sbom.licences",
        reports=("sbom/cyclonedx/laravel-7.12.0_1.4.json",),
        outcome="pass",
    ),
    Case(
        rule="sbom.licences",
        reports=("fixtures/sbom/maven.cdx.json",),
        outcome="fail",
        violations=6,
        first=(
            "org.junit.jupiter/junit-jupiter 5.11.4 is under EPL-2.0, which is not allowed",
            "org.junit.jupiter/junit-jupiter-api 5.11.4 is under EPL-2.0, which is not allowed",
        ),
    ),
    Case(
        rule="sbom.pinned",
        reports=("sbom/cyclonedx/laravel-7.12.0_1.4.json",),
        outcome="fail",
        violations=62,
        first=("asm89/stack-cors 1.3.0 has no strong digest", "brick/math 0.9.3 has no strong digest"),
    ),
    Case(
        rule="sbom.pinned",
        reports=("sbom/cyclonedx/juice-shop_v11.1.2.xml",),
        outcome="fail",
        violations=840,
        first=("@dabh/diagnostics 2.0.2 has no strong digest", "@sindresorhus/is 0.7.0 has no strong digest"),
    ),
    Case(
        rule="sbom.pinned",
        reports=("sbom/cyclonedx/keycloak-10.0.2.json",),
        outcome="pass",
    ),
    Case(
        rule="sbom.pinned",
        reports=("fixtures/sbom/cyclonedx-py-lock.cdx.json",),
        outcome="fail",
        violations=10,
        first=("build 1.6.1 has no strong digest", "colorama 0.4.6 has no strong digest"),
    ),
    Case(
        rule="static_analysis.clean",
        reports=("sarif/flawfinder.sarif",),
        outcome="fail",
        violations=3,
        first=("Flawfinder: error FF1021 in src/cli_main.cc:482", "Flawfinder: error FF1048 in src/tree/param.cc:29"),
    ),
    Case(
        rule="static_analysis.clean",
        reports=("sarif/suppressions.sarif",),
        outcome="fail",
        violations=2,
        first=(
            "CodeScanner: warning TST0004 in file:///C:/code/file4.c",
            "CodeScanner: warning TST0005 in file:///C:/code/file5.c",
        ),
    ),
    Case(
        rule="static_analysis.clean",
        reports=("sarif/suppressions.sarif",),
        outcome="fail",
        violations=5,
        first=(
            "CodeScanner: warning TST0001 in file:///C:/code/file1.c",
            "CodeScanner: warning TST0002 in file:///C:/code/file2.c",
        ),
        parameters={"suppressed": "deny"},
    ),
    Case(
        rule="static_analysis.clean",
        reports=("fixtures/sarif/bandit-bad.sarif",),
        outcome="fail",
        violations=2,
        first=("Bandit: error B324 in insecure.py:8", "Bandit: error B602 in insecure.py:12"),
    ),
    Case(
        rule="static_analysis.clean",
        reports=("fixtures/sarif/ruff.sarif",),
        outcome="pass",
    ),
    Case(
        rule="tests.flaky",
        reports=("fixtures/junit/surefire-bad.xml",),
        outcome="unanswered",
        violations=1,
        first=("surefire-bad.xml is not complete",),
    ),
    Case(
        rule="tests.flaky",
        reports=("junit/surefire_pulsar.xml",),
        outcome="pass",
    ),
    Case(
        rule="tests.passed",
        reports=("junit/junit4_complete.xml",),
        outcome="fail",
        violations=2,
        first=("Tests.Registration::testCase5 failed", "Tests.Registration::testCase6 errored"),
    ),
    Case(
        rule="tests.passed",
        reports=("junit/surefire_pulsar.xml",),
        outcome="fail",
        violations=1,
        first=("org.apache.pulsar.AddMissingPatchVersionTest::testVersionStrings failed",),
    ),
    Case(
        rule="tests.passed",
        reports=("junit/mocha_latex-utensils.xml",),
        outcome="pass",
    ),
    Case(
        rule="tests.passed",
        reports=("junit/jest_empty-testsuite.xml",),
        outcome="unanswered",
        violations=1,
        first=("jest_empty-testsuite.xml examined nothing",),
    ),
    Case(
        rule="tests.passed",
        reports=("junit/no-cases-but-tests.xml",),
        outcome="unanswered",
        violations=2,
        first=(
            "no-cases-but-tests.xml is not complete",
            "no-cases-but-tests.xml examined nothing",
        ),
    ),
    Case(
        rule="tests.passed",
        reports=("fixtures/junit/pytest-mixed.xml",),
        outcome="fail",
        violations=4,
        first=("test_mixed::test_errs_after errored", "test_mixed::test_errs_before errored"),
    ),
    Case(
        rule="tests.passed",
        reports=("fixtures/junit/pytest.xml",),
        outcome="pass",
    ),
    Case(
        rule="tests.skipped",
        reports=("junit/pytest_horovod_gloo_standalone.xml",),
        outcome="fail",
        violations=1,
        first=("17 of 97 tests are skipped, at most 5% may be",),
    ),
    Case(
        rule="tests.skipped",
        reports=("junit/surefire_pulsar.xml",),
        outcome="pass",
    ),
    Case(
        rule="tests.skipped",
        reports=("fixtures/junit/pytest-mixed.xml",),
        outcome="fail",
        violations=1,
        first=("3 of 8 tests are skipped, at most 5% may be",),
    ),
    Case(
        rule="vulnerabilities.examined",
        reports=("vuln/grype/dojo_many_vulns_epss.json",),
        outcome="fail",
        violations=1,
        first=("grype does not say what it examined, and no bill of materials does",),
    ),
    Case(
        rule="vulnerabilities.examined",
        reports=("vuln/grype/dojo_many_vulns_epss.json", "sbom/cyclonedx/trivy_fluentd.cdx.json"),
        outcome="pass",
    ),
    Case(
        rule="vulnerabilities.examined",
        reports=("vuln/trivy/npm-with-dev.json",),
        outcome="pass",
    ),
    Case(
        rule="vulnerabilities.fixable",
        reports=("vuln/osv-scanner/dojo_many_findings.json",),
        outcome="fail",
        violations=24,
        first=(
            "GHSA-25mq-v84q-4j7r (high) in guzzlehttp/guzzle 6.3.3 is mended in 6.5.8, 7.4.5",
            "GHSA-2gwj-7jmv-h26r (critical) in django 3.2.4 is mended in 2.2.28, 3.2.13, 4.0.4",
        ),
    ),
    Case(
        rule="vulnerabilities.fixable",
        reports=("vuln/trivy/dojo_all_statuses.json",),
        outcome="pass",
    ),
    Case(
        rule="vulnerabilities.fixable",
        reports=("fixtures/written/grype-bad.json",),
        outcome="fail",
        violations=1,
        first=("GHSA-0000-0000-0001 (high) in parcel-labels 1.2.0 is mended in 1.2.1",),
    ),
    Case(
        rule="vulnerabilities.severity",
        reports=("vuln/trivy/dojo_legacy_many_vulns.json",),
        outcome="fail",
        violations=19,
        first=(
            "CVE-2018-12886 in gcc-8-base 8.3.0-6, severity high",
            "CVE-2018-12886 in libgcc1 8.3.0-6, severity high",
        ),
    ),
    Case(
        rule="vulnerabilities.severity",
        reports=("vuln/grype/dojo_many_vulns_epss.json",),
        outcome="fail",
        violations=11,
        first=("CVE-2021-28831 in busybox 1.32.1, severity high", "CVE-2021-42378 in busybox 1.32.1, severity high"),
    ),
    Case(
        rule="vulnerabilities.severity",
        reports=("vuln/trivy/ubuntu-1804.json",),
        outcome="pass",
    ),
    Case(
        rule="vulnerabilities.severity",
        reports=("vuln/pip-audit/dojo_zero_vulns_new.json",),
        outcome="unanswered",
        violations=1,
        first=("dojo_zero_vulns_new.json is not complete",),
    ),
    Case(
        rule="vulnerabilities.severity",
        reports=("fixtures/written/trivy-bad.json",),
        outcome="fail",
        violations=2,
        first=(
            "CVE-2026-99990 in parcel-labels 1.2.0, severity critical",
            "CVE-2026-99992 in parcel-maps 3.0.1, severity unknown",
        ),
    ),
    Case(
        rule="vulnerabilities.severity",
        reports=("fixtures/vulnerabilities/osv-scanner.json",),
        outcome="pass",
    ),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_says_of_a_real_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)


def test_a_flaky_test_is_denied(packs: Packs, command: OpaCommand) -> None:
    # the header of Surefire's report counts two of its seven cases; here it counts what is there
    data = (ROOT / "fixtures/junit/surefire-bad.xml").read_bytes()
    data = data.replace(b'tests="2"', b'tests="7"').replace(b'skipped="0"', b'skipped="1"')

    case = Case(rule="tests.flaky", reports=(), outcome="fail")
    found = result(case, packs, command, document_of("surefire.xml", data))

    messages = [violation.message for violation in found.violations]
    assert messages == ["org.example.customs.DutyTest::connectsToTheTaxOffice passed only when it was run again"]


def test_every_standard_rule_denies_a_real_report(packs: Packs) -> None:
    denied = {case.rule for case in all_cases() if case.outcome == "fail"} | {
        "configuration.baseline",  # of reports in two slots: see test_packs_stage3.py
        "naming.subject",  # of the subject, not of a report: see below
        "regression.benchmark",  # of two releases: see test_packs_stage2a.py
        "regression.latency",  # likewise
        "tests.flaky",
    }

    assert denied == set(packs.rules)


def test_the_name_of_a_real_subject_passes_and_another_is_denied(packs: Packs, command: OpaCommand) -> None:
    named = {"outcome": "pass"}, {"outcome": "fail", "parameters": {"name_pattern": "parcel-[0-9.]+-py3-none-any.whl"}}
    outcomes = [result(Case(rule="naming.subject", reports=(), **more), packs, command) for more in named]
    assert [outcome.outcome for outcome in outcomes] == ["pass", "fail"]
    assert outcomes[1].violations[0].message == f"the name {SUBJECT.name} does not follow the convention"
