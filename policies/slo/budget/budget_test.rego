package gatekeeper.slo.budget_test

import rego.v2

import data.gatekeeper.slo.budget

denied(left, least) := answer if {
	answer := budget.deny with input as {
		"slo": [{
			"source": {"slot": "slo"},
			"objectives": [{"name": "availability", "budget_left_ppm": left, "locator": "/0"}],
		}],
		"parameters": {"min_budget_left_percent": least},
	}
}

test_deny_below_what_has_to_be_left if {
	denied(99999, 10) == {{
		"message": "99999 ppm of the error budget of availability are left, 10% are needed",
		"term": "availability",
		"source": {"slot": "slo"},
		"locator": "/0",
		"expected": 100000,
		"actual": 99999,
		"unit": "ppm",
	}}
}

test_bounds[name] if {
	some name, case in {
		"at the bound": {"left": 100000, "least": 10, "violations": 0},
		"overspent": {"left": -4000000, "least": 10, "violations": 1},
		"none need be left, and none is": {"left": 0, "least": 0, "violations": 0},
		"none need be left, and it is overspent": {"left": -1, "least": 0, "violations": 1},
	}
	count(denied(case.left, case.least)) == case.violations
}
