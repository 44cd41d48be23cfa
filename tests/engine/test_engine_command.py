"""OpaCommand against the real OPA."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from engine_rules import SOURCE, body, finding, question, rule, rule_set, severe

from gatekeeper.engine.command import OpaCommand
from gatekeeper.errors import EngineError, EngineTimeoutError, PolicyError
from gatekeeper.question import RuleAnswer

if TYPE_CHECKING:
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.policy import Rule

DENIED = {"message": "3 of 10 lines are covered", "source": SOURCE, "actual": 3}


def test_a_rule_denies_and_its_twin_does_not(command: OpaCommand) -> None:
    rules = rule_set(rule())
    denied, allowed = command.evaluate(rules, [question(3), question(9)], deadline=20)
    assert denied == {"coverage.lines": RuleAnswer(deny=[DENIED])}
    assert allowed == {"coverage.lines": RuleAnswer(deny=[])}


def test_a_rule_with_a_library_and_warnings(command: OpaCommand) -> None:
    findings = [finding(1, "high", "2.0"), finding(2, "low")]
    asked = question(ask=["vulnerabilities.severe"], findings=findings)
    (answer,) = command.evaluate(rule_set(rule(), severe()), [asked], deadline=20)
    assert answer["vulnerabilities.severe"] == RuleAnswer(
        deny=[{"message": "CVE-1 is high", "term": "CVE-1", "source": SOURCE, "locator": "/1"}],
        warn=[{"message": "CVE-2 has no fix"}],
    )


def test_many_questions_keep_their_order(command: OpaCommand) -> None:
    answers = command.evaluate(rule_set(rule()), [question(covered) for covered in range(11)], deadline=20)
    assert [len(answer["coverage.lines"].deny) for answer in answers] == [1] * 8 + [0] * 3


def test_only_the_rules_that_are_asked_answer(command: OpaCommand) -> None:
    rules = rule_set(rule(), rule(rule_id="coverage.again"))
    (answer,) = command.evaluate(rules, [question(ask=["coverage.again"])], deadline=20)
    assert list(answer) == ["coverage.again"]


def test_a_rule_is_shown_only_the_kinds_it_needs(command: OpaCommand) -> None:
    counting = body('deny contains {"message": concat(" ", sort([name | some name, _ in input]))}')
    (answer,) = command.evaluate(rule_set(counting, severe()), [question(findings=[finding(1, "low")])], deadline=20)
    assert answer["coverage.lines"].deny == [{"message": "coverage parameters subject"}]


def test_one_builtin_error_among_ten_rules_leaves_the_other_nine(command: OpaCommand) -> None:
    names = [f"coverage.rule_{index}" for index in range(10)]
    rules: list[Rule] = [rule(rule_id=name) for name in names]
    rules[4] = body(
        'deny contains "x" if {\n\tsome report in input.coverage\n\tsubstring("a", -1, report.lines_valid) == "b"\n}',
        rule_id=names[4],
    )
    (answer,) = command.evaluate(rule_set(*rules), [question(ask=names)], deadline=20)
    assert answer.pop(names[4]).problem == (
        "eval_builtin_error: substring: negative offset at coverage/rule_4/rule_4.rego:7"
    )
    assert list(answer.values()) == [RuleAnswer(deny=[DENIED])] * 9


TOUCHY = """\
deny contains "x" if {
	some report in input.coverage
	substring("abc", report.lines_covered - 2, 1) == "b"
}"""


def test_an_error_for_one_of_many_questions_leaves_the_others(command: OpaCommand) -> None:
    touchy = body(TOUCHY)
    answers = command.evaluate(rule_set(touchy), [question(covered) for covered in range(5)], deadline=20)
    assert [answer["coverage.lines"].problem.split(":")[0] for answer in answers] == ["eval_builtin_error"] * 2 + [
        ""
    ] * 3
    assert [answer["coverage.lines"].deny for answer in answers] == [None, None, [], ["x"], []]


def test_a_conflict_is_the_rule_s_problem(command: OpaCommand) -> None:
    torn = body("limit := report.lines_covered if some report in input.coverage\n\ndeny contains limit")
    reports = {"coverage": [{**question_document(3)}, {**question_document(4)}]}
    (answer,) = command.evaluate(rule_set(torn), [question(documents=reports)], deadline=20)
    assert answer["coverage.lines"].problem == (
        "eval_conflict_error: rule data.gatekeeper.coverage.lines.limit produced conflicting values:"
        " 3 at coverage/lines/lines.rego:5 4 at coverage/lines/lines.rego:5 at coverage/lines/lines.rego:5"
    )


def question_document(covered: int) -> dict[str, object]:
    return {"lines_valid": 10, "lines_covered": covered, "complete": True, "source": SOURCE}


@pytest.mark.parametrize(
    ("lines", "given"),
    [
        ("deny := true", True),
        ("deny := []", []),
        ("deny contains null", [None]),
        ('deny["x"] := true', {"x": True}),
        ("deny if input.subject", True),
    ],
)
def test_what_is_no_set_of_violations_is_passed_on_as_it_is(command: OpaCommand, lines: str, given: object) -> None:
    (answer,) = command.evaluate(rule_set(body(lines)), [question()], deadline=20)
    assert answer["coverage.lines"].deny == given


@pytest.mark.parametrize("lines", ['denny contains "x"', "deny if 1 > 2", "deny := 1 if 1 > 2"])
def test_a_deny_that_is_not_there_is_a_problem(command: OpaCommand, lines: str) -> None:
    (answer,) = command.evaluate(rule_set(body(lines)), [question()], deadline=20)
    assert answer["coverage.lines"] == RuleAnswer(problem="its deny is undefined")


def test_a_kind_that_is_not_in_the_question_is_a_problem(command: OpaCommand) -> None:
    (answer,) = command.evaluate(rule_set(rule()), [question(documents={})], deadline=20)
    assert answer["coverage.lines"].problem == "its deny is undefined"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("deny contains 9007199254740991 * 10", "it answers a number past 2^53-1, or too long"),
        (f"deny contains {'[' * 63}{']' * 63}", ""),
        (f"deny contains {'[' * 64}{']' * 64}", "it answers something nested deeper than 64"),
        (f"deny contains {'[' * 220}{']' * 220}", "it answers something nested deeper than 64"),
    ],
)
def test_an_answer_that_is_not_accepted_is_the_rule_s_problem(command: OpaCommand, lines: str, problem: str) -> None:
    rules = rule_set(body(lines), rule(rule_id="coverage.other"))
    (answer,) = command.evaluate(rules, [question(ask=["coverage.lines", "coverage.other"])], deadline=20)
    assert answer["coverage.lines"].problem == problem
    assert answer["coverage.other"] == RuleAnswer(deny=[DENIED])


def test_a_question_for_a_rule_that_is_not_there(command: OpaCommand) -> None:
    with pytest.raises(EngineError, match=r"asks for coverage\.branches, which is not one of the rules"):
        command.evaluate(rule_set(rule()), [question(ask=["coverage.branches"])], deadline=20)


def test_nothing_is_asked(command: OpaCommand) -> None:
    assert command.evaluate(rule_set(rule()), [], deadline=20) == ()
    assert command.evaluate(rule_set(rule()), [question(ask=[])], deadline=20) == ({},)
    assert command.evaluate(rule_set(), [question(ask=[])], deadline=20) == ({},)


ENDLESS = """\
deny contains "x" if {
	some report in input.coverage
	parts := split(sprintf("%0400d", [report.lines_valid]), "")
	count([1 | some p in parts; some q in parts; some r in parts; some s in parts]) > 1
}"""


def test_the_deadline_kills(command: OpaCommand) -> None:
    begun = time.monotonic()
    with pytest.raises(EngineTimeoutError, match=r"did not answer within 0\.5 s and was killed"):
        command.evaluate(rule_set(body(ENDLESS)), [question()], deadline=0.5)
    assert time.monotonic() - begun < 1.5


def test_check_passes_and_fails(command: OpaCommand) -> None:
    command.check(rule_set(rule(), severe()), deadline=20)
    with pytest.raises(PolicyError, match=r"coverage/lines/lines\.rego:5: there is no function startwith"):
        command.check(rule_set(body('deny contains startwith("a", "b")')), deadline=20)


def test_nothing_is_left(command: OpaCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = open_files()
    for _ in range(3):
        command.evaluate(rule_set(rule()), [question()], deadline=20)
    assert list(tmp_path.iterdir()) == []
    assert open_files() == before


def open_files() -> list[str]:
    return sorted(str(entry) for entry in Path("/dev/fd").iterdir())


def test_one_that_was_started_ahead_answers_as_any_other(binary: OpaBinary, tmp_path: Path) -> None:
    engine = OpaCommand(binary)
    rules = rule_set(rule())
    engine.start(rules)
    (waiting,) = engine._ahead
    pid = waiting._process.pid
    assert engine.evaluate(rules, [question(3)], deadline=20) == ({"coverage.lines": RuleAnswer(deny=[DENIED])},)
    assert not engine._ahead
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert engine.evaluate(rules, [question(9)], deadline=20) == ({"coverage.lines": RuleAnswer(deny=[])},)


def test_one_that_was_started_ahead_for_other_rules_is_ended(binary: OpaBinary) -> None:
    engine = OpaCommand(binary)
    engine.start(rule_set(body("deny := set()")))
    (waiting,) = engine._ahead
    assert engine.evaluate(rule_set(rule()), [question(3)], deadline=20)[0]["coverage.lines"].deny == [DENIED]
    assert not waiting._process.alive
    assert not waiting._folder.path.exists()


def test_one_that_was_started_ahead_and_died_is_no_decision(binary: OpaBinary) -> None:
    engine = OpaCommand(binary)
    rules = rule_set(rule())
    engine.start(rules)
    os.kill(engine._ahead[0]._process.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match="OPA was ended by signal 9 and gave no answer"):
        engine.evaluate(rules, [question(3)], deadline=20)


@pytest.mark.parametrize("how", ["closed", "started again", "dropped"])
def test_one_that_was_started_ahead_for_nothing_is_ended(binary: OpaBinary, how: str) -> None:
    engine = OpaCommand(binary)
    engine.start(rule_set(rule()))
    waiting = engine._ahead[0]
    if how == "started again":
        engine.start(rule_set(rule()))
    if how != "dropped":
        assert waiting._process.alive == (how == "closed")
        engine.close()
    del engine
    assert not waiting._process.alive
    assert not waiting._folder.path.exists()


def test_threads_do_not_share_one_that_was_started_ahead(binary: OpaBinary) -> None:
    engine = OpaCommand(binary)
    rules = rule_set(rule())
    engine.start(rules)
    wrong: list[int] = []

    def work(covered: int) -> None:
        (answer,) = engine.evaluate(rules, [question(covered)], deadline=20)
        if bool(answer["coverage.lines"].deny) != (covered < 8):
            wrong.append(covered)

    threads = [threading.Thread(target=work, args=[covered]) for covered in range(6, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
