"""Properties of rules: every rule of the library has them, and a rule that lacks one is told by a test to paste."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from gatekeeper import _data
from gatekeeper.errors import UsageError
from gatekeeper.facts import kind, kinds
from gatekeeper.load.packs import load_packs
from gatekeeper.testing import MadeDocument, Outcome, Rules, properties, run_tests, strategies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing import AskedRule

_LAST_WORD = {"order_free": "of two reviews by one person the later one counts, as the platform lists them"}
EXCEPTIONS: dict[str, dict[str, str]] = {"review.current": _LAST_WORD, "review.stakeholders": _LAST_WORD}
"""By rule: properties that it is not to have, each with the reason."""


@pytest.fixture(scope="module")
def rules(binary: OpaBinary) -> Iterator[Rules]:
    with Rules.load([_data.folder("policies")], binary) as loaded:
        yield loaded


@pytest.mark.parametrize("rule_id", sorted(load_packs([_data.folder("policies")]).rules))
def test_every_rule_of_the_library_has_them(rule_id: str, rules: Rules) -> None:
    properties.holds(rules(rule_id), except_for=EXCEPTIONS.get(rule_id), examples=6)


@pytest.mark.parametrize("name", sorted(kinds()))
def test_documents_of_every_kind_are_valid_and_differ(name: str) -> None:
    seen = set()

    @settings(max_examples=30, database=None, deadline=None)
    @given(strategies.documents(name))
    def check(document: MadeDocument) -> None:
        kind(name).validate(document.facts)
        seen.add(document.source.digest)

    check()
    assert len(seen) > 5


HEAD = """\
# METADATA
# title: A probe
# description: For a test.
# custom:
#   needs: {vulnerabilities: [findings.id, findings.severity, findings.locator], coverage: [lines_covered]}
#   reads: {vulnerabilities: [findings.score]}
#   parameters: {limit: {type: integer, minimum: 0, maximum: 9, default: 3, tighten: down}}
#   remedy: None.
package gatekeeper.demo.probe

import rego.v2

"""
VIOLATION = (
    'violation := {"message": $"{finding.id}", "term": finding.id, "locator": finding.locator, "source": report.source}'
)
FINDINGS = f"""\
deny contains violation if {{
	some report in input.vulnerabilities
	some finding in report.findings
	CONDITION
	{VIOLATION}
}}
"""
WRONG = {
    "order_free": FINDINGS.replace("some finding in", "some at, finding in").replace("CONDITION", "at == 0"),
    "more_findings_never_open": FINDINGS.replace("CONDITION", "count(report.findings) == 1"),
    "tighter_never_opens": FINDINGS.replace("CONDITION", "count(report.findings) < input.parameters.limit"),
}


@pytest.fixture
def probe(tmp_path: Path, binary: OpaBinary) -> Iterator[Callable[[str], AskedRule]]:
    opened: list[Rules] = []

    def ask(body: str) -> AskedRule:
        folder = tmp_path / "packs" / "demo"
        (folder / "probe").mkdir(parents=True)
        (folder / "pack.toml").write_text('name = "demo"\nversion = "1.0.0"\ndescription = "For a test."\n')
        (folder / "probe" / "probe.rego").write_text(HEAD + body)
        opened.append(Rules.load([folder.parent], binary))
        return opened[0]("demo.probe")

    yield ask
    for rules in opened:
        rules.close()


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_rule_that_lacks_one_is_told_by_a_rego_test_that_can_be_run(
    name: str, probe: Callable[[str], AskedRule], tmp_path: Path, binary: OpaBinary
) -> None:
    asked = probe(WRONG[name])
    with pytest.raises(AssertionError) as caught:
        properties.PROPERTIES[name](asked, examples=100)
    told = str(caught.value)
    test = told[told.index("package gatekeeper.demo.probe_test") :].partition("\n}\n")[0] + "\n}\n"
    (tmp_path / "packs" / "demo" / "probe" / "probe_test.rego").write_text(test)

    run = run_tests([tmp_path / "packs" / "demo"], binary=binary)

    assert [found.outcome for found in run.tests] == ["failed"]
    assert told.startswith("demo.probe ")


def test_a_rule_whose_builtin_fails_does_not_answer(probe: Callable[[str], AskedRule]) -> None:
    asked = probe(FINDINGS.replace("CONDITION", "time.parse_rfc3339_ns(finding.id) > 0"))
    with pytest.raises(AssertionError) as caught:
        properties.always_answers(asked, examples=100)
    assert str(caught.value).startswith("demo.probe does not answer: ")
    assert "test_it_answers if {" in str(caught.value)


def test_what_opens_when_evidence_is_taken_away_is_told(probe: Callable[[str], AskedRule]) -> None:
    asked = probe(FINDINGS.replace("CONDITION", 'finding.severity == "high"'))

    class Trusting:
        """Takes no evidence for a pass, as no rule that loads can: lint and the check of needs stand before it."""

        rule = asked.rule

        def given(self, *documents: MadeDocument, **more: object) -> Outcome:
            said = asked.given(*documents, **more).result  # type: ignore[arg-type]
            return Outcome(replace(said, outcome="fail" if {"coverage"} <= {d.kind for d in documents} else "pass"))

    with pytest.raises(AssertionError, match=r"demo\.probe says fail, and pass with less evidence"):
        properties.evidence_taken_away_never_opens(Trusting(), examples=100)  # type: ignore[arg-type]


def test_a_rule_that_has_them_all(probe: Callable[[str], AskedRule]) -> None:
    properties.holds(probe(FINDINGS.replace("CONDITION", 'finding.severity in {"high", "critical"}')))


def test_an_exception_needs_a_reason_and_a_property(probe: Callable[[str], AskedRule]) -> None:
    asked = probe(WRONG["order_free"])
    others = {"more_findings_never_open": "the first finding alone counts"}
    properties.holds(asked, except_for={"order_free": "the first finding alone counts", **others})
    for excepted in ({"order_free": " "}, {"order": "it is so"}):
        with pytest.raises(UsageError, match="cannot be excepted so"):
            properties.holds(asked, except_for=excepted)


def test_fewer_documents_are_drawn_than_would_take_long(probe: Callable[[str], AskedRule]) -> None:
    asked = probe(FINDINGS.replace("CONDITION", 'finding.severity == "high"'))
    given_to: list[int] = []

    class Counting:
        rule = asked.rule

        def given(self, *documents: MadeDocument, **more: object) -> Outcome:
            given_to.append(len(documents))
            return asked.given(*documents, **more)  # type: ignore[arg-type]

    properties.unrelated_evidence_changes_nothing(Counting(), examples=20)  # type: ignore[arg-type]
    assert len(given_to) >= 40  # each example is asked twice
    assert {2, 3} <= set(given_to) <= {2, 3, 4, 5}
