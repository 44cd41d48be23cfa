"""The rules on operating a release, over whole reports: denied for the right reason, in these words; or passed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from real_reports import Case, result

from gatekeeper import _data
from gatekeeper.load.packs import Packs, load_packs
from gatekeeper.testing import NOW, MadeDocument, Rules, facts
from shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.find import OpaBinary

CASES = (
    Case(rule="operations.quiet", reports=("fixtures/written/prometheus-rules.json",), outcome="pass"),
    Case(
        rule="operations.quiet",
        reports=("fixtures/written/prometheus-rules-bad.json",),
        outcome="fail",
        violations=3,
        first=(
            "the alert ParcelDown fires, severity critical",
            "the alert ParcelQueue fires, severity unknown",
            "the alerting rule ParcelSlow could not be evaluated",
        ),
    ),
    Case(rule="operations.precision", reports=("fixtures/written/alerts.toml",), outcome="pass"),
    Case(
        rule="operations.precision",
        reports=("fixtures/written/alerts-bad.toml",),
        outcome="fail",
        violations=1,
        first=("1 of 3 alerts needed somebody, 50% are asked",),
    ),
    Case(
        rule="operations.precision",
        reports=("fixtures/written/prometheus-rules.json",),
        outcome="unanswered",
        violations=2,
        first=(
            "needs alerts.fired: absent in prometheus-rules.json",
            "needs alerts.fired_count: absent in prometheus-rules.json",
        ),
    ),
    Case(rule="operations.incidents", reports=("fixtures/written/pagerduty.json",), outcome="pass"),
    Case(
        rule="operations.incidents",
        reports=("fixtures/written/pagerduty-bad.json",),
        outcome="fail",
        violations=2,
        first=(
            "Q3 is open, severity high: parcel is slow (3)",
            "Q4 is acknowledged, severity high: parcel is slow (4)",
        ),
    ),
    Case(rule="operations.incidents", reports=("fixtures/written/cdevents-incidents.json",), outcome="pass"),
    Case(
        rule="operations.incidents",
        reports=("deployment/cdevents/incident_detected.json",),
        outcome="fail",
        violations=1,
        first=("incident-123 is open, severity unknown: Response time above threshold of 100ms",),
    ),
    Case(rule="operations.runbooks", reports=("fixtures/written/runbook.toml",), outcome="pass"),
    Case(
        rule="operations.runbooks",
        reports=("fixtures/written/runbook-bad.toml",),
        outcome="fail",
        violations=3,
        first=(
            "runbook.runbooks[0].reviewed_at is older than 180d: 2025-11-02T10:00:00Z",
            "nobody is named who reviewed Who to call at 2025-11-02T10:00:00Z",
            "no runbook covers rollback",
        ),
    ),
    Case(rule="operations.postmortems", reports=("fixtures/written/postmortem.toml",), outcome="pass"),
    Case(
        rule="operations.postmortems",
        reports=("fixtures/written/postmortem-bad.toml",),
        outcome="fail",
        violations=2,
        first=(
            "2 actions of the postmortem of Q1 are open",
            "the open action test with a full queue of Q1 belongs to nobody",
        ),
    ),
    Case(rule="migrations.way_back", reports=("fixtures/written/flyway.json",), outcome="pass"),
    Case(
        rule="migrations.way_back",
        reports=("fixtures/written/flyway-bad.json",),
        outcome="fail",
        violations=2,
        first=(
            "there is no way back from 2 prices (none)",
            "3 bands has failed and left the database in between",
        ),
    ),
    Case(rule="migrations.rehearsed", reports=("fixtures/written/migration.toml",), outcome="pass"),
    Case(
        rule="migrations.rehearsed",
        reports=("fixtures/written/migration-bad.toml",),
        outcome="fail",
        violations=2,
        first=(
            "migration.migrations[0].tested_at is older than 30d: 2026-05-01T10:00:00Z",
            "V2 prices was tried at 2026-05-01T10:00:00Z, and there is no way back to try",
        ),
    ),
    Case(
        rule="migrations.rehearsed",
        reports=("fixtures/written/flyway.json",),
        outcome="unanswered",
        violations=3,
        first=("needs migration.migrations[0].tested_at: absent in flyway.json",),
    ),
    Case(rule="deprecations.announced", reports=("fixtures/written/deprecations.toml",), outcome="pass"),
    Case(
        rule="deprecations.announced",
        reports=("fixtures/written/deprecations-bad.toml",),
        outcome="fail",
        violations=1,
        first=("drop the field weight_lb breaks parcel.postage 23 days after it was announced, 90 are needed",),
    ),
    Case(rule="deployment.succeeded", reports=("fixtures/written/cdevents-deployments.json",), outcome="pass"),
    Case(rule="deployment.succeeded", reports=("fixtures/written/github-deployments.json",), outcome="pass"),
    Case(
        rule="deployment.succeeded",
        reports=("fixtures/written/cdevents-deployments-bad.json",),
        outcome="fail",
        violations=1,
        first=("parcel-42, the last deployment to production, is rolled_back",),
    ),
    Case(
        rule="deployment.succeeded",
        reports=("fixtures/written/github-deployments-bad.json",),
        outcome="fail",
        violations=1,
        first=("72, the last deployment to production, is failed",),
    ),
    Case(rule="deployment.succeeded", reports=("deployment/github/webhook_deployment_status.json",), outcome="pass"),
    Case(rule="deployment.failures", reports=("fixtures/written/devlake.csv",), outcome="pass"),
    Case(
        rule="deployment.failures",
        reports=("fixtures/written/devlake-bad.csv",),
        outcome="fail",
        violations=1,
        first=("2 of 6 deployments to production failed or were rolled back, at most 15% may",),
    ),
    Case(
        rule="deployment.failures",
        reports=("deployment/dora/devlake_cicd_deployment_commits.csv",),
        outcome="pass",
        parameters={"environment": "github-pages"},
    ),
    Case(
        rule="deployment.failures",
        reports=("deployment/dora/devlake_cicd_deployment_commits.csv",),
        outcome="fail",
        violations=1,
        first=("3 of 100 deployments to github-pages failed or were rolled back, at most 2% may",),
        parameters={"environment": "github-pages", "max_failed_percent": 2},
    ),
    Case(
        rule="closing.complete",
        reports=("fixtures/written/closing.toml",),
        outcome="pass",
        parameters={"required_items": ["old version switched off"]},
    ),
    Case(
        rule="closing.complete",
        reports=("fixtures/written/closing-bad.toml",),
        outcome="fail",
        violations=3,
        first=(
            "nobody closed 1.4.0",
            "objectives held for two weeks of 1.4.0 is not done",
            "the closing record of 1.4.0 says nothing of old version switched off",
        ),
        parameters={"required_items": ["old version switched off"]},
    ),
)
OURS = ("operations.", "migrations.", "deprecations.", "deployment.", "closing.")


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs([_data.folder("policies")])


def is_here(case: Case) -> bool:
    return SHARED is not None or all(path.startswith("fixtures/") for path in case.reports)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_this_of_this_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    if not is_here(case):
        pytest.skip("the shared fixtures are not here")
    said = result(case, packs, command)
    messages = [violation.message for violation in said.violations]
    assert (said.outcome, len(messages)) == (case.outcome, case.violations), messages
    assert sorted(messages)[: len(case.first)] == sorted(case.first)


def test_each_rule_has_passed_and_denied_a_report_of_our_own() -> None:
    rules = {rule for rule in load_packs([_data.folder("policies")]).rules if rule.startswith(OURS)}
    for outcome in ("pass", "fail"):
        seen = {case.rule for case in CASES if case.outcome == outcome and case.reports[0].startswith("fixtures/")}
        assert seen == rules, outcome


@pytest.fixture(scope="module")
def rules(binary: OpaBinary) -> Iterator[Rules]:
    with Rules.load([_data.folder("policies")], binary) as loaded:
        yield loaded


@pytest.mark.parametrize(
    ("rule_id", "kind", "facts_gone"),
    [
        ("operations.quiet", "alerts", "rules.state"),
        ("operations.precision", "alerts", "fired"),
        ("operations.incidents", "incidents", "incidents.severity"),
        ("operations.runbooks", "runbook", "runbooks.reviewers"),
        ("operations.postmortems", "postmortem", "postmortems.actions.done"),
        ("migrations.way_back", "migration", "migrations.way_back"),
        ("migrations.rehearsed", "migration", "migrations.tested_at"),
        ("deprecations.announced", "deprecations", "changes.announced_at"),
        ("deployment.succeeded", "deployment", "deployments.finished_at"),
        ("deployment.failures", "deployment", "deployments.outcome"),
        ("closing.complete", "closing", "items.done"),
    ],
)
def test_what_is_missing_is_never_a_pass(rule_id: str, kind: str, facts_gone: str, rules: Rules) -> None:
    asked, made = rules(rule_id), getattr(facts, kind)
    assert asked.given(made()).outcome == "pass"
    assert asked.given().outcome == "unanswered"
    assert asked.given(made(complete=False)).outcome == "unanswered"
    assert asked.given(made().without(facts_gone)).outcome == "unanswered"


@pytest.mark.parametrize(
    ("rule_id", "empty"),
    [
        ("operations.quiet", facts.alerts(quiet=0)),
        ("operations.runbooks", facts.runbook(runbooks=0)),
        ("operations.postmortems", facts.postmortem(postmortems=[], postmortem_count=0)),
        ("migrations.way_back", facts.migration(migrations=0)),
        ("deprecations.announced", facts.deprecations(changes=0)),
        ("deployment.succeeded", facts.deployment(succeeded=0)),
        ("closing.complete", facts.closing(done=0)),
    ],
)
def test_nothing_looked_at_is_never_a_pass(rule_id: str, empty: MadeDocument, rules: Rules) -> None:
    outcome = rules(rule_id).given(empty)
    assert outcome.outcome == "unanswered"
    assert "examined nothing" in outcome.messages[0]


def test_a_review_ages(rules: Rules) -> None:
    asked, document = rules("operations.runbooks"), facts.runbook()
    assert asked.given(document, at=NOW + timedelta(days=179)).outcome == "pass"
    assert asked.given(document, at=NOW + timedelta(days=181)).outcome == "fail"
