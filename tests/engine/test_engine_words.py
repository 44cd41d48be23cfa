"""Compile errors in words, with the author's file and line."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from engine_rules import LIBRARY, LINES, body, question, rule, rule_set, severe

from gatekeeper.errors import PolicyError
from gatekeeper.policy import RuleSet

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

# METADATA reaches OPA only in a module with a raw string over several lines: it keeps its comments
OWN_SCHEMA = """
# METADATA
# schemas:
#   - input: {type: object}
deny contains "x" if input.anything == `a
b`
"""

FILE = "coverage/lines/lines.rego"
SOURCE_MEMBERS = ("digest", "format", "kind", "name", "producer", "shard", "signers", "slot", "verified_at")
HAS = "it has lines_covered, lines_valid"


def fault(command: OpaCommand, rules: RuleSet) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        command.check(rules, deadline=20)
    return caught.value


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (
            'deny contains "x" if {\n\tsome report in input.coverage\n\treport.lines_covred > 1\n}',
            f"coverage has no lines_covred; {HAS}",
            "did you mean lines_covered?",
        ),
        (
            'deny contains "x" if {\n\tsome report in input.coverage\n\treport.branches_valid > 1\n}',
            f"coverage has no branches_valid; {HAS}",
            "declare branches_valid in needs of coverage",
        ),
        (
            'deny contains "x" if input.coverage[_].files[_].path == "x"',
            f"coverage has no files; {HAS}",
            "declare files in needs of coverage",
        ),
        (
            'deny contains "x" if input.coverge[_].lines_valid == 1',
            "input has no coverge; it has coverage, parameters, subject",
            "did you mean coverage?",
        ),
        (
            "deny contains input.sbom[0].format",
            "input has no sbom; it has coverage, parameters, subject",
            "declare sbom in needs",
        ),
        (
            "deny contains input.parameters.minimum",
            "parameters has no minimum; it has minimum_percent",
            "declare minimum in parameters",
        ),
        (
            'deny contains $"{input.coverage[0].lines_vald} lines"',
            f"coverage has no lines_vald; {HAS}",
            "did you mean lines_valid?",
        ),
        (
            "import input as i\n\ndeny contains i.coverage[0].lines_vald",
            f"coverage has no lines_vald; {HAS}",
            "did you mean lines_valid?",
        ),
        (
            "everything := input\n\ndeny contains everything.covrage",
            "input has no covrage; it has coverage, parameters, subject",
            "did you mean coverage?",
        ),
        (
            "deny contains input.coverage[0].source.diges",
            f"coverage.source has no diges; it has {', '.join(SOURCE_MEMBERS)}",
            "did you mean digest?",
        ),
        ("deny contains input.subject.nme", "subject has no nme; it has digest, name", "did you mean name?"),
        ('deny contains startwith("a", "b")', "there is no function startwith", "did you mean startswith?"),
        ("deny contains 1 unused", "parse error: var cannot be used for rule name", ""),
        ('deny contains "x" if {\n\tunused := 1\n}', "compile error: assigned var unused unused", ""),
        ("deny contains unknown", "unsafe var error: var unknown is unsafe", ""),
    ],
)
def test_a_fault_is_named_with_its_place(command: OpaCommand, lines: str, message: str, hint: str) -> None:
    problem = fault(command, rule_set(body(lines)))
    assert (problem.message, problem.hint) == (message, hint)
    bad = next(index for index, line in enumerate(lines.splitlines()) if any(word in line for word in BAD))
    assert problem.where == f"{FILE}:{5 + bad}"


BAD = (
    *("lines_covred", "branches_valid", "files", "coverge", "sbom", "parameters.minimum", "lines_vald", "covrage"),
    *(".diges", ".nme", "startwith", "unused", "unknown"),
)


def test_a_misspelt_fact_in_a_nested_list(command: OpaCommand) -> None:
    nested = rule(
        "package gatekeeper.coverage.lines\n\ndeny contains file.pth if some file in input.coverage[_].files",
        needs={"coverage": ["files.path", "files.lines_valid"]},
    )
    problem = fault(command, rule_set(nested))
    assert problem.message == "coverage.files has no pth; it has lines_valid, path"
    assert problem.hint == "did you mean path?"
    declared = rule(nested.text.replace("pth", "lines_covered"), needs=nested.needs)
    assert fault(command, rule_set(declared)).hint == "declare files.lines_covered in needs of coverage"


def test_a_whole_list_may_be_declared(command: OpaCommand) -> None:
    whole = rule(
        "package gatekeeper.coverage.lines\n\ndeny contains file.path if some file in input.coverage[_].files",
        needs={"coverage": ["files"]},
    )
    command.check(rule_set(whole), deadline=20)


def test_a_rule_without_parameters_reads_none(command: OpaCommand) -> None:
    problem = fault(command, rule_set(body("deny contains input.parameters.limit", parameters={})))
    assert problem.message == "input has no parameters; it has coverage, subject"
    assert problem.hint == "declare the rule's parameters"


def test_a_library_reads_no_input(command: OpaCommand) -> None:
    peeking = LIBRARY.replace('"unknown": 0', '"unknown": input.parameters.from')
    rules = RuleSet(rules=(severe(),), libraries={"vulnerabilities/lib/rank.rego": peeking})
    problem = fault(command, rules)
    assert problem.where == "vulnerabilities/lib/rank.rego:5"
    assert problem.message == "input.parameters.from is read in a library, which gets no input"


def test_all_faults_are_told_in_order_of_place(command: OpaCommand) -> None:
    faulty = [
        body(f"deny contains nothing_{index}({index})", rule_id=f"coverage.rule_{index:02}") for index in range(15)
    ]
    problem = fault(command, rule_set(*faulty))
    assert problem.where == "coverage/rule_00/rule_00.rego:5"
    others = problem.hint.split("; ")
    assert [other.split(": ")[0] for other in others] == [
        f"also coverage/rule_{index:02}/rule_{index:02}.rego:5" for index in range(1, 15)
    ]


def test_the_same_words_from_an_evaluation(command: OpaCommand) -> None:
    rules = rule_set(*(body(f"deny contains nothing({index})", rule_id=f"coverage.r{index:02}") for index in range(12)))
    with pytest.raises(PolicyError) as caught:
        command.evaluate(rules, [question(ask=["coverage.r00"])], deadline=20)
    assert str(caught.value) == str(fault(command, rules))


@pytest.mark.parametrize(
    ("needs", "message", "hint"),
    [
        (
            {"covrage": ["lines_valid"]},
            "coverage.lines needs covrage, which is no kind of evidence",
            "did you mean coverage?",
        ),
        (
            {"coverage": ["lines_vald"]},
            "coverage.lines needs coverage.lines_vald: coverage has no lines_vald;",
            "did you mean lines_valid?",
        ),
        (
            {"coverage": ["files.pth"]},
            "coverage.lines needs coverage.files.pth: coverage.files has no pth;",
            "did you mean path?",
        ),
        (
            {"coverage": ["lines_valid.x"]},
            "coverage.lines needs coverage.lines_valid.x: coverage.lines_valid has no members",
            "",
        ),
    ],
)
def test_needs_that_cannot_be(command: OpaCommand, needs: dict[str, list[str]], message: str, hint: str) -> None:
    problem = fault(command, rule_set(rule(needs=needs)))
    assert problem.message.startswith(message)
    assert (problem.hint, problem.where) == (hint, FILE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINES.replace("package gatekeeper.coverage.lines", "package gatekeeper.coverage.other"), "the package is"),
        ("deny contains 1", "no package"),
        (LINES + OWN_SCHEMA, "brings a schema of its own"),
        (LINES + OWN_SCHEMA.replace("schemas:", '"schemas" :'), "brings a schema of its own"),
    ],
)
def test_what_goes_round_the_input_type_is_refused(command: OpaCommand, text: str, message: str) -> None:
    assert message in fault(command, rule_set(replace(rule(), text=text))).message


def test_opa_itself_would_let_an_own_schema_open_the_input(
    command: OpaCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatekeeper.engine.program._OWN_SCHEMAS", re.compile(r"\Z\A."))
    command.check(rule_set(rule(LINES + OWN_SCHEMA)), deadline=20)


@pytest.mark.parametrize(
    "path", ["../x/x.rego", "/coverage/lines.rego", "coverage/.hidden/x.rego", "gatekeeper/entry.rego", "a.rego"]
)
def test_a_path_that_leaves_its_place_is_refused(command: OpaCommand, path: str) -> None:
    moved = replace(rule(), path=path)
    assert fault(command, rule_set(moved)).where == path


def test_a_library_outside_its_pack_is_refused(command: OpaCommand) -> None:
    foreign = LIBRARY.replace("gatekeeper.vulnerabilities.lib", "gatekeeper.coverage.lines")
    problem = fault(command, RuleSet(rules=(rule(),), libraries={"vulnerabilities/lib/rank.rego": foreign}))
    assert problem.message == "the package is gatekeeper.coverage.lines"
    assert problem.hint == "write: package gatekeeper.vulnerabilities.lib"
