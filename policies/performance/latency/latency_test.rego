package gatekeeper.performance.latency_test

import rego.v2

import data.gatekeeper.performance.latency

denied(p95, budgets) := answer if {
	endpoints := [{"name": "/pay", "p95_ms": p95, "locator": "/routes/3"}]
	answer := latency.deny with input as {
		"performance": [{"source": {"slot": "load"}, "endpoints": endpoints}],
		"parameters": {"max_p95_ms": 500, "budgets": budgets},
	}
}

test_deny_names_the_endpoint_and_its_place if {
	denied(620, []) == {{
		"message": "p95 of /pay is 620 ms, its budget 500 ms",
		"term": "/pay",
		"source": {"slot": "load"},
		"locator": "/routes/3",
		"expected": 500,
		"actual": 620,
		"unit": "ms",
	}}
}

test_budgets[name] if {
	some name, case in {
		"at the limit": {"p95": 500, "budgets": [], "violations": 0},
		"above the limit": {"p95": 501, "budgets": [], "violations": 1},
		"own budget, wider": {"p95": 800, "budgets": [{"endpoint": "/pay", "max_p95_ms": 800}], "violations": 0},
		"own budget, tighter": {"p95": 400, "budgets": [{"endpoint": "/pay", "max_p95_ms": 300}], "violations": 1},
		"two of its own": {
			"p95": 400,
			"budgets": [{"endpoint": "/pay", "max_p95_ms": 800}, {"endpoint": "/pay", "max_p95_ms": 300}],
			"violations": 1,
		},
	}
	count(denied(case.p95, case.budgets)) == case.violations
}

test_deny_a_budget_that_nobody_measured if {
	denied(400, [{"endpoint": "/search", "max_p95_ms": 300}]) == {{
		"message": "/search has a budget and was not measured",
		"term": "/search",
		"source": {"slot": "load"},
		"expected": 300,
		"unit": "ms",
	}}
}
