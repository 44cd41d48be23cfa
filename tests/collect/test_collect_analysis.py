"""Canary analyses of Argo Rollouts and Kayenta: what is a verdict, and what only looks like one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from gatekeeper.facts import kind
from gatekeeper.testing import facts as made

WRITTEN = Path(__file__).resolve().parents[2] / "fixtures/written"


def argo(**status: Any) -> dict[str, Any]:
    results = [
        {"name": "errors", "phase": "Successful", "count": 5, "successful": 5},
        {"name": "memory", "phase": "Failed", "count": 5, "failed": 5, "dryRun": True},
    ]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisRun",
        "metadata": {"name": "parcel-2"},
        "spec": {"metrics": [{"name": "errors"}, {"name": "memory"}]},
        "status": {"phase": "Successful", "metricResults": results} | status,
    }


def kayenta(**more: Any) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((WRITTEN / "kayenta.json").read_bytes())
    return report | more


def judged(**more: Any) -> dict[str, Any]:
    """A result of Kayenta whose judge says something else."""
    report = kayenta()
    report["result"]["judgeResult"] |= more
    return report


def metric(name: str = "errors", phase: str = "Successful", **more: Any) -> dict[str, Any]:
    return {"name": name, "phase": phase, "count": 5} | more


def read(report: Any) -> Any:
    return registry.read(Report(json.dumps(report).encode(), "run.json")).facts


def said(report: Any) -> tuple[str, bool]:
    found = read(report)
    return found["outcome"], found["complete"]


def test_a_run_of_argo_says_exactly_this() -> None:
    assert read(argo(startedAt="2026-01-15T11:00:00Z")) == {
        "tool": "argo-rollouts",
        "name": "parcel-2",
        "outcome": "pass",
        "metrics": [
            {
                "name": "errors",
                "outcome": "pass",
                "dry_run": False,
                "measurements": 5,
                "locator": "/status/metricResults/0",
            },
            {
                "name": "memory",
                "outcome": "fail",
                "dry_run": True,
                "measurements": 5,
                "locator": "/status/metricResults/1",
            },
        ],
        "judged_count": 1,
        "started_at": "2026-01-15T11:00:00Z",
        "complete": True,
    }


@pytest.mark.parametrize(
    ("phase", "outcome", "complete"),
    [
        ("Successful", "pass", True),
        ("Failed", "fail", True),
        ("Error", "error", False),
        ("Inconclusive", "inconclusive", False),
        ("Running", "running", False),
        ("Pending", "running", False),
        ("", "running", False),
    ],
)
def test_only_a_verdict_is_complete(phase: str, outcome: str, complete: bool) -> None:
    assert said(argo(phase=phase)) == (outcome, complete)


@pytest.mark.parametrize(
    "results",
    [
        [metric("memory", dryRun=True)],  # a metric that was asked for and has no result
        [metric(count=0), metric("memory")],
        [{"name": "errors", "phase": "Successful"}, metric("memory")],
        [metric(phase="Failed"), metric("memory")],
        [metric(phase="Inconclusive"), metric("memory")],
        [metric(phase="Error"), metric("memory")],
        [metric(phase="Running"), metric("memory")],
        [],
    ],
)
def test_a_success_that_its_metrics_do_not_bear_out_is_not_complete(results: list[Any]) -> None:
    assert said(argo(metricResults=results)) == ("pass", False)


def test_a_run_that_has_not_begun_is_not_complete() -> None:
    report = argo()
    del report["status"]
    assert said(report) == ("running", False)


def test_a_run_whose_metrics_are_all_dry_has_judged_nothing() -> None:
    found = read(argo(metricResults=[metric(dryRun=True), metric("memory", dryRun=True)]))
    assert (found["outcome"], found["judged_count"]) == ("pass", 0)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"phase": "Succeeded"}, "/status/phase"),
        ({"phase": "successful"}, "/status/phase"),
        ({"metricResults": [metric(phase="OK")]}, "/status/metricResults/0/phase"),
        ({"metricResults": [metric(dryRun="true")]}, "/status/metricResults/0/dryRun"),
        ({"metricResults": [metric(count="5")]}, "/status/metricResults/0/count"),
        ({"metricResults": [{"phase": "Successful"}]}, "/status/metricResults/0/name"),
    ],
)
def test_words_that_argo_does_not_have_are_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(argo(**change))
    assert caught.value.where == f"run.json: {where}"


def test_two_runs_in_a_file_are_refused() -> None:
    two = {"apiVersion": "v1", "kind": "List", "items": [argo(), argo()]}
    with pytest.raises(MalformedError) as caught:
        read(two)
    assert caught.value.code == "argo.runs"


def test_a_result_of_kayenta_says_exactly_this() -> None:
    found = read(kayenta())
    assert found | {"metrics": []} == {
        "tool": "kayenta",
        "name": "parcel",
        "outcome": "pass",
        "score_percent": 95,
        "metrics": [],
        "judged_count": 2,
        "started_at": "2026-01-15T11:00:05Z",
        "finished_at": "2026-01-15T11:00:14.101000Z",
        "complete": True,
    }
    assert found["metrics"][0] == {
        "name": "errors",
        "outcome": "pass",
        "dry_run": False,
        "measurements": 60,
        "locator": "/result/judgeResult/results/0",
    }


def scored(word: str, score: float = 80) -> dict[str, Any]:
    return judged(score={"score": score, "classification": word})


def classified(word: str) -> dict[str, Any]:
    return judged(results=[{"name": "errors", "classification": word}])


@pytest.mark.parametrize(
    ("report", "outcome", "complete"),
    [
        (scored("Pass"), "pass", True),
        (scored("Fail"), "fail", True),
        (scored("Marginal"), "inconclusive", False),
        (kayenta(status="running", complete=False), "running", False),
        (kayenta(status="not_started"), "running", False),
        (kayenta(status="terminal", exception={"details": {}}), "error", False),
        (kayenta(status="canceled"), "error", False),
        (kayenta(exception={"details": {}}), "error", False),
        (kayenta(complete=False), "pass", False),
        (kayenta(result=None), "error", False),
        (kayenta(result={}), "error", False),
        (classified("Nodata"), "pass", False),
        (classified("Error"), "pass", False),
        (classified("High"), "pass", True),  # the judge outweighed it
    ],
)
def test_what_ran_is_no_verdict(report: Any, outcome: str, complete: bool) -> None:
    assert said(report) == (outcome, complete)


@pytest.mark.parametrize("word", ["Pass", "Fail"])
def test_a_canary_that_was_compared_with_itself_has_shown_nothing(word: str) -> None:
    report = scored(word)
    scopes = report["canaryExecutionRequest"]["scopes"]["default"]
    scopes["controlScope"] = scopes["experimentScope"]

    assert read(report)["complete"] is (word == "Fail")
    report["canaryExecutionRequest"]["scopes"] = {}
    assert read(report)["complete"] is (word == "Fail")


@pytest.mark.parametrize(
    ("report", "where"),
    [
        (scored("Passed"), "/result/judgeResult/score/classification"),
        (scored("Pass", 101), "/result/judgeResult/score/score"),
        (scored("Pass", -1), "/result/judgeResult/score/score"),
        (classified("Fine"), "/result/judgeResult/results/0/classification"),
        (judged(score=None), "/result/judgeResult/score"),
        (judged(score={"score": 99}), "/result/judgeResult/score/classification"),
    ],
)
def test_words_that_kayenta_does_not_have_are_refused(report: Any, where: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read(report)
    assert caught.value.where == f"run.json: {where}"


@pytest.mark.parametrize(
    "change", [{"judged_count": 3}, {"outcome": "inconclusive"}, {"outcome": "running"}, {"outcome": "passed"}]
)
def test_facts_that_do_not_fit_each_other_are_refused(change: dict[str, Any]) -> None:
    held = dict(made.analysis().facts)
    kind("analysis").validate(held)

    with pytest.raises(MalformedError):
        kind("analysis").validate(held | change)
