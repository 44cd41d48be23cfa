"""What a canary does next: proceed with an allow only, roll back when a rule that asks for it fails, else hold."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import defusedxml.ElementTree
import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import gate, rule, stage

from gatekeeper import _json
from gatekeeper.decision import Decision, Result, Violation
from gatekeeper.decision_json import read_decision
from gatekeeper.errors import MalformedError
from gatekeeper.record import Record
from gatekeeper.report import render
from gatekeeper.report.github import outputs
from project import coverage, ran_tests

if TYPE_CHECKING:
    from collections.abc import Callable

    from project import Project

TESTS_RULE = "policies/own/tests/tests.rego"
FAILED = (Violation(message="too many errors"),)


@pytest.fixture
def canary(project: Project) -> Project:
    """The stage ``build`` is a canary in which failing tests ask for a rollback and thin coverage does not."""
    project.edit("gate.toml", 'rules = ["own.*"]', 'rules = ["own.*"]\ncanary = true')
    project.edit(TESTS_RULE, "#   severity: high", "#   severity: high\n#   on_fail: roll_back")
    project.lock()
    project.green()
    return project


def attested(kind: str, facts: dict[str, Any], slot: str) -> Callable[[Project], object]:
    return lambda project: project.attest(kind, facts, slot=slot, name=slot)


RED = attested("test_results", ran_tests(2, "login"), "unit")
THIN = attested("coverage", coverage(10), "coverage")


def test_an_allow_proceeds(canary: Project) -> None:
    ran = canary.decide()
    assert (ran.code, ran.json["outcome"], ran.json["next"]) == (0, "allow", "proceed")


@pytest.mark.parametrize(
    ("harms", "expected"),
    [
        ((THIN,), "hold"),
        ((RED,), "roll_back"),
        ((THIN, RED), "roll_back"),
        ((lambda project: (project.folder / "evidence/unit.json").unlink(),), "hold"),
        ((attested("test_results", ran_tests(0), "unit"),), "hold"),
    ],
    ids=["a rule that holds", "a rule that rolls back", "both", "nothing to judge", "nothing examined"],
)
def test_a_deny_holds_or_rolls_back(canary: Project, harms: Any, expected: str) -> None:
    for harm in harms:
        harm(canary)
    ran = canary.decide()
    assert (ran.code, ran.json["outcome"], ran.json["next"]) == (1, "deny", expected)


def test_a_failure_that_is_waived_asks_for_nothing(canary: Project) -> None:
    RED(canary)
    canary.waive("ada", "cy", rule="own.tests", terms=["s::login"])
    ran = canary.decide()
    assert (ran.json["results"][1]["outcome"], ran.json["next"]) == ("waived", "proceed")
    THIN(canary)
    assert canary.decide().json["next"] == "hold"


def test_before_its_day_a_rule_rolls_nothing_back(canary: Project) -> None:
    canary.edit(TESTS_RULE, "#   severity: high", "#   severity: high\n#   effective_on: 2099-01-01")
    canary.lock()
    RED(canary)
    assert canary.decide().json["next"] == "proceed"


def test_a_stage_that_is_no_canary_says_nothing_of_it(project: Project) -> None:
    project.edit(TESTS_RULE, "#   severity: high", "#   severity: high\n#   on_fail: roll_back")
    project.lock()
    project.green()
    RED(project)
    assert "next" not in project.decide().json


def test_it_is_said_in_every_form(canary: Project) -> None:
    RED(canary)
    decision = canary.decide().json
    said = "next: roll back, as own.tests asks"
    assert f"      {said}\n" in render(decision, width=80)
    assert "Next: roll back, as own.tests asks" in render(decision, "markdown")
    assert said in render(decision, "github")
    assert "\nroll_back\n" in outputs(decision)
    [run] = json.loads(render(decision, "sarif"))["runs"]
    assert run["properties"]["next"] == "roll_back"
    suite = defusedxml.ElementTree.fromstring(render(decision, "junit").encode())[0]
    assert {item.get("name"): item.get("value") for item in suite[0]}["next"] == "roll_back"


@pytest.mark.parametrize(
    ("harm", "line"),
    [(lambda _: None, "next: proceed"), (THIN, "next: hold, no further step until this is settled")],
    ids=["proceed", "hold"],
)
def test_the_other_two_in_words(canary: Project, harm: Any, line: str) -> None:
    harm(canary)
    assert line in [text.strip() for text in render(canary.decide().json, width=80).splitlines()]


def test_a_record_keeps_it_and_admit_and_replay_are_as_ever(canary: Project) -> None:
    record = canary.record()
    assert Record.read(record).decision.next == "proceed"
    assert canary.admit(record).code == 0
    assert canary.run("replay", str(record)).code == 0
    RED(canary)
    denied = canary.record()
    assert Record.read(denied).decision.next == "roll_back"
    assert canary.admit(denied).code == 1
    assert canary.run("replay", str(denied)).code == 0


def test_canary_and_on_fail_are_in_the_digest_of_the_gate_and_absent_where_they_change_nothing() -> None:
    plain = gate(stage(rule()))
    assert plain.digest != gate(stage(rule(), canary=True)).digest
    assert plain.digest != gate(stage(rule(on_fail="roll_back"))).digest
    assert not re.search(r"canary|on_fail", _json.canonical(plain.as_json()).decode())


def test_gate_show_names_the_canary(canary: Project) -> None:
    assert "a canary: decisions say what comes next" in canary.run("gate", "show").out


@pytest.mark.parametrize("said", ["proceed", "hold", "", "rollback"])
def test_what_does_not_follow_from_the_results_is_refused(canary: Project, said: str) -> None:
    RED(canary)
    edited = canary.decide().json | {"next": said}
    with pytest.raises(MalformedError, match=r"\$\.next: says"):
        read_decision(edited)
    with pytest.raises(MalformedError):
        render(edited)


OUTCOMES = st.sampled_from(["pass", "fail", "warn", "waived", "unanswered"])


@given(st.lists(st.tuples(OUTCOMES, st.sampled_from(["", "roll_back"])), min_size=1, max_size=5))
def test_only_proceed_goes_with_allow(said: list[tuple[Any, Any]]) -> None:
    results = tuple(
        Result(id=f"r{index}", title="t", outcome=outcome, on_fail=on_fail, violations=FAILED)
        for index, (outcome, on_fail) in enumerate(said)
    )
    decision = Decision.__new__(Decision)
    object.__setattr__(decision, "results", results)
    object.__setattr__(decision, "canary", True)
    assert (decision.next == "proceed") is decision.allowed
    assert (decision.next == "roll_back") is (("fail", "roll_back") in said)
