package gatekeeper.regression.coverage_test

import rego.v2

import data.gatekeeper.regression.coverage

lines(covered, valid) := {"source": {"slot": "unit"}, "lines_covered": covered, "lines_valid": valid}

denied(now, before, drop) := answer if {
	answer := coverage.deny with input as {
		"coverage": now,
		"baseline": {"coverage": before},
		"parameters": {"max_drop_permille": drop},
	}
}

test_deny_says_what_it_was if {
	denied([lines(79, 100)], [lines(160, 200)], 0) == {{
		"message": "79 of 100 lines are covered, 160 of 200 were in the release before",
		"source": {"slot": "unit"},
		"expected": "160 of 200",
		"actual": "79 of 100",
	}}
}

test_bounds[name] if {
	some name, case in {
		"the same share": {"covered": 80, "valid": 100, "drop": 0, "violations": 0},
		"more": {"covered": 81, "valid": 100, "drop": 0, "violations": 0},
		"the same share of more": {"covered": 800, "valid": 1000, "drop": 0, "violations": 0},
		"a line less of many": {"covered": 7999, "valid": 10000, "drop": 0, "violations": 1},
		"fewer lines, greater share": {"covered": 9, "valid": 10, "drop": 0, "violations": 0},
		"as much less as may be": {"covered": 79, "valid": 100, "drop": 10, "violations": 0},
		"more than may be": {"covered": 789, "valid": 1000, "drop": 10, "violations": 1},
		"nothing left, all may be": {"covered": 0, "valid": 100, "drop": 800, "violations": 0},
		"nothing left": {"covered": 0, "valid": 100, "drop": 799, "violations": 1},
	}
	count(denied([lines(case.covered, case.valid)], [lines(160, 200)], case.drop)) == case.violations
}

test_reports_are_taken_together if {
	before := [lines(90, 100), lines(10, 100)]
	denied([lines(10, 100), lines(90, 100)], before, 0) == set()
	count(denied([lines(10, 100), lines(89, 100)], before, 0)) == 1
	count(denied([lines(50, 100)], before, 0)) == 0
	count(denied([lines(49, 100)], before, 0)) == 1
}
