"""Coverage reports: lines are counted once, headers are compared, and no line that nobody ran goes missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import MalformedError


def read(body: str | bytes) -> dict[str, Any]:
    data = body.encode() if isinstance(body, str) else body
    return dict(registry.read(Report(data, "r")).facts)


def counts(facts: dict[str, Any]) -> tuple[int | None, ...]:
    return tuple(facts.get(f"{what}_{which}") for what in ("lines", "branches") for which in ("covered", "valid"))


def refusal(body: str | bytes) -> tuple[str, str]:
    with pytest.raises(MalformedError) as refused:
        read(body)
    return refused.value.code, refused.value.where


def cobertura(classes: str, header: str = "", package: str = "p") -> str:
    return (
        f"<coverage line-rate='1' {header}><packages><package name='{package}'><classes>{classes}</classes>"
        "</package></packages></coverage>"
    )


def one_class(lines: str, filename: str = "a.py") -> str:
    return f"<class filename='{filename}'><lines>{lines}</lines></class>"


LINES = "<line number='1' hits='3'/><line number='2' hits='0'/>"
CLASS = "/coverage/packages[1]/package[1]/classes[1]/class[1]"


def test_cobertura_counts_the_lines_of_a_file_once() -> None:
    facts = read(cobertura(one_class(LINES) + one_class("<line number='2' hits='1'/><line number='3' hits='0'/>")))

    assert facts["files"] == [{"path": "a.py", "lines_valid": 3, "lines_covered": 2}]
    assert counts(facts) == (2, 3, None, None)


def test_cobertura_takes_the_lines_of_methods_only_where_a_class_has_none() -> None:
    methods = "<methods><method><lines><line number='9' hits='5'/></lines></method></methods>"
    both = f"<class filename='a'>{methods}<lines>{LINES}</lines></class>"

    assert counts(read(cobertura(both))) == (1, 2, None, None)
    assert counts(read(cobertura(f"<class filename='a'>{methods}<lines/></class>"))) == (1, 1, None, None)


def test_cobertura_elements_that_hold_no_lines_are_passed_over() -> None:
    facts = read(cobertura(f"<class filename='a'><annotations/><lines>{LINES}<note/></lines></class><note/>"))

    assert counts(facts) == (1, 2, None, None)


def test_cobertura_branches_are_there_when_they_were_measured() -> None:
    line = "<line number='1' hits='1' branch='true' condition-coverage='{}'/>"
    facts = read(cobertura(one_class(line.format("50% (1/2)")) + one_class(line.format("25.5% (1/4)"), "b")))

    assert counts(facts) == (2, 2, 2, 6)
    assert counts(read(cobertura(one_class(LINES), "branches-valid='0' branches-covered='0'"))) == (1, 2, None, None)


@pytest.mark.parametrize(
    ("header", "claimed"),
    [
        ("lines-valid='3' lines-covered='2'", None),
        ("lines-valid='4' lines-covered='2'", None),  # a line of two classes, once for each
        ("lines-valid='2' lines-covered='2'", {"lines_valid": 2}),
        ("lines-valid='300' lines-covered='299'", {"lines_valid": 300, "lines_covered": 299}),
        ("lines-valid='all'", {"lines_valid": "all"}),
        ("branches-valid='8' branches-covered='8'", {"branches_valid": 8, "branches_covered": 8}),
    ],
)
def test_a_cobertura_header_is_compared_and_never_counted(header: str, claimed: dict[str, Any] | None) -> None:
    facts = read(
        cobertura(one_class(LINES) + one_class("<line number='2' hits='1'/><line number='3' hits='0'/>"), header)
    )

    assert counts(facts) == (2, 3, None, None)
    assert (facts["complete"], facts.get("claimed")) == (claimed is None, claimed)


def test_cobertura_hits_are_of_any_size() -> None:
    assert counts(read(cobertura(one_class(f"<line number='1' hits='{'9' * 40}'/>")))) == (1, 1, None, None)
    assert counts(read(cobertura(one_class("<line number='1' hits='000'/>")))) == (0, 1, None, None)


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        (cobertura(one_class("<line number='1' hits='-1'/>")), "cobertura.line", f"{CLASS}/lines[1]/line[1]"),
        (cobertura(one_class("<line number='1' hits='1.5'/>")), "cobertura.line", f"{CLASS}/lines[1]/line[1]"),
        (cobertura(one_class("<line number='1'/>")), "cobertura.line", f"{CLASS}/lines[1]/line[1]"),
        (cobertura(one_class("<line number='x' hits='1'/>")), "cobertura.line", f"{CLASS}/lines[1]/line[1]"),
        (
            cobertura(one_class("<line number='1' hits='1' condition-coverage='100% (3/2)'/>")),
            "cobertura.conditions",
            f"{CLASS}/lines[1]/line[1]",
        ),
        (
            cobertura(one_class("<line number='1' hits='1' condition-coverage='50%'/>")),
            "cobertura.conditions",
            f"{CLASS}/lines[1]/line[1]",
        ),
        (cobertura("<class><lines/></class>"), "cobertura.class", CLASS),
        (cobertura(one_class("<x:line xmlns:x='u' number='2' hits='0'/>")), "cobertura.hidden", "/coverage"),
        (
            cobertura(one_class("<line number='1' hits='1'><line number='2' hits='0'/></line>")),
            "cobertura.hidden",
            "/coverage",
        ),
        (cobertura(f"<klass filename='a'><lines>{LINES}</lines></klass>"), "cobertura.hidden", "/coverage"),
    ],
)
def test_cobertura_that_could_hide_a_line_is_refused(body: str, code: str, where: str) -> None:
    assert refusal(body) == (code, f"r: {where}")


def jacoco(body: str) -> str:
    return f'<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="r">{body}</report>'


def source(lines: str, name: str = "A.java") -> str:
    return f"<sourcefile name='{name}'>{lines}</sourcefile>"


RUN = "<line nr='1' mi='0' ci='2' mb='1' cb='1'/>"
NOT_RUN = "<line nr='2' mi='2' ci='0' mb='0' cb='0'/>"


def test_jacoco_counts_the_lines_of_source_files_in_groups_and_packages() -> None:
    facts = read(
        jacoco(
            f"<group name='g'><package name='p/q'>{source(RUN + NOT_RUN)}</package></group>"
            f"<package name='p'>{source(RUN)}{source('', 'B.java')}</package>"
        )
    )

    assert counts(facts) == (2, 3, 2, 4)
    assert facts["files"] == [
        {"path": "p/A.java", "lines_valid": 1, "lines_covered": 1},
        {"path": "p/B.java", "lines_valid": 0, "lines_covered": 0},
        {"path": "p/q/A.java", "lines_valid": 2, "lines_covered": 1},
    ]


def test_a_jacoco_line_without_instructions_is_no_line() -> None:
    empty = source("<line nr='1' mi='0' ci='0' mb='0' cb='0'/>")
    facts = read(jacoco(f"<package name='p'>{empty}</package>"))

    assert counts(facts) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("counter", "claimed"),
    [
        ("<counter type='LINE' missed='1' covered='1'/><counter type='BRANCH' missed='1' covered='1'/>", None),
        ("<counter type='INSTRUCTION' missed='9' covered='9'/>", None),
        ("<counter type='LINE' missed='0' covered='2'/>", {"lines_covered": 2}),
        ("<counter type='LINE' missed='0' covered='9'/>", {"lines_covered": 9, "lines_valid": 9}),
        ("<counter type='BRANCH' missed='0' covered='2'/>", {"branches_covered": 2}),
        ("<counter type='LINE' missed='none' covered='2'/>", {"lines_covered": "2", "lines_valid": "none"}),
    ],
)
def test_a_jacoco_counter_is_compared_and_never_counted(counter: str, claimed: dict[str, Any] | None) -> None:
    facts = read(jacoco(f"<package name='p'>{source(RUN + NOT_RUN)}{counter}</package>"))

    assert counts(facts) == (1, 2, 1, 2)
    assert facts.get("claimed") == (claimed and {**claimed, "locator": "/report/package[1]"})


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        (source("<line nr='1' mi='0' ci='1' mb='0'/>"), "jacoco.line", "/report/package[1]/sourcefile[1]/line[1]"),
        (
            source("<line nr='1' mi='-1' ci='1' mb='0' cb='0'/>"),
            "jacoco.line",
            "/report/package[1]/sourcefile[1]/line[1]",
        ),
        ("<sourcefile/>", "jacoco.sourcefile", "/report/package[1]/sourcefile[1]"),
        (f"<class>{NOT_RUN}</class>", "jacoco.hidden", "/report"),
        (f"<x:sourcefile xmlns:x='u' name='A'>{NOT_RUN}</x:sourcefile>", "jacoco.hidden", "/report"),
    ],
)
def test_jacoco_that_could_hide_a_line_is_refused(body: str, code: str, where: str) -> None:
    assert refusal(jacoco(f"<package name='p'>{body}</package>")) == (code, f"r: {where}")


def test_lcov_records_of_one_file_are_one_file() -> None:
    facts = read("TN:a\nSF:x.c\nDA:1,0\nDA:2,0\nend_of_record\nTN:b\nSF:x.c\nDA:1,5,sum\nDA:3,0\nend_of_record\n")

    assert counts(facts) == (1, 3, None, None)
    assert facts["files"] == [{"path": "x.c", "lines_valid": 3, "lines_covered": 1}]


def test_lcov_branches_are_taken_once() -> None:
    facts = read("SF:x\nDA:1,1\nBRDA:1,0,0,-\nBRDA:1,0,1,0\nBRDA:1,e0,a,b,2\nBRDA:1,0,0,7\nBRF:3\nBRH:2\nend_of_record")

    assert counts(facts) == (1, 1, 2, 3)
    assert facts["complete"] is True


@pytest.mark.parametrize(
    ("sums", "claimed"),
    [
        ("LF:3\nLH:2", None),
        ("LF:4\nLH:3", None),  # a line listed twice, twice
        ("LF:9", {"lines_valid": 9}),
        ("LH:0\nBRF:2", {"lines_covered": 0, "branches_valid": 2}),
    ],
)
def test_an_lcov_sum_is_compared_and_never_counted(sums: str, claimed: dict[str, Any] | None) -> None:
    facts = read(f"# made by hand\nSF:x\nDA:1,1\nDA:1,1\nDA:2,0\nDA:3,1\n{sums}\nend_of_record\n")

    assert counts(facts) == (2, 3, None, None)
    assert facts.get("claimed") == (claimed and {**claimed, "locator": f"line {7 + sums.count(chr(10)) + 1}"})


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ("SF:x\nDA:1,1\n", "lcov.truncated", "line 3"),
        ("SF:x\nDA:1,1\nSF:y\nend_of_record", "lcov.record", "line 3"),
        ("SF:x\nend_of_record\nDA:1,1", "lcov.record", "line 3"),
        ("SF:x\nDA:1,1\nend_of_recor", "lcov.record", "line 3"),
        ("SF:x\nDA:1,-1\nend_of_record", "lcov.count", "line 2"),
        ("SF:x\nDA:1\nend_of_record", "lcov.count", "line 2"),
        ("SF:x\nDA:1,many\nend_of_record", "lcov.count", "line 2"),
        ("SF:x\nDA:one,1\nend_of_record", "lcov.number", "line 2"),
        ("SF:x\nDA:-1,1\nend_of_record", "lcov.number", "line 2"),
        ("SF:x\nBRDA:1\nend_of_record", "lcov.number", "line 2"),
        ("SF:x\nBRDA:1,0,0,x\nend_of_record", "lcov.count", "line 2"),
        ("SF:x\nLF:x\nend_of_record", "lcov.number", "line 2"),
        ("SF:x\nDQ:1,1\nend_of_record", "lcov.record", "line 2"),
        (b"SF:\xff\nend_of_record", "lcov.encoding", "byte 3"),
    ],
)
def test_lcov_that_could_hide_a_line_is_refused(body: str | bytes, code: str, where: str) -> None:
    assert refusal(body) == (code, f"r: {where}")


def coveragepy(*, files: dict[str, Any], totals: dict[str, int], branches: bool = False, number: Any = 3) -> str:
    meta = {"format": number, "version": "7.12.0", "branch_coverage": branches}
    return json.dumps({"meta": meta, "files": files, "totals": totals})


def a_file(run: list[int], missing: list[int], covered: int | None = None) -> dict[str, Any]:
    covered = len(run) if covered is None else covered
    summary = {"covered_lines": covered, "num_statements": covered + len(missing), "missing_lines": len(missing)}
    return {"executed_lines": run, "missing_lines": missing, "summary": summary}


def test_coveragepy_counts_the_statements_of_files() -> None:
    # a doc string is run and is no statement
    files = {"b.py": a_file([1, 2, 3], [4], covered=2), "a.py": a_file([1], [])}
    facts = read(coveragepy(files=files, totals={"covered_lines": 3, "num_statements": 4}))

    assert counts(facts) == (3, 4, None, None)
    assert [fact["path"] for fact in facts["files"]] == ["a.py", "b.py"]
    assert facts["complete"] is True


@pytest.mark.parametrize(
    ("file", "totals", "claimed"),
    [
        (a_file([1], [2], covered=9), (9, 10), {"lines_covered": 9, "lines_valid": 10, "locator": "/files/a/summary"}),
        (a_file([1], [2], covered=-4), (0, 1), {"lines_covered": -4, "lines_valid": -3, "locator": "/files/a/summary"}),
        (a_file([1], [2]), (2, 2), {"lines_covered": 2, "locator": "/totals"}),
    ],
)
def test_coveragepy_that_contradicts_itself_is_not_complete(
    file: dict[str, Any], totals: tuple[int, int], claimed: dict[str, Any]
) -> None:
    facts = read(coveragepy(files={"a": file}, totals={"covered_lines": totals[0], "num_statements": totals[1]}))

    assert facts["lines_covered"] <= 1
    assert (facts["complete"], facts["claimed"]) == (False, claimed)


def test_coveragepy_without_summaries_counts_what_is_listed() -> None:
    files = {"a": {"executed_lines": [1, 2], "missing_lines": [3]}}
    facts = read(coveragepy(files=files, totals={"covered_lines": 2, "num_statements": 3}))

    assert (counts(facts), facts["complete"]) == ((2, 3, None, None), True)


def test_coveragepy_branches_are_counted_where_they_are_listed() -> None:
    file = a_file([1, 3], [5])
    file |= {"executed_branches": [[1, 3], [3, -1]], "missing_branches": [[1, 5]]}
    file["summary"] |= {"num_branches": 3, "covered_branches": 2}
    totals = {"covered_lines": 2, "num_statements": 3, "num_branches": 3, "covered_branches": 2}

    assert counts(read(coveragepy(files={"a": file}, totals=totals, branches=True))) == (2, 3, 2, 3)


def test_coveragepy_branches_that_are_not_listed_are_not_counted() -> None:
    file = a_file([1], [])
    file["summary"] |= {"num_branches": 4, "covered_branches": 4}
    totals = {"covered_lines": 1, "num_statements": 1, "num_branches": 4, "covered_branches": 4}
    facts = read(coveragepy(files={"a": file}, totals=totals, branches=True))

    assert counts(facts) == (1, 1, None, None)
    assert facts["claimed"] == {"branches_covered": 4, "branches_valid": 4, "locator": "/files/a/summary"}


NONE = {"covered_lines": 0, "num_statements": 0}


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        (coveragepy(files={}, totals=NONE, number=4), "coveragepy.format", "/meta/format"),
        (coveragepy(files={}, totals=NONE, number="3"), "shape", "/meta/format"),
        (coveragepy(files={"a": a_file([1], [1])}, totals=NONE), "coveragepy.lines", "/files/a"),
        (coveragepy(files={"a": {"executed_lines": [1]}}, totals=NONE), "shape", "/files/a/missing_lines"),
        (coveragepy(files={"a": a_file([True], [])}, totals=NONE), "shape", "/files/a/executed_lines/0"),
        (coveragepy(files={"a/b": a_file(["1"], [])}, totals=NONE), "shape", "/files/a~1b/executed_lines/0"),  # type: ignore[list-item]
        (coveragepy(files={}, totals={}), "shape", "/totals/covered_lines"),
    ],
)
def test_coveragepy_of_another_shape_is_refused(body: str, code: str, where: str) -> None:
    assert refusal(body) == (code, f"r: {where}")


@pytest.mark.parametrize(
    "body",
    [
        cobertura(""),
        jacoco(""),
        "SF:x\nend_of_record",
        coveragepy(files={}, totals=NONE),
    ],
)
def test_nothing_measured_is_zero_lines(body: str) -> None:
    assert read(body)["lines_valid"] == 0
