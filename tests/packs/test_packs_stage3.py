"""Each standard rule about resilience, rollback and audit over real reports; see ``test_packs_real_reports.py``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from real_reports import ROOT, Case, check, document_of, result

from gatekeeper.load.packs import Packs, load_packs
from shared import fixture, needs_shared

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.facts import Document

OLD = {"max_age": "400d"}
"""Of reports whose dates were made neutral."""

WHEEL = "sha256:8e271d97f50971d270ef166bcd3ddabf2f79a3ce8642888fa0211300c962b9e0"
"""The wheel that was released before."""

WHEEL_FILE = "fixtures/artifact/parcel-1.4.0-py3-none-any.whl"

CASES = (
    Case(rule="resilience.steady_state", reports=("chaos/chaostoolkit/completed.json",), outcome="pass"),
    Case(
        rule="resilience.steady_state",
        reports=("chaos/chaostoolkit/deviated.json",),
        outcome="fail",
        violations=1,
        first=("Removing the data file deviates from steady state: the steady state was not met afterwards",),
    ),
    Case(
        rule="resilience.steady_state",
        reports=("chaos/chaostoolkit/tck_sample-journal.json",),
        outcome="fail",
        violations=4,
        first=(
            "chaos.ran_at is older than 90d: 2018-07-03T10:44:57.425490Z",
            "Setting and triggering service dependency death: 0 activities were run, 1 are needed",
            "Setting and triggering service dependency death: the steady state was not met afterwards",
            "Setting and triggering service dependency death: the steady state was not met before it began",
        ),
    ),
    Case(
        rule="resilience.steady_state",
        reports=("chaos/litmus/chaosresult.yaml",),
        outcome="unanswered",
        violations=2,
        first=("needs chaos.experiments[0].before_met", "needs chaos.ran_at"),
    ),
    Case(
        rule="resilience.steady_state",
        reports=("fixtures/chaos/held.json",),
        outcome="pass",
        parameters=OLD,
    ),
    Case(
        rule="resilience.steady_state",
        reports=("fixtures/chaos/before-bad.json",),
        outcome="fail",
        violations=3,
        first=(
            "The service keeps its labels (before): 0 activities were run, 1 are needed",
            "The service keeps its labels (before): the steady state was not met afterwards",
            "The service keeps its labels (before): the steady state was not met before it began",
        ),
        parameters=OLD,
    ),
    Case(rule="resilience.experiments", reports=("fixtures/written/litmus.yaml",), outcome="pass"),
    Case(rule="resilience.experiments", reports=("chaos/litmus/chaosresult.yaml",), outcome="pass"),
    Case(
        rule="resilience.experiments",
        reports=("fixtures/written/litmus-bad.yaml",),
        outcome="fail",
        violations=4,
        first=(
            "0% of the probes of parcel-node-drain passed, 100% are needed",
            "the experiment parcel-node-drain stopped",
        ),
    ),
    Case(
        rule="resilience.experiments",
        reports=("fixtures/chaos/rollback-bad.json",),
        outcome="fail",
        violations=1,
        first=("the experiment The service keeps its labels (rollback) failed",),
    ),
    Case(rule="resilience.rollbacks", reports=("fixtures/chaos/held.json",), outcome="pass"),
    Case(
        rule="resilience.rollbacks",
        reports=("fixtures/chaos/rollback-bad.json",),
        outcome="fail",
        violations=1,
        first=("1 of 1 rollbacks of The service keeps its labels (rollback) failed",),
    ),
    Case(
        rule="resilience.rollbacks",
        reports=("chaos/litmus/chaosresult.yaml",),
        outcome="unanswered",
        violations=2,
        first=("needs chaos.experiments[0].rollbacks", "needs chaos.experiments[0].rollbacks_failed"),
    ),
    Case(rule="rollback.rehearsed", reports=("fixtures/written/rollback.toml",), outcome="pass"),
    Case(
        rule="rollback.rehearsed",
        reports=("fixtures/written/rollback-bad.toml",),
        outcome="fail",
        violations=3,
        first=(
            "no rehearsal goes back from parcel as it is here",
            f"data was not whole after going back to sha256:{'1' * 64}",
            f"the rehearsal of going back to sha256:{'1' * 64}: failed",
        ),
    ),
    Case(
        rule="rollback.rehearsed",
        reports=("fixtures/written/helm-history.json",),
        outcome="unanswered",
        violations=3,
        first=("needs rollback.rehearsals[0].data_intact", "needs rollback.rehearsals[0].from_digest"),
    ),
    Case(
        rule="rollback.rehearsed",
        reports=("fixtures/written/rollback.toml",),
        outcome="fail",
        violations=1,
        first=("rollback.rehearsals[0].finished_at is older than 3d: 2026-11-20T10:07:30Z",),
        parameters={"max_age": "3d"},
    ),
    Case(
        rule="rollback.pair",
        reports=("fixtures/written/rollback.toml",),
        baseline=(WHEEL_FILE,),
        outcome="fail",
        violations=1,
        first=(f"no rehearsal goes back to {WHEEL}, which was released before",),
    ),
    Case(
        rule="rollback.pair",
        reports=("fixtures/written/rollback.toml",),
        outcome="unanswered",
        violations=1,
        first=("needs baseline.artifact",),
    ),
    Case(rule="rollback.duration", reports=("fixtures/written/rollback.toml",), outcome="pass"),
    Case(
        rule="rollback.duration",
        reports=("fixtures/written/rollback-bad.toml",),
        outcome="fail",
        violations=1,
        first=("going back took 1650000 ms, at most 900000 ms is allowed",),
    ),
    Case(rule="rollback.checked", reports=("fixtures/written/rollback.toml",), outcome="pass"),
    Case(
        rule="rollback.checked",
        reports=("fixtures/written/rollback-bad.toml",),
        outcome="fail",
        violations=3,
        first=(
            "a label can be printed failed after going back",
            "0 people have looked after going back, 1 are needed",
            "the step deploy 1.3.0 of going back failed",
        ),
    ),
    Case(rule="access.least_privilege", reports=("privileges:fixtures/written/kubernetes-rbac.yaml",), outcome="pass"),
    Case(
        rule="access.least_privilege",
        reports=("privileges:fixtures/written/kubernetes-rbac-bad.yaml",),
        outcome="fail",
        violations=5,
        first=(
            "ServiceAccount shop/parcel has rights on * as helper",
            "ServiceAccount shop/parcel may * as helper",
            "User ada has rights on * as cluster-admin",
            "User ada may * as cluster-admin",
            "unbound may impersonate as nobody-yet",
        ),
    ),
    Case(rule="access.least_privilege", reports=("fixtures/written/aws-iam.json",), outcome="pass"),
    Case(
        rule="access.least_privilege",
        reports=("fixtures/written/aws-iam-bad.json",),
        outcome="fail",
        violations=5,
        first=("attached may * as AllButOrganisation", "attached has rights on * as Everything"),
    ),
    Case(
        rule="access.cluster_admin",
        reports=("privileges:fixtures/written/kubernetes-rbac-bad.yaml",),
        outcome="fail",
        violations=2,
        first=(
            "ServiceAccount shop/parcel may do everything as helper (cluster)",
            "User ada may do everything as cluster-admin (namespace shop)",
        ),
    ),
    Case(rule="access.cluster_admin", reports=("privileges:fixtures/written/kubernetes-rbac.yaml",), outcome="pass"),
    Case(
        rule="access.secrets_managed",
        reports=("secret_management:fixtures/written/kubernetes-secrets.yaml",),
        outcome="pass",
    ),
    Case(
        rule="access.secrets_managed",
        reports=("secret_management:config/kubernetes/online-boutique.yaml",),
        outcome="pass",
    ),
    Case(
        rule="access.secrets_managed",
        reports=("secret_management:fixtures/written/kubernetes-secrets-bad.yaml",),
        outcome="fail",
        violations=4,
        first=(
            "apiKey of ConfigMap shop/parcel is held as literal",
            "SMTP_PASSWORD of CronJob shop/sweep is held as literal",
        ),
    ),
    Case(
        rule="access.workload_identity",
        reports=("workload_identity:fixtures/written/kubernetes-identity.yaml",),
        outcome="pass",
    ),
    Case(
        rule="access.workload_identity",
        reports=("workload_identity:fixtures/written/kubernetes-identity-bad.yaml",),
        outcome="fail",
        violations=5,
        first=(
            "CronJob shop/sweep holds credentials that do not expire in AWS_ACCESS_KEY_ID",
            "CronJob shop/sweep holds credentials that do not expire in AWS_SECRET_ACCESS_KEY",
        ),
    ),
    Case(
        rule="access.workload_identity",
        reports=("workload_identity:config/kubernetes/online-boutique.yaml",),
        outcome="fail",
        violations=13,
        first=(
            "a token of adservice is mounted into Deployment adservice",
            "a token of cartservice is mounted into Deployment cartservice",
        ),
    ),
    Case(rule="resilience.endurance", reports=("fixtures/written/endurance.toml",), outcome="pass"),
    Case(
        rule="resilience.endurance",
        reports=("fixtures/endurance/locust_stats_history.csv",),
        outcome="pass",
        parameters={"minimum_duration_ms": 3000},
    ),
    Case(
        rule="resilience.endurance",
        reports=("perf/locust/locust_2.47_stats_history.csv",),
        outcome="fail",
        violations=2,
        first=(
            "the test lasted 7000 ms, 3600000 ms are needed",
            "164 of 650 requests failed with 5 users, at most 10 in 1000 may",
        ),
    ),
    Case(
        rule="resilience.endurance",
        reports=("fixtures/written/endurance-bad.toml",),
        outcome="fail",
        violations=3,
        first=(
            "the test lasted 600000 ms, 3600000 ms are needed",
            "2000 of 50000 requests failed with peak, at most 10 in 1000 may",
            "p95 with peak is 2400 ms, at most 1000 ms is allowed",
        ),
    ),
    Case(rule="resilience.recovery", reports=("fixtures/endurance/locust_stats_history.csv",), outcome="pass"),
    Case(
        rule="resilience.recovery",
        reports=("fixtures/endurance/locust-bad_stats_history.csv",),
        outcome="fail",
        violations=1,
        first=("requests still failed when the test ended",),
    ),
    Case(
        rule="resilience.recovery",
        reports=("fixtures/written/k6-points.json",),
        outcome="fail",
        violations=1,
        first=("requests failed for 2000 ms without a break, at most 1999 ms is allowed",),
        parameters={"max_recovery_ms": 1999},
    ),
    Case(rule="resilience.saturation", reports=("fixtures/written/endurance.toml",), outcome="pass"),
    Case(
        rule="resilience.saturation",
        reports=("fixtures/written/endurance-bad.toml",),
        outcome="fail",
        violations=2,
        first=(
            "processors are used to 100% with peak, at most 85% is allowed",
            "memory is used to 97% with peak, at most 85% is allowed",
        ),
    ),
    Case(
        rule="resilience.saturation",
        reports=("perf/locust/locust_2.47_stats_history.csv",),
        outcome="unanswered",
        violations=2,
        first=("needs endurance.phases[0].cpu_percent", "needs endurance.phases[0].memory_percent"),
    ),
    Case(rule="change_record.notes", reports=("fixtures/written/github-release.json", WHEEL_FILE), outcome="pass"),
    Case(rule="change_record.notes", reports=("fixtures/written/gitlab-releases.json", WHEEL_FILE), outcome="pass"),
    Case(rule="change_record.notes", reports=("fixtures/written/changelog.md", WHEEL_FILE), outcome="pass"),
    Case(
        rule="change_record.notes",
        reports=("fixtures/written/github-release-bad.json", WHEEL_FILE),
        outcome="fail",
        violations=3,
        first=("the notes of v1.4.0 have 0 entries, 1 are needed", "v1.4.0 is a prerelease"),
    ),
    Case(
        rule="change_record.notes",
        reports=("change/gitlab_releases.json", WHEEL_FILE),
        outcome="fail",
        violations=1,
        first=("there are no notes of version 1.4.0",),
    ),
    Case(rule="change_record.summary", reports=("fixtures/written/changelog.md", WHEEL_FILE), outcome="pass"),
    Case(
        rule="change_record.summary",
        reports=("fixtures/written/release-notes-bad.toml", WHEEL_FILE),
        outcome="fail",
        violations=1,
        first=("1.4.0 is not summed up in 20 characters or more",),
    ),
    Case(rule="change_record.reviewed", reports=("fixtures/written/release-notes.toml", WHEEL_FILE), outcome="pass"),
    Case(
        rule="change_record.reviewed",
        reports=("fixtures/written/release-notes-bad.toml", WHEEL_FILE),
        outcome="fail",
        violations=1,
        first=("0 others have read the notes of 1.4.0, 1 are needed",),
    ),
    Case(
        rule="change_record.reviewed",
        reports=("fixtures/written/github-release.json", WHEEL_FILE),
        outcome="unanswered",
        violations=1,
        first=("needs release_notes.releases[0].reviewed_by",),
    ),
    Case(rule="change_record.risk", reports=("fixtures/written/threagile.json",), outcome="pass"),
    Case(rule="change_record.risk", reports=("fixtures/written/oscal-poam.json",), outcome="pass"),
    Case(
        rule="change_record.risk",
        reports=("risk/threagile/dojo_risks.json",),
        outcome="fail",
        violations=2,
        first=(
            "Unguarded Direct Datastore Access of PoliciesRegoStorage by Energon via EnergonToPolicyRegoFileStorage (high) is open",
            "Unguarded Direct Datastore Access of PoliciesRegoStorage by IAMSidecar via IAMBachendAPIPoliciesRegoFileStorage (high) is open",
        ),
    ),
    Case(
        rule="change_record.risk",
        reports=("oscal/ifa_assessment-results.json",),
        outcome="fail",
        violations=1,
        first=(
            "GoodRead System Engineers Have Over-Privileged Access to Cloud Infrastructure Account (unknown) is open",
        ),
    ),
    Case(rule="change_record.assessed", reports=("fixtures/written/risk.toml",), outcome="pass"),
    Case(
        rule="change_record.assessed",
        reports=("fixtures/written/risk-bad.toml",),
        outcome="fail",
        violations=2,
        first=(
            "0 people have reviewed the assessment, 1 are needed",
            "risk.assessed_at is older than 90d: 2026-05-20T10:00:00Z",
        ),
    ),
    Case(
        rule="change_record.assessed",
        reports=("risk/threagile/dojo_risks.json",),
        outcome="unanswered",
        violations=2,
        first=("needs risk.assessed_at", "needs risk.reviewed_by"),
    ),
    Case(rule="configuration.deviations", reports=("fixtures/written/terraform-plan.json",), outcome="pass"),
    Case(
        rule="configuration.deviations",
        reports=("config/terraform/tc_issue-249.plan.json",),
        outcome="fail",
        violations=8,
        first=(
            "module.alb.aws_alb.alb/tags/Name deviates (update)",
            "module.alb.aws_alb_target_group.alb/tags/Name deviates (update)",
        ),
    ),
    Case(
        rule="configuration.deviations",
        reports=("fixtures/written/terraform-plan-bad.json",),
        outcome="fail",
        violations=2,
        first=(
            "aws_db_instance.orders deviates (replace)",
            "aws_security_group.web/ingress/1/from_port deviates (drift)",
        ),
        parameters={
            "allowed": ["aws_instance.*/*", "aws_eip.*", "aws_s3_bucket.logs", "aws_security_group.**"],
            "denied": ["aws_security_group.*/ingress/**"],
        },
    ),
    Case(rule="configuration.no_destroy", reports=("config/terraform/tc_issue-249.plan.json",), outcome="pass"),
    Case(
        rule="configuration.no_destroy",
        reports=("fixtures/written/terraform-plan-bad.json",),
        outcome="fail",
        violations=2,
        first=("aws_db_instance.orders would be destroyed (replace)", "aws_eip.old would be destroyed (delete)"),
    ),
    Case(
        rule="configuration.deviations",
        reports=("configuration:fixtures/written/kubernetes-live.json",),
        outcome="unanswered",
        violations=5,
        first=("needs configuration.deviations", "needs configuration.deviations"),
    ),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_says_of_a_real_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)


def slotted(slot: str, path: str, data: bytes) -> Document:
    document = document_of(path, data, kind="configuration")
    return replace(document, source=replace(document.source, slot=slot))


@pytest.mark.parametrize(
    ("running", "outcome", "messages"),
    [
        ("kubernetes-live.json", "pass", []),
        (
            "kubernetes-live-bad.json",
            "fail",
            [
                "ConfigMap.shop.parcel/data/colour is set to something else than approved",
                "ConfigMap.shop.parcel/data/debug is there and was not approved",
                "Secret.shop.parcel/data/password is set to something else than approved",
            ],
        ),
    ],
)
def test_what_runs_is_compared_with_what_was_approved(
    running: str, outcome: str, messages: list[str], packs: Packs, command: OpaCommand
) -> None:
    approved = (ROOT / "fixtures/written/kubernetes-approved.yaml").read_bytes()
    live = (ROOT / "fixtures/written" / running).read_bytes()
    found = result(
        Case(rule="configuration.baseline", reports=(), outcome=outcome),
        packs,
        command,
        slotted("baseline", "approved.yaml", approved),
        slotted("live", running, live),
    )

    assert found.outcome == outcome
    assert [violation.message for violation in found.violations] == messages


def test_without_a_baseline_nothing_is_equal(packs: Packs, command: OpaCommand) -> None:
    live = (ROOT / "fixtures/written/kubernetes-live.json").read_bytes()
    case = Case(rule="configuration.baseline", reports=(), outcome="fail", parameters={"allowed": ["**"]})
    found = result(case, packs, command, slotted("live", "live.json", live))

    assert found.outcome == "fail"
    assert found.violations[0].message.startswith("there is nothing to compare with")


DEFAULTS = [
    f"StatefulSet.*.*/spec/{path}"
    for path in (
        "podManagementPolicy",
        "revisionHistoryLimit",
        "template/metadata/creationTimestamp",
        "template/spec/{dnsPolicy,restartPolicy,schedulerName}",
        "template/spec/*ontainers/*/{resources,terminationMessagePath,terminationMessagePolicy}",
        "template/spec/containers/*/env/*/valueFrom/resourceFieldRef/divisor",
        "template/spec/containers/*/ports/*/protocol",
        "template/spec/containers/*/readinessProbe/**",
        "template/spec/volumes/*/configMap/defaultMode",
        "volumeClaimTemplates/*/metadata/creationTimestamp",
        "volumeClaimTemplates/*/status/phase",
    )
]
"""What a cluster filled in that the approved object leaves out."""


@needs_shared
@pytest.mark.parametrize(
    ("change", "allowed", "outcome", "violations"),
    [
        ((b"", b""), [], "fail", 24),
        ((b"", b""), DEFAULTS, "pass", 0),
        ((b'"replicas": 2', b'"replicas": 3'), DEFAULTS, "fail", 1),
    ],
    ids=["defaults", "defaults that are allowed", "another number"],
)
def test_a_real_object_and_what_the_cluster_made_of_it(
    change: tuple[bytes, bytes], allowed: list[str], outcome: str, violations: int, packs: Packs, command: OpaCommand
) -> None:
    desired, live = (
        fixture(f"config/kubernetes/elasticsearch-{name}.json").read_bytes() for name in ("config", "live")
    )
    name = b'"name": "elasticsearch4-data"'
    desired = desired.replace(name, name + b', "namespace": "elasticsearch4"', 1)  # as `kubectl -n` puts it in
    assert change[0] in desired
    desired = desired.replace(*change) if change[0] else desired
    case = Case(rule="configuration.baseline", reports=(), outcome=outcome, parameters={"allowed": allowed})
    found = result(case, packs, command, slotted("baseline", "c.json", desired), slotted("live", "l.json", live))

    assert (found.outcome, len(found.violations)) == (outcome, violations)
    if violations == 1:
        assert found.violations[0].term == "StatefulSet.elasticsearch4.elasticsearch4-data/spec/replicas"
