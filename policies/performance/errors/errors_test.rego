package gatekeeper.performance.errors_test

import rego.v2

import data.gatekeeper.performance.errors

denied(failed, requests, limit) := answer if {
	endpoints := [{"name": "/pay", "requests": requests, "errors": failed, "locator": "/routes/3"}]
	answer := errors.deny with input as {
		"performance": [{"source": {"slot": "load"}, "endpoints": endpoints}],
		"parameters": {"max_errors_per_thousand": limit},
	}
}

test_deny_names_the_endpoint_and_its_place if {
	denied(21, 2000, 10) == {{
		"message": "21 of 2000 requests to /pay failed, at most 10 in 1000 may",
		"term": "/pay",
		"source": {"slot": "load"},
		"locator": "/routes/3",
		"expected": 20,
		"actual": 21,
		"unit": "requests",
	}}
}

test_bounds[name] if {
	some name, case in {
		"at the limit": {"failed": 20, "requests": 2000, "limit": 10, "violations": 0},
		"none may and one does": {"failed": 1, "requests": 100000, "limit": 0, "violations": 1},
		"all may": {"failed": 5, "requests": 5, "limit": 1000, "violations": 0},
		"a fraction above": {"failed": 1, "requests": 99, "limit": 10, "violations": 1},
	}
	count(denied(case.failed, case.requests, case.limit)) == case.violations
}

test_deny_rounds_what_may_fail_down if {
	{violation.expected | some violation in denied(2, 199, 10)} == {1}
	{violation.expected | some violation in denied(1, 999, 1)} == {0}
}

test_deny_an_endpoint_that_was_never_requested if {
	denied(0, 0, 10) == {{
		"message": "/pay was never requested",
		"term": "/pay",
		"source": {"slot": "load"},
		"locator": "/routes/3",
		"expected": 1,
		"actual": 0,
		"unit": "requests",
	}}
}
