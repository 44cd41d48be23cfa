"""Where mutants are made: in Rego, METADATA and the wiring of a gate, each in one place."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from rego_files import RULE

from gatekeeper import _data
from gatekeeper.engine.process import Deadline
from gatekeeper.load._rego import tokenize
from gatekeeper.testing.mutation._change import Words
from gatekeeper.testing.mutation._metadata import metadata_changes
from gatekeeper.testing.mutation._operators import changes
from gatekeeper.testing.mutation._source import Source, parse
from gatekeeper.testing.mutation._wiring import wiring_changes

if TYPE_CHECKING:
    from gatekeeper.engine.find import OpaBinary

POLICIES = _data.folder("policies")
RULES = {
    path.relative_to(POLICIES).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(POLICIES.glob("*/*/*.rego"))
    if not path.name.endswith("_test.rego")
}
HEAD = "package gatekeeper.own.lines\n\nimport rego.v2\n\n"
WORDS = Words(neighbours={"high": "critical"}, parameters={"limit": "integer", "other": "integer", "text": "string"})


def mutants(text: str, binary: OpaBinary) -> list[str]:
    tree = parse({"a.rego": text}, binary, Deadline(30))["a.rego"]
    return [change.applied(text) for change in changes(tree, Source.of(text), WORDS)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("x if 1 < input.a", ["x if 0 < input.a", "x if 2 < input.a", "x if true", "x if 1 <= input.a", "x if 1 >= input.a"]),
        ("x := 2 - 0.5", ["x := 1 - 0.5", "x := 3 - 0.5", "x := 2 + 0.5", "x := 2 - -0.5", "x := 2 - 1.5"]),
        ("x := -3", ["x := -2", "x := -4"]),
        ("x := 0", ["x := 1"]),
        ("x := true", ["x := false"]),
        ("x := ceil(input.a)", ["x := floor(input.a)"]),
        ('x := "high"', ['x := "critical"']),
        ('x := ["é", 1]', ["x := [1]", 'x := ["é"]', 'x := ["é", 0]', 'x := ["é", 2]']),
        ("x := `raw`", ['x := ""']),
        ('x := ""', []),
        ('x := $"{input.a}"', []),
        ('x := $"é {input.a + 1}"', ['x := ""', 'x := $"é {input.a - 1}"', 'x := $"é {input.a + 0}"', 'x := $"é {input.a + 2}"']),
        ('x := {"b", "a"}', ['x := {"a"}', 'x := {"b"}']),
        ('x := {"b": 0, "a": 1}', ['x := {"a": 1}', 'x := {"b": 1, "a": 1}', 'x := {"b": 0}', 'x := {"b": 0, "a": 0}', 'x := {"b": 0, "a": 2}']),
        ("x if input.a in [0]", ["x if not input.a in [0]", "x if true", "x if input.a in [1]"]),
        ("x if not input.a == 0", ["x if input.a == 0", "x if true", "x if not input.a != 0", "x if not input.a == 1"]),
        ("x if {\n\tsome y in input.a\n\ty.b\n}", ["x if {\n\tevery y in input.a { y.b }\n}", "x if {\n\tsome y in input.a\n}", "x if {\n\tsome y in input.a\n\tnot y.b\n}"]),
        ("x if {\n\tevery y in input.a { y.b }\n}", ["x if {\n\ttrue\n}", "x if {\n\tsome y in input.a; y.b\n}", "x if {\n\tevery y in input.a { not y.b }\n}", "x if {\n\tevery y in input.a { true }\n}"]),
        ("x contains y if {\n\tsome y in input.a\n\ty != 0\n}", ["x contains y if {\n\tsome y in input.a\n}", "x contains y if {\n\tsome y in input.a\n\ty == 0\n}", "x contains y if {\n\tsome y in input.a\n\ty != 1\n}"]),
        ("x := [y.c | some y in input.a; y.c > y.d]", ["x := [y.d | some y in input.a; y.c > y.d]", "x := [y.c | some y in input.a]", "x := [y.c | some y in input.a; y.d > y.d]", "x := [y.c | some y in input.a; y.c <= y.d]", "x := [y.c | some y in input.a; y.c >= y.d]", "x := [y.c | some y in input.a; y.c > y.c]"]),
        ("x := count([1 | some y in input.a; y.b])", ["x := count([1 | some y in input.a])", "x := count([1 | some y in input.a; not y.b])"]),
        ("x := input.parameters.limit", ["x := input.parameters.other"]),
        ("x := input.parameters.text", []),
        ("x := 0 if input.a else := true", ["x := 1 if input.a else := true", "x := 0 if not input.a else := true", "x := 0 if true else := true", "x := 0 if input.a else := false"]),
        ("x := split(input.a, input.b)[0]", ["x := split(input.a, input.b)[1]"]),
        ('x("a", y) if y', ['x("", y) if y', 'x("a", y) if not y', 'x("a", y) if true']),
    ],
)  # fmt: skip
def test_every_change_of(rule: str, expected: list[str], binary: OpaBinary) -> None:
    found = [text.removeprefix(HEAD) for text in mutants(f"{HEAD}{rule}\n", binary)]
    assert found == ["\n", *(f"{text}\n" for text in expected)]


def test_nothing_is_changed_in_comments_or_metadata(binary: OpaBinary) -> None:
    start = RULE.index("deny contains")
    assert all(text.startswith(RULE[:start]) for text in mutants(f"{RULE}# 1 < 2\n", binary))
    assert all(text.endswith("# 1 < 2\n") for text in mutants(f"{RULE}# 1 < 2\n", binary))


@pytest.mark.parametrize("path", RULES)
def test_a_mutant_of_ours_differs_in_one_place_and_can_be_read(path: str, binary: OpaBinary) -> None:
    text = RULES[path]
    tree = parse({path: text}, binary, Deadline(30))[path]
    found = changes(tree, Source.of(text), WORDS)
    assert found == changes(tree, Source.of(text), WORDS)
    assert len({change.applied(text) for change in found}) == len(found) > 0
    for change in found:
        changed = change.applied(text)
        assert changed != text
        assert (changed[: change.start], changed[len(changed) - len(text) + change.end :]) == (
            text[: change.start],
            text[change.end :],
        )
        tokenize(changed)


METADATA = """\
# METADATA
# title: Few are slow 10
# description: Ten of 10.
# custom:
#   severity: high
#   needs:
#     coverage: [lines_covered, lines_valid, files.path]
#     performance:
#       - endpoints.name
#       - endpoints.p95_ms
#   parameters:
#     limit: {type: integer, minimum: 0, maximum: 10, default: 5, tighten: down}
#     longest: {type: string, default: 24h, tighten: down}
#     level:
#       type: string
#       enum: [low, high]
#       default: low
#   ages: {performance.ended_at: longest}
#   waivable: false
#   effective_on: 2026-12-31
#   remedy: Wait 10 days.
package gatekeeper.own.lines
"""


def test_every_change_of_metadata() -> None:
    lines = METADATA.splitlines()
    found = []
    for change in metadata_changes(METADATA):
        now = change.applied(METADATA).splitlines()
        row = METADATA.count("\n", 0, change.start)
        gone = len(lines) - len(now)
        assert lines[:row] + lines[row + 1 :] == now[:row] + now[row + 1 - gone :]
        found.append((row + 1, "" if gone else re.sub(r"^# +", "", now[row])))
    limit = "limit: {type: integer, minimum: 0, maximum: 10, default: 5, tighten: down}"
    assert found == [
        (5, "severity: critical"),
        (7, "coverage: [lines_valid, files.path]"),
        (7, "coverage: [lines_covered, files.path]"),
        (7, "coverage: [lines_covered, lines_valid]"),
        (9, ""),
        (10, ""),
        (12, limit.replace("minimum: 0", "minimum: -1")),
        (12, limit.replace("minimum: 0", "minimum: 1")),
        (12, limit.replace("maximum: 10", "maximum: 11")),
        (12, limit.replace("maximum: 10", "maximum: 9")),
        (12, limit.replace("default: 5", "default: 4")),
        (12, limit.replace("default: 5", "default: 6")),
        (12, limit.replace("down", "up")),
        (13, "longest: {type: string, default: 25h, tighten: down}"),
        (13, "longest: {type: string, default: 24h, tighten: up}"),
        (16, "enum: [high]"),
        (16, "enum: [low]"),
        (17, "default: high"),
        (18, ""),
        (19, ""),
        (19, "waivable: true"),
        (20, ""),
        (20, "effective_on: 2027-01-01"),
    ]


@pytest.mark.parametrize("path", [path for path in RULES if "/lib/" not in path])
def test_a_change_of_our_metadata_is_in_the_block_and_still_yaml(path: str) -> None:
    text = RULES[path]
    end = text.index("\npackage ")
    for change in metadata_changes(text):
        assert 0 < change.start < change.end <= end + 1
        changed = change.applied(text)
        block = changed[: changed.index("\npackage ")].removeprefix("# METADATA\n")
        yaml.safe_load("\n".join(line[1:] for line in block.split("\n")))


GATE = """\
name = "parcel" # its name
[stages.build]
rules = [
  "coverage.*", # all
  "tests.passed",
]
canary = true
valid_for = "7d" # a week
approvals = [{ role = "release-manager", count = 2, not = ["author"] }]
[stages.build.evidence]
unit = { kind = "test_results" }
"""


def test_every_change_of_a_gate() -> None:
    found = [change.applied(GATE) for change in wiring_changes(GATE)]
    rules = GATE[GATE.index("rules") : GATE.index("canary")]
    approvals = 'approvals = [{ role = "release-manager", count = 2, not = ["author"] }]\n'
    assert found == [
        GATE.replace(rules, ""),
        GATE.replace('"coverage.*", # all\n  ', ""),
        GATE.replace(', # all\n  "tests.passed"', ""),
        GATE.replace("canary = true\n", ""),
        GATE.replace("true", "false"),
        GATE.replace('valid_for = "7d" # a week\n', ""),
        GATE.replace("7d", "8d"),
        GATE.replace(approvals, ""),
        GATE.replace(approvals, "approvals = []\n"),
        GATE.replace('role = "release-manager", ', ""),
        GATE.replace("count = 2, ", ""),
        GATE.replace("count = 2", "count = 1"),
        GATE.replace("count = 2", "count = 3"),
        GATE.replace(', not = ["author"]', ""),
        GATE.replace('"author"', ""),
        GATE.replace('unit = { kind = "test_results" }\n', ""),
        GATE.replace('kind = "test_results"', ""),
    ]
    for text in found:
        tomllib.loads(text)
