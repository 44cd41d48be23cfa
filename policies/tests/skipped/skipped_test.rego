package gatekeeper.tests.skipped_test

import rego.v2

import data.gatekeeper.tests.skipped

denied(skipped_tests, total, limit) := answer if {
	report := {"source": {"slot": "unit"}, "skipped": skipped_tests, "total": total}
	answer := skipped.deny with input as {"test_results": [report], "parameters": {"max_skipped_percent": limit}}
}

test_deny_says_how_many_may_be if {
	denied(11, 200, 5) == {{
		"message": "11 of 200 tests are skipped, at most 5% may be",
		"source": {"slot": "unit"},
		"expected": 10,
		"actual": 11,
		"unit": "tests",
	}}
}

test_deny_rounds_what_may_be_skipped_down if {
	{violation.expected | some violation in denied(2, 39, 5)} == {1}
	{violation.expected | some violation in denied(1, 99, 1)} == {0}
}

test_bounds[name] if {
	some name, case in {
		"one at the limit": {"skipped": 10, "total": 200, "limit": 5, "violations": 0},
		"one above the limit": {"skipped": 11, "total": 200, "limit": 5, "violations": 1},
		"a fraction above the limit": {"skipped": 1, "total": 19, "limit": 5, "violations": 1},
		"none may be and one is": {"skipped": 1, "total": 100000, "limit": 0, "violations": 1},
		"none may be and none is": {"skipped": 0, "total": 1, "limit": 0, "violations": 0},
		"all are": {"skipped": 3, "total": 3, "limit": 99, "violations": 1},
		"all may be": {"skipped": 3, "total": 3, "limit": 100, "violations": 0},
	}
	count(denied(case.skipped, case.total, case.limit)) == case.violations
}
