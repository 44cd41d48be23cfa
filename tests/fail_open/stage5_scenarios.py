"""A release in operation: bad news that reads as none, and silence that reads as good news."""

from __future__ import annotations

from harms import edit, remove
from scenario import DENY, Line
from stage5_projects import CLOSING, instead, report

denied = Line(CLOSING, DENY)

# fmt: off
OPERATION = (
    denied("an alert that fires", instead("alerts", "prometheus-rules-bad.json"), "the alert ParcelDown fires", "evaluate.fail"),
    denied("an alerting rule that could not be evaluated", report("alerts", lambda value: value["data"]["groups"][0]["rules"][0].update(health="err")), "could not be evaluated", "evaluate.fail"),
    denied("an alert of a severity that is no known word", report("alerts", lambda value: value["data"]["groups"][0]["rules"][0].update(state="firing", labels={"severity": "sev1"})), "severity unknown", "evaluate.fail"),
    denied("no alerting rule at all", report("alerts", lambda value: value["data"]["groups"][0].update(rules=[])), "examined nothing: rule_count is 0", "evaluate.examined"),
    denied("an answer about alerts that warns of what it lacks", report("alerts", lambda value: value.update(warnings=["a store could not be reached"])), "is not complete", "evaluate.complete"),
    denied("no alerts", remove("evidence/alerts.json"), "no alerts here", "slots.missing"),
    denied("an open incident", instead("incidents", "pagerduty-bad.json"), "Q3 is open", "evaluate.fail"),
    denied("an incident whose severity nobody has judged", report("incidents", lambda value: value["incidents"][0].update(status="triggered", urgency="")), "severity unknown", "evaluate.fail"),
    denied("the first page of many", report("incidents", lambda value: value.update(more=True)), "is not complete", "evaluate.complete"),
    denied("a runbook for something else", edit("evidence/runbook.toml", '"rollback"', '"holidays"'), "no runbook covers rollback", "evaluate.fail"),
    denied("a runbook that nobody reviewed", edit("evidence/runbook.toml", '["ada", "bo"]', "[]"), "nobody is named who reviewed", "evaluate.fail"),
    denied("a runbook of last year", instead("runbook", "runbook-bad.toml"), "is older than 180d", "evaluate.fail"),
    denied("a postmortem with an open action", edit("evidence/postmortem.toml", "done = true", "done = false"), "actions of the postmortem of Q1 are open", "evaluate.fail"),
)

RELEASE = (
    denied("a migration without a way back", instead("migration", "flyway-bad.json"), "there is no way back from 2 prices", "evaluate.fail"),
    denied("a change that was announced too late", edit("evidence/deprecations.toml", "2026-06-01", "2026-11-01"), "days after it was announced", "evaluate.fail"),
    denied("a deployment that was rolled back", instead("deployment", "cdevents-deployments-bad.json"), "is rolled_back", "evaluate.fail"),
    denied("a deployment to somewhere else", report("deployment", lambda value: [event["subject"]["content"]["environment"].update(id="staging") for event in value]), "nothing was deployed to production", "evaluate.fail"),
    denied("deployments that are only published", report("deployment", lambda value: [event["context"].update(type="dev.cdevents.service.published.0.3.0") for event in value]), "examined nothing: deployment_count is 0", "evaluate.examined"),
    denied("an item that is not done", edit("evidence/closing.toml", "done = true", "done = false"), "is not done", "evaluate.fail"),
    denied("a closing record without an item that it needs", edit("evidence/closing.toml", "old version switched off", "cake"), "says nothing of old version switched off", "evaluate.fail"),
    denied("a release that nobody closed", edit("evidence/closing.toml", '["ada"]', "[]"), "nobody closed 1.4.0", "evaluate.fail"),
    denied("what is left belongs to nobody", edit("evidence/closing.toml", 'owner = "bo"\n', ""), "belongs to nobody", "evaluate.fail"),
)

SPEED = (
    denied("a benchmark that is too slow", report("benchmark", lambda value: [item.update(real_time=1200) for item in value["benchmarks"]]), "the median of BM_Postage is 1200 ns", "evaluate.fail"),
    denied("a benchmark that broke", report("benchmark", lambda value: value["benchmarks"][0].update(error_occurred=True)), "is not complete", "evaluate.complete"),
    denied("a benchmark of another name", report("benchmark", lambda value: [item.update(name="BM_Other", run_name="BM_Other") for item in value["benchmarks"]]), "BM_Postage has a budget and was not measured", "evaluate.fail"),
    denied("a test that is other than passed", instead("test_results", "ctrf-bad.json"), "label::prints errored", "evaluate.fail"),
    denied("a summary of tests that says more ran", report("test_results", lambda value: value["results"]["summary"].update(tests=9)), "is not complete", "evaluate.complete"),
    denied("a host that exited under the tests", instead("test_results", "trx-bad.trx"), "(run)", "evaluate.fail"),
)
# fmt: on

AREA = "releases in operation"
SCENARIOS = (*OPERATION, *RELEASE, *SPEED)
