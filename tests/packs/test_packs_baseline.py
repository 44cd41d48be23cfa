"""``custom.baseline``: what a rule needs of the release before is as closed as what it needs of this one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pack_files import write_pack

from gatekeeper import _json
from gatekeeper.errors import PolicyError
from gatekeeper.evaluate import ask
from gatekeeper.facts import kinds
from gatekeeper.load.packs import load_packs
from gatekeeper.policy import BASELINE, RuleSet
from gatekeeper.stage import Stage
from gatekeeper.testing import MadeDocument, Rules, facts
from gatekeeper.testing.rules import SUBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.policy import Rule

HEAD = """\
# METADATA
# title: No test has vanished
# description: For a test.
# custom:
#   needs: {test_results: [names]}
#   baseline: {baseline}
#   remedy: Bring them back.
package gatekeeper.demo.probe

import rego.v2
"""

VANISHED = """
deny contains violation if {
	some before in input.baseline.test_results
	some name in before.names
	not name in names
	violation := {"message": $"{name} has vanished", "term": name, "source": before.source}
}

names contains name if {
	some report in input.test_results
	some name in report.names
}
"""

DECLARED = "{test_results: [names, total]}"


ORDER = "versions: semver.compare; times: ages in METADATA; levels: list the values"


def text(body: str = VANISHED, baseline: str = DECLARED) -> str:
    return HEAD.replace("{baseline}", baseline) + body


def body(condition: str) -> str:
    """A rule with this condition about one document of the release before."""
    return f"""
deny contains violation if {{
	some report in input.test_results
	some before in input.baseline.test_results
	{condition}
	violation := {{"message": $"{{report.names}}", "source": before.source}}
}}
"""


def load(root: Path, rule_text: str) -> Rule:
    return load_packs([write_pack(root, rule_text)]).rules["demo.probe"]


def refusal(root: Path, rule_text: str) -> tuple[str, str, str]:
    with pytest.raises(PolicyError) as caught:
        load(root, rule_text)
    return caught.value.message, caught.value.hint, caught.value.code


def test_what_is_declared_is_part_of_the_rule(tmp_path: Path) -> None:
    rule = load(tmp_path, text())
    assert rule.baseline == {"test_results": ("names", "total")}
    assert rule.facts == {"test_results": ("names",)}
    assert rule.as_json()["baseline"] == {"test_results": ["names", "total"]}


def test_a_rule_without_baseline_is_recorded_as_ever(tmp_path: Path) -> None:
    bare = """
deny contains violation if {
	some report in input.test_results
	count(report.names) < 1
	violation := {"message": "none", "source": report.source}
}
"""
    rule = load(tmp_path, text(bare).replace("#   baseline: {test_results: [names, total]}\n", ""))
    assert "baseline" not in rule.as_json()
    question = _json.parse(ask_all(rule))
    assert "baseline" not in question


def run_of(names: list[str], **more: Any) -> MadeDocument:
    return facts.test_results(passed=len(names), names=names, **more)


def ask_all(rule: Rule) -> bytes:
    rule_set = RuleSet(rules=(rule,))
    stage = Stage(name="a", rule_set=rule_set, parameters={}, slots={}, valid_for=timedelta(days=1))
    before = {"test_results": [run_of(["a"])], "coverage": [facts.coverage()]}
    return ask(stage, SUBJECT, before, [rule.id], before).data


def test_the_question_holds_what_is_declared_and_no_more(tmp_path: Path) -> None:
    question = _json.parse(ask_all(load(tmp_path, text())))
    assert {kind: [sorted(held[0])] for kind, held in question["baseline"].items()} == {
        "test_results": [["complete", "names", "source", "total"]]
    }
    assert sorted(question["documents"]["test_results"][0]) == ["complete", "names", "source"]


@pytest.mark.parametrize(
    ("declared", "message", "hint"),
    [
        ("{tests: [names]}", "no kind of evidence is called tests", ""),
        ("{test_results: names}", "baseline.test_results is no list of facts", "write [findings.severity]"),
        ("{test_results: []}", "baseline.test_results is no list of facts", "write [findings.severity]"),
        ("{test_results: [nmes]}", "test_results has no nmes", "did you mean names?"),
        ("{test_results: [names, names]}", "baseline.test_results names a fact twice", ""),
        ("{test_results: [cases]}", "test_results.cases holds more facts", "name those that are read, such as cases.locator"),
    ],
)  # fmt: skip
def test_only_facts_that_exist_are_declared(tmp_path: Path, declared: str, message: str, hint: str) -> None:
    said = refusal(tmp_path, text(baseline=declared))
    assert (said[0], said[2]) == (message, "metadata.facts")
    assert said[1] == hint or declared.startswith("{tests:")


@pytest.mark.parametrize(
    ("condition", "message", "hint"),
    [
        (
            "count(input.baseline.coverage) > 0",
            "reads input.baseline.coverage, which METADATA does not declare",
            "known here: test_results",
        ),
        (
            "count(input.baseline) > 0",
            "input.baseline without a kind behind a dot",
            "write input.baseline.coverage",
        ),
        (
            'count(input.baseline["test_results"]) > 0',
            "input.baseline without a kind behind a dot",
            "write input.baseline.coverage",
        ),
        ("before.names > 3", "baseline.test_results.names is ordered by > and is no number", ORDER),
        ("report.names < before.total", "test_results.names is ordered by < and is no number", ORDER),
        ("before[report.names[0]]", "a member of baseline.test_results by a name that is not written out", "write the name behind a dot: report.counts.high"),
    ],
)  # fmt: skip
def test_the_same_lints_hold(tmp_path: Path, condition: str, message: str, hint: str) -> None:
    said = refusal(tmp_path, text(body(condition)))
    assert (said[0].partition(" (and ")[0], said[1], said[2]) == (message, hint, "policy.lint")


def test_a_word_that_no_fact_is_is_refused(tmp_path: Path) -> None:
    rule = text(
        """
