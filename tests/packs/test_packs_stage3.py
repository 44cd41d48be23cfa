"""Each standard rule about resilience, rollback and audit over real reports; see ``test_packs_real_reports.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_reports import Case, check

from gatekeeper.load.packs import Packs, load_packs

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

OLD = {"max_age": "400d"}
"""Of reports whose dates were made neutral."""

WHEEL = "sha256:8e271d97f50971d270ef166bcd3ddabf2f79a3ce8642888fa0211300c962b9e0"
"""The wheel that was released before."""

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
        baseline=("fixtures/artifact/parcel-1.4.0-py3-none-any.whl",),
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
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_says_of_a_real_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)
