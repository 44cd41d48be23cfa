"""Chaos experiments: the steady state before and after, what was run, and verdicts that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from samples import Sample
from shared import needs_shared


def journal(**more: Any) -> dict[str, Any]:
    probes = [{"status": "succeeded", "tolerance_met": True}]
    return {
        "chaoslib-version": "1.44.0",
        "experiment": {"title": "lost node"},
        "start": "2026-11-23T08:47:49.738035+00:00",
        "end": "2026-11-23T08:47:59+00:00",
        "status": "completed",
        "deviated": False,
        "steady_states": {
            "before": {"steady_state_met": True, "probes": probes},
            "after": {"steady_state_met": True, "probes": probes},
        },
        "run": [{"status": "succeeded"}],
        "rollbacks": [{"status": "succeeded"}],
    } | more


def facts_of(value: Any) -> Any:
    return registry.read(Report(json.dumps(value).encode(), "journal.json")).facts


def experiment(**more: Any) -> dict[str, Any]:
    (found,) = facts_of(journal(**more))["experiments"]
    return dict(found)


def states(before: Any = True, after: Any = True) -> dict[str, Any]:
    held = {"before": before, "after": after}
    return {name: {"steady_state_met": met, "probes": []} if met is not None else None for name, met in held.items()}


def test_an_experiment_that_held_has_passed() -> None:
    assert experiment() == {
        "name": "lost node",
        "verdict": "passed",
        "before_met": True,
        "after_met": True,
        "actions": 1,
        "actions_failed": 0,
        "rollbacks": 1,
        "rollbacks_failed": 0,
        "probes": 2,
        "probes_passed": 2,
        "probe_success_percent": 100,
        "started_at": "2026-11-23T08:47:49.738035Z",
        "finished_at": "2026-11-23T08:47:59Z",
        "locator": "/experiment",
    }


@pytest.mark.parametrize(
    "harm",
    [
        {"deviated": True},
        {"deviated": None},
        {"status": "failed"},
        {"run": []},
        {"run": [{"status": "succeeded"}, {"status": "failed"}]},
        {"rollbacks": [{"status": "failed"}]},
        {"rollbacks": [{"status": "unknown to us"}]},
        {"steady_states": states(before=False)},
        {"steady_states": states(before=None)},
        {"steady_states": states(after=False)},
        {"steady_states": states(after=None)},
    ],
    ids=str,
)
def test_anything_that_went_wrong_is_no_pass_whatever_the_status_says(harm: dict[str, Any]) -> None:
    assert experiment(**harm)["verdict"] == "failed"


@pytest.mark.parametrize(
    ("status", "verdict"), [("interrupted", "stopped"), ("aborted", "stopped"), ("running", "unfinished")]
)
def test_what_did_not_end_is_not_complete(status: str, verdict: str) -> None:
    facts = facts_of(journal(status=status))
    assert (facts["complete"], facts["experiments"][0]["verdict"]) == (False, verdict)


def test_what_was_not_looked_at_is_absent() -> None:
    found = experiment(steady_states=states(before=False, after=None))
    assert found["before_met"] is False
    assert "after_met" not in found
    assert "probe_success_percent" not in found


def test_a_steady_state_that_is_no_truth_value_is_refused() -> None:
    with pytest.raises(MalformedError) as refused:
        facts_of(journal(steady_states=states(before="yes")))
    assert refused.value.where == "journal.json: /steady_states/before/steady_state_met"


LITMUS = {
    "apiVersion": "litmuschaos.io/v1alpha1",
    "kind": "ChaosResult",
    "metadata": {"name": "pod-delete"},
    "status": {
        "experimentStatus": {"phase": "Completed", "verdict": "Pass", "probeSuccessPercentage": "100"},
        "history": {"passedRuns": 2, "failedRuns": 1, "stoppedRuns": 1},
    },
}


def litmus(probes: Any = (), **ended: Any) -> Any:
    value: Any = json.loads(json.dumps(LITMUS))
    value["status"]["experimentStatus"] |= ended
    value["status"]["probeStatuses"] = [
        {"name": mode, "mode": mode, "status": {"verdict": verdict}} for mode, verdict in probes
    ]
    return facts_of(value)


@pytest.mark.parametrize(
    ("ended", "verdict", "complete"),
    [
        ({}, "passed", True),
        ({"verdict": "Fail"}, "failed", True),
        ({"verdict": "Error"}, "failed", True),
        ({"verdict": "Stopped"}, "stopped", True),
        ({"verdict": "Awaited", "probeSuccessPercentage": "Awaited"}, "unfinished", False),
        ({"verdict": ""}, "unfinished", False),
        ({"phase": "Running"}, "unfinished", False),
    ],
)
def test_a_verdict_of_litmus_is_one_only_when_it_is_over(ended: Any, verdict: str, complete: bool) -> None:
    facts = litmus(**ended)
    assert (facts["experiments"][0]["verdict"], facts["complete"]) == (verdict, complete)


@pytest.mark.parametrize(
    ("probes", "before", "after"),
    [
        ([], None, None),
        ([("Continuous", "Passed")], None, None),
        ([("SOT", "Passed")], True, None),
        ([("EOT", "Passed")], None, True),
        ([("Edge", "Passed")], True, True),
        ([("SOT", "Passed"), ("SOT", "Passed"), ("EOT", "Passed")], True, True),
    ],
)
def test_probes_before_and_after_are_the_steady_state(probes: Any, before: Any, after: Any) -> None:
    (found,) = litmus(probes)["experiments"]
    assert (found.get("before_met"), found.get("after_met"), found["verdict"]) == (before, after, "passed")


@pytest.mark.parametrize("verdict", ["Failed", "N/A", "Awaited", ""])
def test_a_probe_that_did_not_pass_is_no_pass(verdict: str) -> None:
    facts = litmus([("SOT", "Passed"), ("EOT", verdict)])
    (found,) = facts["experiments"]
    assert (found["before_met"], found["after_met"], found["verdict"]) == (True, False, "failed")
    assert (found["probes_passed"], found["probe_success_percent"]) == (1, 50)
    assert facts["complete"] is False
    assert facts["claimed"] == {"probeSuccessPercentage": 100, "locator": "/status"}


@pytest.mark.parametrize("said", ["101", "-1", "99.9", "all"])
def test_a_percentage_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(MalformedError, match="no percentage"):
        litmus(probeSuccessPercentage=said)


def test_a_verdict_that_nobody_knows_is_refused() -> None:
    with pytest.raises(MalformedError, match="the verdict 'fine' is not known"):
        litmus(verdict="Fine")


def test_runs_are_counted_by_their_history() -> None:
    assert litmus()["experiments"][0]["actions"] == 4


@needs_shared
@pytest.mark.parametrize("name", ["completed", "deviated", "tck_sample-journal"])
def test_facts_are_those_that_were_counted(name: str) -> None:
    from test_collect_truth import truths

    truth = truths()[f"chaos/chaostoolkit/{name}.json"]
    (found,) = registry.read(Sample(path=f"chaos/chaostoolkit/{name}.json").report).facts["experiments"]
    assert found.get("before_met") == truth["before_met"]
    assert found.get("after_met") == truth["after_met"]
    for part in ("run", "rollbacks"):
        count = "actions" if part == "run" else "rollbacks"
        assert found[count] == len(truth[part])
        assert found[f"{count}_failed"] == sum(status != "succeeded" for _, status in truth[part])
