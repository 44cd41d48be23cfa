"""JUnit XML: what each dialect means, and that nothing in a report can make a failure a pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatekeeper._limits import MAX_TEXT
from gatekeeper.collect import junit, registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError
from shared import fixture


def read(body: str | bytes) -> dict[str, Any]:
    data = body.encode() if isinstance(body, str) else body
    return dict(registry.read(Report(data, "r.xml")).facts)


def case(inner: str, attributes: str = "") -> dict[str, Any]:
    """The facts of one case named t, in a suite named s."""
    return read(
        f'<testsuites><testsuite name="s"><testcase name="t" {attributes}>{inner}</testcase></testsuite></testsuites>'
    )


def outcome(facts: dict[str, Any]) -> str:
    counted = [name for name in ("failed", "errored", "skipped", "flaky") if facts[name]]
    return counted[0] if counted else "passed"


def refusal(body: str | bytes) -> tuple[str, str]:
    with pytest.raises(MalformedError) as refused:
        read(body)
    return refused.value.code, refused.value.where


@pytest.mark.parametrize(
    ("inner", "attributes", "expected"),
    [
        ("", "", "passed"),
        (
            "<system-out>out</system-out><system-err/><properties><property name='a' value='b'/></properties>",
            "",
            "passed",
        ),
        ("<failure/>", "", "failed"),
        ("<error/>", "", "errored"),
        ("<skipped/>", "", "skipped"),
        ("<ignored/>", "", "skipped"),
        ("<disabled/>", "", "skipped"),
        ("<warning/>", "", "failed"),
        ("<flakyFailure/>", "", "flaky"),
        ("<flakyError/><flakyFailure/>", "", "flaky"),
        ("<rerunFailure/>", "", "failed"),
        ("<failure/><rerunFailure/><rerunFailure/>", "", "failed"),
        ("<rerunError/>", "", "errored"),
        ("<flakyFailure/><failure/>", "", "failed"),
        ("<skipped/><failure/>", "", "failed"),
        ("<skipped/><failure/><error/>", "", "errored"),
        ("<skipped/><flakyFailure/>", "", "skipped"),
        ("", "status='run'", "passed"),
        ("", "status='run' result='completed'", "passed"),
        ("", "status='PASSED'", "passed"),
        ("", "status='notrun'", "skipped"),
        ("", "status='notrun' result='suppressed'", "skipped"),
        ("", "status='run' result='skipped'", "skipped"),
        ("", "status='disabled'", "skipped"),
        ("", "status='failed'", "failed"),
        ("", "status='fail'", "failed"),
        ("", "status='errored'", "errored"),
        ("", "status='timeout'", "errored"),
        ("", "result='aborted'", "errored"),
        ("<failure/>", "status='passed'", "failed"),
        ("<failure/>", "status='error'", "failed"),
        ("<skipped/>", "status='failed'", "failed"),
        ("<flakyFailure/>", "status='timeout'", "errored"),
    ],
)
def test_the_worst_that_a_case_says_is_its_outcome(inner: str, attributes: str, expected: str) -> None:
    facts = case(inner, attributes)

    assert outcome(facts) == expected
    assert (facts["total"], facts["passed"]) == (1, int(expected in {"passed", "flaky"}))
    assert facts["executed"] == int(expected != "skipped")
    assert [(item["outcome"], item["locator"]) for item in facts["cases"]] == (
        [] if expected == "passed" else [(expected, "/testsuites/testsuite[1]/testcase[1]")]
    )


def test_the_message_is_the_attribute_or_else_the_text() -> None:
    assert case("<failure message='m'>text</failure>")["cases"][0]["message"] == "m"
    assert case("<failure message=''> text </failure>")["cases"][0]["message"] == "text"
    assert "message" not in case("<failure/>")["cases"][0]
    assert case("", "status='timeout'")["cases"][0]["message"] == "its status is 'timeout'"
    assert case(f"<failure>{'x' * 5_000}</failure>")["cases"][0]["message"] == "x" * MAX_TEXT + " [cut]"


def test_names_are_of_all_cases_with_class_or_suite() -> None:
    facts = read(
        '<testsuite name="s"><testcase name="b" classname="C"/><testcase name="a"/><testcase classname="D"/>'
        '<testsuite><testcase name="c"/></testsuite></testsuite>'
    )

    assert facts["names"] == ["C::b", "D::(unnamed)", "s::a", "s::c"]


def test_nested_suites_are_counted_once_each() -> None:
    facts = read(
        '<testsuites><testsuite name="a"><testcase name="1"/><testsuite name="b"><testcase name="2"/>'
        '<testsuite name="c"><testcase name="3"><failure/></testcase></testsuite></testsuite></testsuite></testsuites>'
    )

    assert (facts["total"], facts["failed"]) == (3, 1)
    assert facts["cases"][0]["locator"] == "/testsuites/testsuite[1]/testsuite[1]/testsuite[1]/testcase[1]"
    assert facts["cases"][0]["suite"] == "c"


def test_a_suite_that_broke_outside_of_its_cases_is_a_case_that_did_not_pass() -> None:
    facts = read('<testsuite name="s" tests="1"><testcase name="a"/><error message="set-up broke"/></testsuite>')

    assert (facts["total"], facts["errored"], facts["complete"]) == (2, 1, False)
    assert facts["cases"] == [
        {
            "name": "s",
            "suite": "s",
            "outcome": "errored",
            "message": "set-up broke",
            "locator": "/testsuite/error[1]",
        }
    ]


def test_a_case_that_is_there_twice_is_counted_twice_and_its_failure_stays() -> None:
    facts = read('<testsuite><testcase name="a"><failure/></testcase><testcase name="a"/></testsuite>')

    assert (facts["total"], facts["passed"], facts["failed"], facts["flaky"]) == (2, 1, 1, 0)
    assert facts["names"] == ["::a", "::a"]


@pytest.mark.parametrize(
    ("header", "claimed"),
    [
        ("tests='2' failures='1' errors='0' skipped='0'", None),
        ("tests='2'", None),
        ("", None),
        ("tests='100'", {"total": 100}),
        ("tests='1'", {"total": 1}),
        ("tests='2' failures='0'", {"failed": 0}),
        ("tests='2' failures='1' errors='3' skipped='4'", {"errored": 3, "skipped": 4}),
        ("tests='-2'", {"total": -2}),
        ("tests='many'", {"total": "many"}),
        ("tests='2.0'", {"total": "2.0"}),
        ("tests=''", {"total": ""}),
        (f"tests='{'9' * 400}'", {"total": "9" * 400}),
    ],
)
def test_a_header_never_changes_a_count_and_one_that_differs_is_kept(
    header: str, claimed: dict[str, Any] | None
) -> None:
    facts = read(f"<testsuite {header}><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>")

    assert (facts["total"], facts["passed"], facts["failed"]) == (2, 1, 1)
    assert facts["complete"] is (claimed is None)
    assert facts.get("claimed") == (claimed and {**claimed, "locator": "/testsuite"})


@pytest.mark.parametrize(
    "body",
    [
        # a case that failed and whose tear-down broke as well: pytest counts both
        "<testsuite tests='1' failures='1' errors='1'><testcase name='a'><failure/><error/></testcase></testsuite>",
        # Surefire counts the runs of a flaky case
        "<testsuite tests='1' failures='2'><testcase name='a'><flakyFailure/><flakyFailure/></testcase></testsuite>",
        "<testsuite tests='1' failures='0'><testcase name='a'><flakyFailure/><flakyFailure/></testcase></testsuite>",
        "<testsuite tests='1' failures='2'><testcase name='a'><failure/><rerunFailure/></testcase></testsuite>",
        # gtest counts disabled ones apart
        "<testsuite tests='1' skipped='0' disabled='1'><testcase name='a' status='notrun'/></testsuite>",
        # a suite that counts its own cases and not those of the suites in it
        "<testsuite tests='1'><testcase name='a'/><testsuite tests='1'><testcase name='b'/></testsuite></testsuite>",
        "<testsuites tests='1,000'>" + "<testsuite>" + "<testcase name='a'/>" * 1_000 + "</testsuite></testsuites>",
    ],
)
def test_a_header_that_counts_in_another_way_is_no_contradiction(body: str) -> None:
    assert read(body)["complete"] is True


def test_the_outermost_header_that_differs_is_the_one_that_is_kept() -> None:
    facts = read(
        "<testsuites tests='3'><testsuite tests='9'><testcase name='a'/></testsuite>"
        "<testsuite tests='8'><testcase name='b'/></testsuite></testsuites>"
    )

    assert facts["claimed"] == {"total": 3, "locator": "/testsuites"}


@pytest.mark.parametrize(
    ("times", "milliseconds"),
    [
        (("1", "0.5"), 1500),
        (("1,234.5", "0"), 1_234_500),
        (("2.5e-05", "1E1"), 10_000),
        (("0.1", "0.2"), 300),
        (("1", None), None),
        (("1", "1,5"), None),
        (("1", "-1"), None),
        (("1", "NaN"), None),
        (("1", "1e99"), None),
        (("1", "\u0661"), None),
    ],
)
def test_the_duration_is_the_sum_of_the_cases_or_is_not_known(
    times: tuple[str | None, ...], milliseconds: int | None
) -> None:
    cases = "".join(f"<testcase name='a' {f'time={t!r}' if t is not None else ''}/>" for t in times)

    assert read(f"<testsuite time='99'>{cases}</testsuite>").get("duration_ms") == milliseconds


@pytest.mark.parametrize("body", ["<testsuites/>", "<testsuite/>", "<testsuites><testsuite tests='0'/></testsuites>"])
def test_no_case_is_nothing_that_ran(body: str) -> None:
    facts = read(body)

    assert (facts["total"], facts["executed"], facts["passed"]) == (0, 0, 0)


def test_cases_that_are_all_skipped_are_nothing_that_ran() -> None:
    facts = read("<testsuite>" + "<testcase name='a'><skipped/></testcase>" * 3 + "</testsuite>")

    assert (facts["total"], facts["executed"], facts["passed"]) == (3, 0, 0)


ONE = "/testsuite/testcase[1]"


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ("<testcase name='a'><x:failure xmlns:x='u'/></testcase>", "junit.namespace", f"{ONE}/failure[1]"),
        ("<testcase name='a'><failure xmlns='u'/></testcase>", "junit.namespace", f"{ONE}/failure[1]"),
        ("<x:testcase xmlns:x='u' name='a'/>", "junit.namespace", ONE),
        ("<testcase name='a'><Failure/></testcase>", "junit.element", f"{ONE}/Failure[1]"),
        ("<testcase name='a'><aborted/></testcase>", "junit.element", f"{ONE}/aborted[1]"),
        ("<case name='a'/>", "junit.element", "/testsuite/case[1]"),
        ("<testcase name='a'><![CDATA[<failure/>]]></testcase>", "junit.text", ONE),
        ("<testcase name='a'>&lt;failure/></testcase>", "junit.text", ONE),
        ("<testcase name='a'><skipped/>boom</testcase>", "junit.text", ONE),
        ("boom<testcase name='a'/>", "junit.text", "/testsuite"),
        ("<testcase name='a'><system-out><failure/></system-out></testcase>", "junit.hidden", "/testsuite"),
        ("<testcase name='a'><properties><testcase name='b'/></properties></testcase>", "junit.hidden", "/testsuite"),
        ("<testcase name='a'><skipped><failure/></skipped></testcase>", "junit.hidden", "/testsuite"),
        ("<properties><x:error xmlns:x='u'/></properties><testcase name='a'/>", "junit.hidden", "/testsuite"),
    ],
)
def test_a_failure_cannot_be_hidden(body: str, code: str, where: str) -> None:
    assert refusal(f"<testsuite>{body}</testsuite>") == (code, f"r.xml: {where}")


def test_output_that_only_looks_like_xml_is_output() -> None:
    facts = case("<system-out><![CDATA[<failure/><testcase name='b'/>]]></system-out>")

    assert (facts["total"], facts["passed"]) == (1, 1)


def test_a_namespace_on_the_root_is_refused_not_read_as_no_cases() -> None:
    body = "<testsuites xmlns='urn:x'><testsuite><testcase name='a'><failure/></testcase></testsuite></testsuites>"

    assert refusal(body) == ("junit.namespace", "r.xml: /testsuites")


def test_text_that_terminals_obey_is_written_out() -> None:
    facts = case("<failure message='red \x9b31m&#x7f;'/>")

    assert facts["cases"][0]["message"] == "red \\u009b31m\\u007f"


def test_the_same_report_in_another_encoding_says_the_same() -> None:
    body = "<testsuite name='é'><testcase name='ü'><failure message='ß'/></testcase></testsuite>"
    utf_8 = read(b"<?xml version='1.0' encoding='utf-8'?>" + body.encode())
    bom = read(b"\xef\xbb\xbf" + body.encode())
    latin = read(b"<?xml version='1.0' encoding='iso-8859-1'?>" + body.encode("latin-1"))

    assert utf_8 == bom == latin


def test_more_cases_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "MAX_ITEMS", 2)

    assert read("<testsuite><testcase name='a'/><testcase name='b'/></testsuite>")["total"] == 2
    assert refusal("<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>") == (
        "junit.cases",
        "r.xml: /testsuite/testcase[2]",
    )


def test_ten_thousand_cases_are_read_in_well_under_half_a_second() -> None:
    script = (
        "import sys, time; from gatekeeper.collect import registry; from gatekeeper.collect.reading import Report\n"
        "data = open(sys.argv[1], 'rb').read(); started = time.process_time()\n"
        "print(registry.read(Report(data, 'r')).facts['total'], time.process_time() - started)"
    )
    path = str(fixture("junit/pytest9_packaging_10k_xunit2.xml"))
    env = {**os.environ, "PYTHONPATH": str(Path(junit.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True, env=env)
    total, seconds = done.stdout.split()

    assert total == "10344"
    assert float(seconds) < 0.5
