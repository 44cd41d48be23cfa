package gatekeeper.tests.flaky_test

import rego.v2

import data.gatekeeper.tests.flaky

denied(flaky_tests, limit) := answer if {
	cases := [case |
		some index in flaky_tests
		case := {"name": $"test_{index}", "suite": "s", "outcome": "flaky", "locator": $"/testcase[{index}]"}
	]
	skipped := {"name": "test_0", "suite": "s", "outcome": "skipped", "locator": "/testcase[9]"}
	report := {"source": {"slot": "unit"}, "flaky": count(flaky_tests), "cases": array.concat(cases, [skipped])}
	answer := flaky.deny with input as {"test_results": [report], "parameters": {"max_flaky": limit}}
}

test_deny_names_the_test_and_its_place if {
	denied([1], 0) == {{
		"message": "s::test_1 passed only when it was run again",
		"term": "s::test_1",
		"source": {"slot": "unit"},
		"locator": "/testcase[1]",
		"expected": 0,
		"actual": 1,
		"unit": "flaky tests",
	}}
}

test_bounds[name] if {
	some name, case in {
		"none": {"flaky": [], "limit": 0, "violations": 0},
		"one at the limit": {"flaky": [1], "limit": 1, "violations": 0},
		"one above the limit": {"flaky": [1, 2], "limit": 1, "violations": 2},
	}
	count(denied(case.flaky, case.limit)) == case.violations
}

test_only_flaky_cases[outcome] if {
	some outcome, violations in {"failed": 0, "errored": 0, "skipped": 0, "flaky": 1}
	case := {"name": "test_1", "suite": "s", "outcome": outcome, "locator": "/testcase[1]"}
	count(flaky.deny) == violations with input as {
		"test_results": [{"source": {}, "flaky": 1, "cases": [case]}],
		"parameters": {"max_flaky": 0},
	}
}