deny contains violation if {
	some report in input.test_results
	some before in input.baseline.test_results
	some case in before.cases
	case.outcome == "broken"
	violation := {"message": $"{report.names}", "source": before.source, "term": case.name, "locator": case.locator}
}
""",
        "{test_results: [cases.outcome, cases.name, cases.locator]}",
    )
    assert refusal(tmp_path, rule)[0] == "baseline.test_results.cases.outcome is never 'broken'"


def test_who_made_the_release_before_is_not_judged_by_a_part(tmp_path: Path) -> None:
    rule = text(
        """
deny contains violation if {
	some report in input.test_results
	some before in input.baseline.provenance
	not startswith(before.builder, "https://ci.example.com")
	violation := {"message": $"{report.names}", "source": before.source}
}
""",
        "{provenance: [builder]}",
    )
    assert refusal(tmp_path, rule)[0] == "startswith judges baseline.provenance.builder by a part of it"


def test_nothing_is_read_that_is_not_declared(tmp_path: Path, command: OpaCommand) -> None:
    rule = load(tmp_path, text(body("before.failed > 0")))
    with pytest.raises(PolicyError) as caught:
        command.check(RuleSet(rules=(rule,)), deadline=20)
    assert caught.value.message == "baseline.test_results has no failed; it has names, total"
    assert caught.value.hint == "declare failed in baseline of test_results"


def test_a_rule_that_declares_no_baseline_is_told_where(tmp_path: Path) -> None:
    rule = text().replace("#   baseline: {test_results: [names, total]}\n", "")
    assert refusal(tmp_path, rule)[0].startswith("reads input.baseline, which METADATA does not declare")


def test_no_kind_is_called_as_the_member_of_input() -> None:
    assert BASELINE not in kinds()


@pytest.fixture(scope="module")
def rules(binary: OpaBinary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rules]:
    with Rules.load([write_pack(tmp_path_factory.mktemp("packs"), text())], binary) as rules:
        yield rules


def test_a_rule_sees_both_releases(rules: Rules) -> None:
    now, before = run_of(["a"]), run_of(["a", "b"])
    probe = rules("demo.probe")
    assert probe.given(now, baseline=[before]).messages == ["b has vanished"]
    assert probe.given(before, baseline=[now]).outcome == "pass"
    assert probe.given(before, baseline=[before]).outcome == "pass"


def test_a_violation_may_cite_the_release_before(rules: Rules) -> None:
    now, before = run_of(["a"]), run_of(["a", "b"], slot="unit", report="r.xml")
    (violation,) = rules("demo.probe").given(now, baseline=[before]).violations
    assert violation.source == {**before.source.as_json(), "baseline": "previous"}


def test_no_baseline_is_unanswered_and_never_a_pass(rules: Rules) -> None:
    now, other = run_of(["a"]), facts.coverage()
    for before in ([], [other]):
        outcome = rules("demo.probe").given(now, baseline=before)
        assert (outcome.outcome, outcome.messages) == ("unanswered", ["needs baseline.test_results: there is none"])
        assert outcome.violations[0].remedy == "give the signed record of an earlier release with test_results"


def test_documents_of_this_release_are_no_baseline_and_the_other_way_round(rules: Rules) -> None:
    report = run_of(["a"])
    probe = rules("demo.probe")
    assert probe.given(report, report).messages == ["needs baseline.test_results: there is none"]
    assert probe.given(baseline=[report]).messages == ["needs test_results: there is none"]


def test_each_fact_is_there_in_every_baseline_document(rules: Rules) -> None:
    now, whole = run_of(["a"]), run_of(["a"], slot="unit", report="r.xml")
    outcome = rules("demo.probe").given(now, baseline=[whole, whole.without("total")])
    assert outcome.outcome == "unanswered"
    assert outcome.messages == ["needs baseline.test_results.total: absent in r.xml (slot unit, baseline previous)"]


def test_a_baseline_that_is_incomplete_or_empty_is_unanswered(rules: Rules) -> None:
    now = run_of(["a"])
    cut = run_of(["a"], complete=False, report="r.xml")
    outcome = rules("demo.probe").given(now, baseline=[cut])
    assert outcome.messages == ["r.xml (baseline previous) is not complete: something was skipped or cut off"]
    nothing = facts.test_results(passed=0, report="r.xml")
    outcome = rules("demo.probe").given(now, baseline=[nothing])
    assert (outcome.outcome, len(outcome.messages)) == ("unanswered", 1)
