"""A rule asked about documents: the steps of a gate, the real OPA, and nothing that can be taken for a pass."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rego_files import RULE, pack, write

from gatekeeper.errors import PolicyError, UsageError
from gatekeeper.facts import kinds
from gatekeeper.subject import Subject
from gatekeeper.testing import NOW, MadeDocument, Rules, facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.engine.find import OpaBinary

WARNING = """
warn contains {"message": "few lines", "source": report.source} if {
	some report in input.coverage
	report.lines_valid < 50
}
"""

SUBJECTS = """\
# METADATA
# title: The artifact is a wheel
# description: For a test.
# custom:
#   needs: {artifact: [name]}
#   parameters: {ending: {type: string}}
#   remedy: Build a wheel.
package gatekeeper.own.wheel

import rego.v2

deny contains violation if {
	some report in input.artifact
	not endswith(input.subject.name, input.parameters.ending)
	violation := {"message": $"{input.subject.name} is no wheel of {report.name}", "source": report.source}
}
"""

YOUNG = """\
# METADATA
# title: Scans are young
# description: For a test.
# custom:
#   needs: {vulnerabilities: [scanned_at, findings.id, findings.locator]}
#   parameters: {longest: {type: string, default: 24h, tighten: down}}
#   ages: {vulnerabilities.scanned_at: longest}
#   effective_on: 2030-01-01
#   remedy: Scan again.
package gatekeeper.own.young

import rego.v2

