"""The tokens of Rego, held against what OPA itself parses."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint_cases import ACCEPTED, NEEDS, PARAMETERS, READS, REFUSED
from pack_files import rule_text, write_pack

from gatekeeper import _data
from gatekeeper.errors import PolicyError
from gatekeeper.load._module import parse_module
from gatekeeper.load._rego import tokenize
from gatekeeper.load.packs import load_packs

if TYPE_CHECKING:
    from pathlib import Path

POLICIES = _data.folder("policies")
FILES = sorted(path.relative_to(POLICIES).as_posix() for path in POLICIES.rglob("*.rego"))

HARD = r"""
package hard.words

import rego.v2

import data.hard.lib as other

# a comment with "quotes" and `more` $"{of}" them
plain := "with \"input\" as # no comment \u0041 \\"

raw := `back\slash "quoted" # no comment
	second line`

numbers := [0, 12, 1.5, 2e10, 3.25E-7, -4]

template := $"a \{ {plain} and {[x | some x in {"}": "}"}][0]} \" { concat(", ", ["}", "`"]) }"

raw_template := $`c:\dir {plain} \{ "
	{raw}`

members := numbers[0] + other.not.with["default"] - data.hard.words["every"]

f(x, _) := y if { y := x & {1} | {2} } else := z if { z := {"a": 1, "b": [x]} }

default g(_) := false

deny contains {"message": $"{input.x}"} if { every v in numbers { v != 5; not v < 0 } }
""".lstrip()


COMPILED = {
    *("and", "assign", "data", "div", "eq", "equal", "gt", "gte", "internal", "lt", "lte", "member_2", "member_3"),
    *("minus", "mul", "neq", "or", "plus", "template_string", "test_case"),
}
"""Names of builtins that OPA puts in for operators and words."""


def named(head: dict[str, Any]) -> str:
    """The name that a head defines; of ``x[y]`` it is ``x``."""
    return str(head.get("name") or next(term["value"] for term in head["ref"] if term["type"] == "var"))


def parsed(opa: Path, text: str, tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "parsed.rego"
    file.write_text(text)
    arguments = [str(opa), "parse", "--format", "json", "--json-include", "comments,locations", str(file)]
    result: dict[str, Any] = json.loads(subprocess.run(arguments, capture_output=True, check=True).stdout)
    return result


def terms(value: Any, kind: str) -> list[Any]:
    """Every term of one type in OPA's tree."""
    if isinstance(value, list):
        return [found for item in value for found in terms(item, kind)]
    if not isinstance(value, dict):
        return []
    own = [value["value"]] if value.get("type") == kind and isinstance(value.get("value"), str | int | float) else []
    return own + [found for member in value.values() for found in terms(member, kind)]


@pytest.mark.parametrize("text", [HARD, *FILES], ids=lambda text: text if "\n" not in text else "hard")
def test_tokens_and_rules_are_those_that_opa_sees(opa: Path, text: str, tmp_path: Path) -> None:
    text = text if "\n" in text else (POLICIES / text).read_text()
    tree = parsed(opa, text, tmp_path)
    comments = tree.pop("comments", None) or []
    tokens, module = tokenize(text), parse_module(text, "x.rego")

    words = {token.text for token in tokens if token.kind in {"string", "name", "part"}}
    numbers = {float(token.text) for token in tokens if token.kind == "number"}
    assert set(terms(tree, "string")) - words <= COMPILED
    assert {abs(number) for number in terms(tree, "number")} <= numbers
    assert {name for name in terms(tree, "var") if name[0].isalpha()} - words <= COMPILED
    assert [token.line for token in tokens if token.kind == "comment"] == [item["Location"]["row"] for item in comments]
    assert [item.line for item in module.statements] == [rule["location"]["row"] for rule in tree["rules"]]
    assert [item.name for item in module.statements] == [named(rule["head"]) for rule in tree["rules"]]


def test_tokens_stand_where_they_say() -> None:
    lines = HARD.split("\n")

    for token in tokenize(HARD):
        if token.kind in {"name", "number", "comment"}:
            assert lines[token.line - 1].startswith(token.text, token.column - 1)


def test_tokens_come_in_order() -> None:
    places = [(token.line, token.column) for token in tokenize(HARD)]

    assert all(before <= after for before, after in pairwise(places))


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("x := 'a'", '"\'" starts nothing that Rego knows', 1),
        ('\n\nx := "a', "'\"' starts nothing that Rego knows", 3),
        ("x := `a\n", "'`' starts nothing that Rego knows", 1),
        ('x := $"a', "a template string without end", 1),
        ('x := $"a {b', "a template string without end", 1),
        ("x := $`a\n{b}\n", "a template string without end", 2),
        ("x := $5", "'$' starts nothing that Rego knows", 1),
        ('x := "\\q"', 'a string that cannot be read: "\\q"', 1),
        ("x := !y", "'!' starts nothing that Rego knows", 1),
        ("x := 0a2", "'0' starts nothing that Rego knows", 1),
        ("x := y\u00a0z", "'\\xa0' starts nothing that Rego knows", 1),
    ],
)
def test_what_is_no_rego_is_an_error_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(PolicyError) as caught:
        tokenize(text, where="x.rego")

    assert (caught.value.message, caught.value.where) == (message, f"x.rego:{line}")


BODIES = [row[1] for row in (*REFUSED, *ACCEPTED)]
HEADED = [rule_text(body, needs=f"{NEEDS}\n#   reads: {READS}", parameters=PARAMETERS) for body in BODIES]
TEXTS = [HARD, *HEADED, *((POLICIES / path).read_text() for path in FILES if not path.endswith("_test.rego"))]
SPICE = [
    *("(", ")", "[", "]", "{", "}", ",", ";", "|", "\n", "\n\t", ".", '"', "`", '$"{', "\\", "#", "# METADATA\n", "é"),
    *(":=", "=", "==", "<", " in ", " as ", "if ", "else ", "not ", "some ", "every ", "with ", "default ", "import "),
    *("input", "data", "lib", "regex.match(", "glob.match(", "sprintf(", "count(", "semver.is_valid("),
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A rule with some pieces cut out, doubled or strewn in."""
    pieces = re.findall(r"\s+|\w+|.", draw(st.sampled_from(TEXTS)), re.DOTALL)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces)))
        cut = draw(st.integers(0, 3))
        pieces[at : at + cut] = draw(st.lists(st.sampled_from([*SPICE, *pieces[at : at + 5]]), max_size=2))
    return "".join(pieces)


@given(text=mutated())
def test_no_text_makes_the_loader_fail_otherwise(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = write_pack(tmp_path_factory.mktemp("packs"), text)
    try:
        rules = list(load_packs([root]).rules)
    except PolicyError as problem:
        rules = [] if problem.where else ["a refusal without a place"]
    assert rules in ([], ["demo.probe"])
