"""Rego files for the tests of testing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PACK = 'name = "own"\nversion = "1.0.0"\ndescription = "For a test."\n'

RULE = """\
# METADATA
# title: Enough lines are covered
# description: For a test.
# custom:
#   needs: {coverage: [lines_covered, lines_valid]}
#   parameters: {minimum: {type: integer, minimum: 0, default: 80, tighten: up}}
#   remedy: Add tests.
package gatekeeper.own.lines

import rego.v2

deny contains violation if {
	some report in input.coverage
	report.lines_covered < input.parameters.minimum
	violation := {
		"message": $"{report.lines_covered} lines",
		"term": "lines",
		"source": report.source,
	}
}
"""

TESTS = """\
package gatekeeper.own.lines_test

import rego.v2

import data.gatekeeper.own.lines

denied(covered) := answer if {
	print("covered", covered)
	report := {"source": {"slot": "unit"}, "lines_covered": covered, "lines_valid": 100}
	answer := lines.deny with input as {"coverage": [report], "parameters": {"minimum": 80}}
}

"""
"""The beginning of a file of tests; `denied` prints what it is asked about."""

GOOD = """\
test_deny if {
	{violation.message | some violation in denied(79)} == {"79 lines"}
}

test_limits[name] if {
	some name, case in {
		"at the limit": {"covered": 80, "violations": 0},
		"below it": {"covered": 79, "violations": 1},
	}
	count(denied(case.covered)) == case.violations
}
"""

BAD = """\
test_count if {
	got := denied(90)
	want := 1
	count(got) == want
}

test_set if {
	denied(10) == {{
		"message": "10 lines",
		"term": "files",
		"source": {"slot": "integration", "digest": "sha256:00"},
	}}
}

test_limits[name] if {
	some name, case in {
		"at the limit": {"covered": 80, "violations": 1},
		"below it": {"covered": 79, "violations": 1},
		"far below it": {"covered": 9, "violations": 2},
	}
	count(denied(case.covered)) == case.violations
}

test_nested[minimum][name] if {
	some minimum in ["loose", "strict"]
	some name, violations in {"low": 1, "high": 1}
	count(denied({"low": 10, "high": 90}[name])) == violations
}

test_every if {
	every number in [1, 2, 3] {
		number < 3
	}
}

test_undefined if {
	input.nothing.there == 3
}

test_text := "true"

test_no_case[name] if {
	some name in []
	denied(1)
}

two(x) := 1 if x > 0

two(x) := 2 if x > 1

test_conflict if {
	two(3) == 1
}

test_twice if {
	denied(1)
}

test_twice if {
	not denied(1)
}

todo_test_later if {
	denied(1)
}
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def pack(tests: str = GOOD, **more: str) -> dict[str, str]:
    """The pack ``own`` with one rule and its tests; ``more`` by path, with ``__`` for ``/``."""
    files = {"pack.toml": PACK, "lines/lines.rego": RULE, "lines/lines_test.rego": TESTS + tests, **more}
    return {f"policies/own/{name}": text for name, text in files.items()}
