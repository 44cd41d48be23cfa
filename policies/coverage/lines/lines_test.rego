package gatekeeper.coverage.lines_test

import rego.v2

import data.gatekeeper.coverage.lines

denied(covered, valid, minimum) := answer if {
	report := {"source": {"slot": "coverage"}, "lines_covered": covered, "lines_valid": valid}
	answer := lines.deny with input as {"coverage": [report], "parameters": {"minimum_percent": minimum}}
}

test_deny_says_how_many_are_needed if {
	denied(2549, 3200, 80) == {{
		"message": "2549 of 3200 lines are covered, 80% are needed",
		"source": {"slot": "coverage"},
		"expected": 2560,
		"actual": 2549,
		"unit": "lines",
	}}
}

test_bounds[name] if {
	some name, case in {
		"exactly enough": {"covered": 4, "valid": 5, "minimum": 80, "violations": 0},
		"one short": {"covered": 3, "valid": 5, "minimum": 80, "violations": 1},
		"short by a fraction": {"covered": 79999, "valid": 100000, "minimum": 80, "violations": 1},
		"all of one": {"covered": 1, "valid": 1, "minimum": 100, "violations": 0},
		"none of one": {"covered": 0, "valid": 1, "minimum": 1, "violations": 1},
		"nothing asked": {"covered": 0, "valid": 1, "minimum": 0, "violations": 0},
	}
	count(denied(case.covered, case.valid, case.minimum)) == case.violations
}

test_deny_rounds_what_is_needed_up if {
	some violation in denied(2, 3, 67)
	violation.expected == 3
}
