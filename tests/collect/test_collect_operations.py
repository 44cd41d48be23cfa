"""Reports about operating a release: what is cut off, unknown or contradicts itself never reads as good news."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError
from gatekeeper.facts import kind
from shared import SHARED

WRITTEN = Path(__file__).resolve().parents[2] / "fixtures" / "written"
JSON = (
    "prometheus-rules.json",
    "pagerduty-bad.json",
    "cdevents-deployments.json",
    "cdevents-incidents.json",
    "github-deployments.json",
    "flyway-bad.json",
)


def load(name: str) -> Any:
    return json.loads((WRITTEN / name).read_bytes())


def put(name: str, path: str, value: Any) -> Any:
    """A report with one member said otherwise, or taken away where the value is None."""
    report = copy.deepcopy(load(name))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    holder = report
    for step in steps:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return report


def read(report: Any, wanted: str | None = None) -> Any:
    return registry.read(Report(json.dumps(report).encode(), "r.json"), kind=wanted)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("prometheus-rules.json", "warnings", ["a store did not answer"]),
        ("prometheus-rules.json", "data/groupNextToken", "abc"),
        ("pagerduty.json", "more", True),
        ("pagerduty.json", "offset", 25),
        ("flyway.json", "error", {"errorCode": "FAULT"}),
    ],
)
def test_what_is_not_all_of_it_is_not_complete(name: str, path: str, value: Any) -> None:
    assert read(load(name)).facts["complete"] is True
    report = load(name)
    holder = report["data"] if path.startswith("data/") else report
    holder[path.rpartition("/")[2]] = value
    assert read(report).facts["complete"] is False


@pytest.mark.parametrize(
    ("name", "path", "value", "where"),
    [
        ("prometheus-rules.json", "status", "error", "/status"),
        ("prometheus-rules.json", "data/groups/0/rules/0/state", "fine", "/data/groups/0/rules/0/state"),
        ("prometheus-rules.json", "data/groups/0/rules/0/health", None, "/data/groups/0/rules/0/health"),
        ("prometheus-rules.json", "data/groups/0/rules/0/type", None, "/data/groups/0/rules/0/type"),
        ("pagerduty.json", "incidents/0/status", "gone", "/incidents/0/status"),
        ("pagerduty.json", "incidents/0/id", None, "/incidents/0/id"),
        ("cdevents-incidents.json", "0/context/timestamp", None, "/0/context/timestamp"),
        ("cdevents-incidents.json", "0/context/type", "dev.cdevents.incident.closed.0.3.0", "/0"),
        ("cdevents-incidents.json", "0/context/type", "com.example.incident", "/0/context/type"),
        ("cdevents-incidents.json", "0/subject", None, "/0/subject"),
        ("cdevents-deployments.json", "0/context/type", "dev.cdevents.service.vanished.0.3.0", "/0"),
        ("cdevents-deployments.json", "0/subject/content/environment", None, "/0/environment"),
        ("github-deployments.json", "0/deployment_status/state", "great", "/0/deployment_status/state"),
        ("github-deployments.json", "1/deployment_status/created_at", None, "/1/deployment_status/created_at"),
        ("flyway.json", "migrations/1/state", "Fine", "/migrations/1/state"),
    ],
)
def test_what_is_not_known_is_refused_with_its_place(name: str, path: str, value: Any, where: str) -> None:
    with pytest.raises(MalformedError) as refused:
        read(put(name, path, value))
    assert refused.value.where == f"r.json: {where}"


def test_severities_that_are_no_known_word_are_unknown() -> None:
    report = put("prometheus-rules.json", "data/groups/0/rules/0/labels/severity", "sev1")
    assert [rule["severity"] for rule in read(report).facts["rules"]] == ["unknown", "medium"]
    report = put("pagerduty.json", "incidents/0/urgency", None)
    assert [item["severity"] for item in read(report).facts["incidents"]] == ["unknown", "low"]


def test_the_time_of_rules_is_the_oldest_and_unknown_where_one_has_none() -> None:
    report = put("prometheus-rules.json", "data/groups/0/rules/2/lastEvaluation", "2026-11-24T11:00:00Z")
    assert read(report).facts["observed_at"] == "2026-11-24T11:00:00Z"
    assert "observed_at" not in read(put("prometheus-rules.json", "data/groups/0/rules/2/lastEvaluation", None)).facts


def test_events_of_two_kinds_ask_which() -> None:
    events = load("cdevents-incidents-bad.json")
    with pytest.raises(UsageError, match="read as cdevents-deployments"):
        read(events)
    assert read(events, "incidents").facts["incident_count"] == 1
    assert read(events, "deployment").facts["deployment_count"] == 1


def test_events_count_by_their_times_and_not_by_their_order() -> None:
    events = load("cdevents-incidents.json")
    assert read(events[::-1]).facts["incidents"][0]["status"] == "resolved"
    reopened = [*events, {**events[0], "context": {**events[0]["context"], "timestamp": "2026-11-21T00:00:00Z"}}]
    assert read(reopened).facts["incidents"][0]["status"] == "open"


CSV = (WRITTEN / "devlake.csv").read_text()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("d2,parcel,SUCCESS", "d2,parcel,PERHAPS", "devlake.result"),
        ("d2,parcel,SUCCESS", ",parcel,SUCCESS", "devlake.columns"),
        ("d2,parcel,SUCCESS", "d2,parcel", "devlake.columns"),
        ("d2,parcel,SUCCESS", "d2,parcel,SUCCESS,more", "devlake.columns"),
        ("d2,parcel,SUCCESS", 'd2,"parcel"x,SUCCESS', "devlake.csv"),
        ("2026-11-02T08:10:00.000+00:00", "yesterday", "time"),
    ],
)
def test_a_table_that_is_not_as_it_should_be_is_refused(old: str, new: str, code: str) -> None:
    assert old in CSV
    with pytest.raises(MalformedError) as refused:
        registry.read(Report(CSV.replace(old, new).encode(), "d.csv"))
    assert refused.value.code == code


def test_a_table_that_is_cut_off_is_refused() -> None:
    with pytest.raises(MalformedError):
        registry.read(Report(CSV[: CSV.rindex(",DONE")].encode(), "d.csv"))


@given(name=st.sampled_from(JSON), data=st.data())
def test_a_member_that_is_something_else_makes_no_crash(name: str, data: st.DataObject) -> None:
    report = load(name)
    places = [""]

    def walk(value: Any, at: str) -> None:
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, member in members:
            places.append(f"{at}/{key}".lstrip("/"))
            walk(member, f"{at}/{key}")

    walk(report, "")
    place = data.draw(st.sampled_from(places[1:]))
    junk = data.draw(st.sampled_from([None, 0, -1, 1.5, "", "x", [], {}, [None], {"a": 1}, True]))
    try:
        reading = read(put(name, place, junk))
    except GatekeeperError:
        return
    kind(reading.kind).validate(reading.facts)


@pytest.mark.skipif(SHARED is None, reason="the shared fixtures are not here")
def test_the_shared_reports_have_the_facts_that_were_counted() -> None:
    assert SHARED is not None
    truth = json.loads((SHARED / "fixtures" / "ground_truth.json").read_bytes())
    folder = SHARED / "fixtures"

    name = "deployment/dora/devlake_cicd_deployment_commits.csv"
    found = registry.read(Report((folder / name).read_bytes(), name)).facts["deployments"]
    outcomes = [item["outcome"] for item in found]
    counted = {"FAILURE": outcomes.count("failed"), "SUCCESS": outcomes.count("succeeded")}
    assert counted == truth[name]["result"]
    assert {item["environment"] for item in found} == set(truth[name]["environment"])

    name = "deployment/github/webhook_deployment_status.json"
    [status] = registry.read(Report((folder / name).read_bytes(), name)).facts["deployments"]
    assert (status["environment"], status["outcome"]) == (truth[name]["environment"], "succeeded")
    assert status["commit"].startswith(truth[name]["sha"])

    for name, member in (("service_deployed", "deployments"), ("incident_detected", "incidents")):
        path = f"deployment/cdevents/{name}.json"
        [said] = registry.read(Report((folder / path).read_bytes(), path)).facts[member]
        assert said["id"] == truth[path]["subject"]
