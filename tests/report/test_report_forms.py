"""What each form says, and that none loses or hides a reason."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import decisions
import defusedxml.ElementTree
import pytest

from gatekeeper import _json
from gatekeeper.decision import Result, Violation
from gatekeeper.errors import ConfigError, GatekeeperError, MalformedError, UsageError
from gatekeeper.report import FORMS, github, junit, render, render_error

CLOSED = Result(id="tests.passed", title="Every test passed", outcome="fail")


def changed(**members: Any) -> dict[str, Any]:
    return decisions.deny().as_json() | members


def test_an_unknown_form_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no form 'html'") as caught:
        render(decisions.allow().as_json(), "html")

    assert caught.value.hint == "use one of text, json, markdown, sarif, junit, github"


def test_a_decision_explains_itself() -> None:
    assert decisions.deny().explain(width=80) == render(decisions.deny().as_json(), width=80)


def test_json_is_the_canonical_form_and_a_line_feed() -> None:
    decision = decisions.deny()

    page = render(decision.as_json(), "json")

    assert page.encode() == decision.canonical + b"\n"
    assert _json.digest(page[:-1].encode()) == decision.id


def test_a_preview_says_so_in_every_form() -> None:
    allow = decisions.allow().as_json()

    pages = {form: render(allow, form, preview=True) for form in FORMS}

    assert json.loads(pages["json"]) == {"outcome": "preview", "decision": allow}
    assert pages["text"].startswith("WOULD ALLOW ")
    assert pages["markdown"].startswith("### ✅ WOULD ALLOW")
    assert pages["github"].startswith("WOULD ALLOW ")
    assert 'value="would allow"' in pages["junit"]
    assert '"outcome": "would allow"' in pages["sarif"]
    assert "outcome<<" in (outputs := github.outputs(allow, preview=True))
    assert "\npreview\n" in outputs


# -- it cannot fail open --


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "edit",
    [
        {"outcome": "allow"},
        {"outcome": "allow", "waiting": False},
        {"outcome": "allow", "results": []},
        {"outcome": "deny", "results": decisions.allow().as_json()["results"]},
    ],
    ids=["outcome", "waiting", "no results", "deny without reason"],
)
def test_a_verdict_that_does_not_follow_from_the_results_is_not_rendered(edit: dict[str, Any], form: str) -> None:
    with pytest.raises(MalformedError, match="its results do not"):
        render(changed(**edit), form)


def test_a_result_that_passes_with_violations_is_not_rendered() -> None:
    results = [result | {"outcome": "pass"} for result in changed()["results"]]

    with pytest.raises(MalformedError, match="its results do not"):
        render(changed(outcome="allow", results=results))


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        ({"outcome": "ALLOW"}, "$.outcome"),
        ({"results": None}, "$.results"),
        ({"results": ["x"]}, "$.results"),
        ({"results": [{"id": "a", "title": "t", "outcome": "skipped", "violations": []}]}, "$.results[0].outcome"),
        ({"results": [{"id": "a", "title": "t", "outcome": "pass"}]}, "$.results[0].violations"),
        ({"waiting": "no"}, "$.waiting"),
        ({"subject": {"name": "x", "digest": {"sha256": 1}}}, "$.subject.digest.sha256"),
        ({"gate": None}, "$.gate"),
        ({"evidence": {"digest": "d", "items": [{"digest": "d", "status": "ok"}]}}, "$.evidence.items[0].status"),
        ({"approvals": [{"counted": "yes"}]}, "$.approvals[0].counted"),
        ({"waivers": [{"terms": "all"}]}, "$.waivers[0].terms"),
        ({"stage": 1}, "$.stage"),
    ],
)
def test_what_is_no_decision_is_an_error_with_the_place(edit: dict[str, Any], place: str) -> None:
    with pytest.raises(MalformedError) as caught:
        render(changed(**edit))

    assert caught.value.where == place


WRONG: tuple[Any, ...] = (None, 1, "x", [], {}, [[]], [{}])


@pytest.mark.parametrize("form", FORMS)
def test_every_member_may_be_missing_or_wrong_without_another_error(form: str) -> None:
    whole = decisions.deny().as_json()
    for name in whole:
        for value in WRONG:
            try:
                render(whole | {name: value}, form)
            except GatekeeperError:
                continue
        try:
            render({member: value for member, value in whole.items() if member != name}, form)
        except GatekeeperError:
            continue


@pytest.mark.parametrize("outcome", ["fail", "unanswered"])
def test_a_closed_result_without_a_reason_still_closes_in_every_form(outcome: Any) -> None:
    decision = decisions.decide(replace(CLOSED, outcome=outcome)).as_json()

    assert "it gave no reason" in render(decision)
    assert "it gave no reason" in render(decision, "markdown")
    assert render(decision, "github").startswith("::error ")
    assert json.loads(render(decision, "sarif"))["runs"][0]["results"][0]["level"] == "error"
    suite = defusedxml.ElementTree.fromstring(render(decision, "junit").encode())[0]
    assert {suite.get("failures"), suite.get("errors")} == {"0", "1"}


# -- nothing is lost --


def test_every_result_is_counted_once() -> None:
    decision = decisions.deny()

    page = render(decision.as_json())

    counts = next(line for line in page.split("\n") if line.endswith(" passed"))
    assert counts == "2 failed · 1 unanswered · 1 waiting · 1 waived · 1 warned · 6 passed"
    assert sum(int(part.split()[0]) for part in counts.split(" · ")) == len(decision.results)


def test_every_message_and_reason_is_in_every_form_for_people() -> None:
    decision = decisions.deny()
    reasons = [item.reason for item in decision.items if item.reason]
    messages = [violation.message for result in decision.results for violation in (*result.violations, *result.waived)]

    for form in ("text", "markdown", "junit"):
        page = " ".join(render(decision.as_json(), form, width=120).replace("\\", "").split())
        plain = page.replace("&#39;", "'")
        missing = [text for text in (*reasons, *messages) if text not in plain]
        assert missing == [], form


def test_a_thousand_findings_are_ten_and_a_count() -> None:
    text = render(decisions.many().as_json(), width=80)

    assert "    … and 990 more: 248 D103, 248 N802, 247 E501, 247 F401\n" in text
    assert text.count("    • ") == 10


def test_verbose_text_and_tools_get_all_of_a_thousand() -> None:
    decision = decisions.many().as_json()

    assert render(decision, verbose=True).count("    • ") == 1000
    assert len(json.loads(render(decision, "sarif"))["runs"][0]["results"]) == 1001
    suite = defusedxml.ElementTree.fromstring(render(decision, "junit").encode())[0]
    assert suite.get("failures") == "1001"


def test_annotations_name_every_rule_before_one_rule_twice_and_count_the_rest() -> None:
    lines = render(decisions.many().as_json(), "github").split("\n")

    assert lines[0].startswith("::error file=gate.toml,line=1,title=vulnerabilities.fixable%3A ")
    assert lines[1].startswith("::error file=src/parcel/module_00.py,line=1,title=naming.conventions%3A ")
    assert len([line for line in lines if line.startswith("::")]) == 10
    assert lines[10] == (
        "DENY parcel-1.4.0-py3-none-any.whl -> integration: 2 failed, 1 passed; "
        "991 more annotations than the 10 errors and 10 warnings a step can have"
    )


def test_findings_that_differ_in_all_are_counted_by_their_terms() -> None:
    found = tuple(Violation(message=f"m{number}", term=f"t{number}") for number in range(30))

    page = render(decisions.decide(replace(CLOSED, violations=found)).as_json())

    assert "and 20 more: 20 different terms" in page


def test_findings_are_counted_by_what_was_found_where_that_says_more() -> None:
    found = tuple(
        Violation(message=f"m{number:02}", term=f"t{number}", actual=("critical", "high")[number % 2])
        for number in range(30)
    )

    page = render(decisions.decide(replace(CLOSED, violations=found)).as_json())

    assert "and 20 more: 10 critical, 10 high" in page


def test_the_same_reasons_are_said_once_and_named_for_the_others() -> None:
    reason = (Violation(message="junit.xml is not complete", remedy="run it again"),)
    results = [
        Result(id=f"tests.{name}", title=name, description=f"Why {name}.", outcome="unanswered", violations=reason)
        for name in ("flaky", "passed")
    ]
    decision = decisions.decide(*results).as_json()

    text, page = render(decision), render(decision, "markdown")

    assert text.count("junit.xml is not complete") == page.count("junit.xml is not complete") == 1
    assert (
        "  ? tests.passed · passed · unanswered\n    for the same reason as tests.flaky\n    why      Why passed.\n"
        in text
    )
    assert "passed · unanswered\n\nFor the same reason as `tests.flaky`.\n\n- **why** Why passed.\n" in page
    assert render(decision, verbose=True).count("junit.xml is not complete") == 2
    assert render(decision, "github").count("::error") == 2


def test_a_waiver_that_is_not_shown_is_said_to_be_missing() -> None:
    decision = decisions.deny().as_json() | {"waivers": []}

    assert "    waived   the waiver is not among those shown\n" in render(decision)


def test_long_lists_of_evidence_are_cut_with_a_count() -> None:
    items = tuple(
        decisions.item(f"unit-{number:02}.json", "test_results", "unit", "rejected", reason="no")
        for number in range(25)
    )
    decision = decisions.decide(*decisions.passed("a.b"), items=items).as_json()

    assert "    and 5 more\n" in render(decision)
    assert "- and 5 more\n" in render(decision, "markdown")
    assert render(decision, verbose=True).count("rejected: no") == 25


# -- Markdown fits --


def long_deny(rules: int) -> dict[str, Any]:
    def found(rule: int) -> tuple[Violation, ...]:
        texts = (f"{number} of {rule} " + "long " * 200 for number in range(10))
        return tuple(Violation(message=text, remedy="r " * 300) for text in texts)

    results = (replace(CLOSED, id=f"rule.number_{rule:03}", violations=found(rule)) for rule in range(rules))
    return decisions.decide(*results).as_json()


def test_markdown_fits_a_comment_and_says_what_it_leaves_out() -> None:
    page = render(long_deny(600), "markdown")

    assert len(page.encode()) <= 65_536
    assert page.startswith("### ❌ DENY: `parcel-1.4.0-py3-none-any.whl` → `integration`\n\n**600 failed**\n")
    assert "rule.number_000" in page
    cut = page.split("> To fit here, ")[1].split(";")[0]
    brief, left_out = (int(word) for word in cut.split() if word.isdigit())
    assert page.count("#### ❌") + left_out == 600
    assert 0 < brief < 600
    assert page.endswith("</details>\n")


@pytest.mark.parametrize("budget", [3_000, 20_000, 2_000_000])
def test_a_step_summary_keeps_its_budget(budget: int) -> None:
    page = github.step_summary(long_deny(100), budget=budget)

    assert len(page.encode()) <= budget
    assert ("To fit here" in page) == (budget < 2_000_000)


def test_junit_over_its_limit_says_so_and_still_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MAX_CASES", 50)

    suite = defusedxml.ElementTree.fromstring(render(decisions.many().as_json(), "junit").encode())[0]

    assert len(suite.findall("testcase")) == 50
    assert [failure.get("message") for failure in suite.findall("testcase")[-1]] == [
        "and 953 more, left out here; the JSON form has all of it"
    ]


def test_junit_names_are_unique_because_readers_ignore_the_second() -> None:
    terms = ("a", "a", "a (2)", "a")
    found = tuple(Violation(message=f"m{number}", term=term) for number, term in enumerate(terms))

    page = render(decisions.decide(replace(CLOSED, violations=found)).as_json(), "junit")

    cases = defusedxml.ElementTree.fromstring(page.encode())[0].findall("testcase")
    assert [case.get("name") for case in cases] == ["a", "a (3)", "a (2)", "a (4)"]


# -- errors --


ERROR = ConfigError("there is no rule tests.pased", where="gate.toml:12", hint="did you mean tests.passed?")


def test_an_error_as_text() -> None:
    assert render_error(ERROR) == (
        "error  there is no rule tests.pased\nwhere  gate.toml:12\nhint   did you mean tests.passed?\n"
    )


def test_an_error_as_json_has_the_contracts_members() -> None:
    assert json.loads(render_error(ERROR, "json")) == {
        "outcome": "error",
        "error": {
            "type": "ConfigError",
            "code": "config",
            "message": "there is no rule tests.pased",
            "where": "gate.toml:12",
            "hint": "did you mean tests.passed?",
        },
    }


def test_an_error_is_red_for_every_tool() -> None:
    assert render_error(ERROR, "github").startswith("::error title=No decision%3A the gate is closed::")
    assert render_error(ERROR, "markdown").startswith("### ❌ No decision: treat the gate as closed\n")
    suites = defusedxml.ElementTree.fromstring(render_error(ERROR, "junit").encode())
    assert suites.get("errors") == "1"
    assert [error.get("message") for error in suites.iter("error")] == ["there is no rule tests.pased"]


def test_an_error_in_an_unknown_form_is_refused() -> None:
    with pytest.raises(UsageError, match="no form 'yaml'"):
        render_error(ERROR, "yaml")


def test_the_end_of_an_allow_is_no_instant_at_which_a_deny_changes() -> None:
    end = (decisions.AT + timedelta(days=7), "an allow of integration is valid for 7d")
    freeze = (decisions.AT + timedelta(days=9), "freeze year end")
    denied = Result(id="tests.passed", title="t", outcome="fail", violations=(Violation(message="m"),))

    page = render(decisions.decide(denied, lapses=(end, freeze)).as_json())

    assert "changes  2026-12-03 02:14 UTC (freeze year end)\n" in page
    assert "an allow of" not in page


@pytest.mark.parametrize(
    ("violation", "line"),
    [
        (Violation(message="x is under GPL, which is not allowed", actual="GPL"), None),
        (Violation(message="x is under a licence", actual="GPL"), "    found    GPL"),
        (Violation(message="x has no digest", expected="sha256"), "    expected sha256"),
        (Violation(message="x failed", actual="failed", expected="passed"), "    found    failed, expected passed"),
    ],
)
def test_what_was_found_is_said_once(violation: Violation, line: str | None) -> None:
    denied = Result(id="tests.passed", title="t", outcome="fail", violations=(violation,))

    lines = render(decisions.decide(denied).as_json()).split("\n")

    assert [text for text in lines if text.startswith(("    found", "    expected"))] == ([line] if line else [])


def test_a_count_of_the_rest_names_no_group_that_is_all_of_it() -> None:
    found = tuple(Violation(message=f"m{number}", actual="failed") for number in range(30))

    page = render(decisions.decide(replace(CLOSED, violations=found)).as_json())

    assert "    … and 20 more\n" in page


def test_evidence_is_listed_by_slot_and_name() -> None:
    items = [decisions.item(f"{name}.xml", "test_results", "unit", "unsigned") for name in ("c", "a", "d", "b")]

    page = render(decisions.decide(replace(CLOSED, outcome="pass"), items=tuple(items)).as_json())

    assert re.findall(r"• (\w)\.xml", page) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("verdict", "counted", "line"),
    [
        ("approve", True, "  • ada approves · counted · "),
        ("approve", False, "  • ada approves · does not count · "),
        ("reject", False, "  • ada rejects · until "),
    ],
)
def test_a_rejection_is_not_said_to_count_for_nothing(verdict: str, counted: bool, line: str) -> None:
    said = decisions.approval("ada", counted=counted) | {"verdict": verdict}

    assert line in render(decisions.decide(CLOSED, approvals=(said,)).as_json())