deny contains violation if {
	some report in input.vulnerabilities
	some finding in report.findings
	finding.id == "CVE-0"
	violation := {"message": finding.id, "term": finding.id, "source": report.source, "locator": finding.locator}
}
"""


@pytest.fixture(scope="module")
def rule(binary: OpaBinary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rules]:
    root = write(
        tmp_path_factory.mktemp("packs"),
        pack()
        | {
            "policies/own/lines/lines.rego": RULE + WARNING,
            "policies/own/wheel/wheel.rego": SUBJECTS,
            "policies/own/young/young.rego": YOUNG,
        },
    )
    with Rules.load([root / "policies", "gatekeeper"], binary) as rules:
        yield rules


def test_a_slow_route_is_denied(rule: Rules) -> None:
    outcome = rule("performance.latency").given(facts.performance(route="/pay", p95_ms=620), max_p95_ms=500)
    assert outcome.messages == ["p95 of /pay is 620 ms, its budget 500 ms"]


def test_an_outcome_says_all(rule: Rules) -> None:
    outcome = rule("own.lines").given(facts.coverage(lines=(10, 40), slot="unit"))
    assert (outcome.outcome, outcome.messages, outcome.terms) == ("fail", ["10 lines"], ["lines"])
    assert [warning.message for warning in outcome.warnings] == ["few lines"]
    assert outcome.violations[0].source is not None
    assert outcome.violations[0].source["slot"] == "unit"
    assert outcome.violations[0].remedy == "Add tests."
    assert repr(outcome) == "<own.lines: fail>\n  10 lines [lines]\n  warns: few lines"


def test_pass_warn_and_fail(rule: Rules) -> None:
    ask = rule("own.lines").given
    assert ask(facts.coverage(lines=(90, 100))).outcome == "pass"
    assert ask(facts.coverage(lines=(80, 100)), facts.coverage(lines=(79, 100))).messages == ["79 lines"]
    warned = ask(facts.coverage(lines=(40, 40)), minimum=40)
    assert (warned.outcome, warned.messages) == ("warn", ["few lines"])


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "needs coverage: there is none"),
        ([facts.sbom()], "needs coverage: there is none"),
        ([facts.coverage(complete=False)], "coverage.json is not complete: something was skipped or cut off"),
        ([facts.coverage().without("lines_covered")], "needs coverage.lines_covered: absent in coverage.json"),
        ([facts.coverage(files={})], "coverage.json examined nothing: lines_valid is 0"),
    ],
)
def test_what_a_gate_leaves_unanswered_is_unanswered_here(
    rule: Rules, documents: list[MadeDocument], message: str
) -> None:
    outcome = rule("own.lines").given(*documents)
    assert (outcome.outcome, outcome.messages) == ("unanswered", [message])


def test_an_outcome_has_no_truth_value(rule: Rules) -> None:
    outcome = rule("own.lines").given(facts.coverage())
    with pytest.raises(TypeError, match=r"compare outcome\.outcome"):
        assert outcome


def test_parameters_are_those_of_a_gate(rule: Rules) -> None:
    ask = rule("own.lines").given
    with pytest.raises(UsageError, match=r"own\.lines has no parameter 'minimun' \(did you mean minimum\?\)"):
        ask(facts.coverage(), minimun=3)
    with pytest.raises(UsageError, match="minimum: string, where integer is needed"):
        ask(facts.coverage(), minimum="80")
    with pytest.raises(UsageError, match="minimum: "):
        ask(facts.coverage(), minimum=-1)
    with pytest.raises(UsageError, match=r"own\.wheel needs the parameter ending"):
        rule("own.wheel").given(facts.artifact())


def test_the_subject_can_be_another(rule: Rules) -> None:
    ask = rule("own.wheel").given
    assert ask(facts.artifact(), ending=".whl").outcome == "pass"
    image = Subject.of("app.tar", {"sha256": "0" * 64})
    assert ask(facts.artifact(), ending=".whl", subject=image).messages == ["app.tar is no wheel of app"]


def test_without_an_instant_a_rule_is_in_effect(rule: Rules) -> None:
    ask = rule("own.young").given
    bad = facts.vulnerabilities(critical=["CVE-0"])
    assert ask(bad).outcome == "fail"
    assert ask(bad, at=NOW).outcome == "warn"
    assert ask(bad, at=datetime(2030, 1, 1, tzinfo=UTC)).outcome == "fail"


def test_ages_count_from_the_instant(rule: Rules) -> None:
    ask = rule("own.young").given
    assert ask(facts.vulnerabilities()).outcome == "pass"
    assert ask(facts.vulnerabilities(), longest="30m").outcome == "fail"
    late = datetime(2030, 1, 2, tzinfo=UTC)
    old = facts.vulnerabilities(scanned_at="2030-01-01T23:00:00Z")
    assert ask(old, at=late).outcome == "pass"
    assert ask(old, at=late + timedelta(days=1)).outcome == "fail"


def test_an_unknown_rule_and_what_is_no_document(rule: Rules) -> None:
    with pytest.raises(UsageError, match=r"no rule is called 'own\.line' \(did you mean own\.lines\?\)"):
        rule("own.line")
    with pytest.raises(UsageError, match="dict is no document"):
        rule("own.lines").given({"lines_covered": 1})  # type: ignore[arg-type]
    assert repr(rule("own.lines")) == "<rule own.lines>"


def test_a_rule_that_does_not_compile_says_so(binary: OpaBinary, tmp_path: Path) -> None:
    write(
        tmp_path,
        pack() | {"policies/own/lines/lines.rego": RULE.replace("report.lines_covered <", "report.lines_covred <")},
    )
    with pytest.raises(PolicyError, match="lines_covred"), Rules.load([tmp_path / "policies"], binary) as rules:
        rules("own.lines").given(facts.coverage())


def test_nothing_is_left_running(binary: OpaBinary, tmp_path: Path) -> None:
    def children() -> set[str]:
        return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())

    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        pytest.skip("this system does not list children")
    before = children()
    with Rules.load([write(tmp_path, pack()) / "policies"], binary) as rules:
        rules("own.lines").given(facts.coverage())
        assert children() - before
    assert children() - before == set()


def test_every_rule_of_the_library_can_be_asked(rule: Rules) -> None:
    """Each rule says nothing, or something, but never fails to answer about evidence of a build that is well."""
    asked = [rule_id for rule_id in rule._rules if not rule_id.startswith("own.")]
    assert len(asked) > 10
    everything = [getattr(facts, kind)() for kind in kinds()]
    outcomes = {
        rule_id: rule(rule_id).given(*everything, baseline=everything, **required(rule, rule_id)).outcome
        for rule_id in asked
    }
    assert set(outcomes.values()) <= {"pass", "fail", "warn", "unanswered"}
    unanswered = {rule_id for rule_id, outcome in outcomes.items() if outcome == "unanswered"}
    # a maker measures no branches, and makes no image, unless told to
    of_images = {"misconfiguration.base_age", "misconfiguration.root_user"}
    assert unanswered <= {"coverage.branches", *of_images}


def required(rule: Rules, rule_id: str) -> dict[str, Any]:
    parameters = rule(rule_id).rule.parameters
    return {name: some(item.schema) for name, item in parameters.items() if not item.has_default}


def some(schema: Mapping[str, Any]) -> Any:
    """A value of a parameter that has to be set."""
    match schema["type"]:
        case "array":
            return [some(schema["items"])]
        case "object":
            return {name: some(member) for name, member in schema["properties"].items()}
        case "integer":
            return 1
        case _:
            return "x"
