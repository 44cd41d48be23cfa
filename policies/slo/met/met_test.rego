package gatekeeper.slo.met_test

import rego.v2

import data.gatekeeper.slo.met

denied(objectives, wanted) := answer if {
	held := [{"name": name, "met": ok, "locator": $"/{name}"} | some name, ok in objectives]
	answer := met.deny with input as {
		"slo": [{"source": {"slot": "slo"}, "objectives": held}],
		"parameters": {"objectives": wanted},
	}
}

test_deny_an_objective_that_is_not_met if {
	denied({"availability": false, "latency": true}, []) == {{
		"message": "the objective availability is not met",
		"term": "availability",
		"source": {"slot": "slo"},
		"locator": "/availability",
		"expected": "met",
		"actual": "not met",
	}}
}

test_deny_an_objective_that_nobody_measured if {
	denied({"availability": true}, ["availability", "latency"]) == {{
		"message": "the objective latency was not measured",
		"term": "latency",
		"source": {"slot": "slo"},
		"locator": "objectives",
	}}
}

test_all_are_met if denied({"availability": true, "latency": true}, ["latency"]) == set()

test_objectives_may_be_in_several_reports if {
	one := {"source": {"shard": "1/2"}, "objectives": [{"name": "a", "met": true, "locator": "/0"}]}
	two := {"source": {"shard": "2/2"}, "objectives": [{"name": "b", "met": true, "locator": "/0"}]}
	denied := met.deny with input as {"slo": [one, two], "parameters": {"objectives": ["a", "b"]}}
	denied == set()
}
