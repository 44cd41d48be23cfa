package gatekeeper.build.warnings_test

import rego.v2

import data.gatekeeper.build.warnings

denied(counted, limit) := answer if {
	report := {"source": {"slot": "build"}, "tool": "cargo", "warning_count": counted}
	answer := warnings.deny with input as {"build": [report], "parameters": {"max_warnings": limit}}
}

test_deny_says_how_many_may_be if {
	denied(3, 2) == {{
		"message": "cargo warns 3 times, at most 2 are allowed",
		"source": {"slot": "build"},
		"expected": 2,
		"actual": 3,
		"unit": "warnings",
	}}
}

test_bounds[name] if {
	some name, case in {
		"at the limit": {"warnings": 2, "limit": 2, "violations": 0},
		"one above": {"warnings": 3, "limit": 2, "violations": 1},
		"none may be and none is": {"warnings": 0, "limit": 0, "violations": 0},
		"none may be and one is": {"warnings": 1, "limit": 0, "violations": 1},
	}
	count(denied(case.warnings, case.limit)) == case.violations
}
