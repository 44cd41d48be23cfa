package gatekeeper.resilience.steady_state_test

import rego.v2

import data.gatekeeper.resilience.steady_state

held := {"name": "lost node", "before_met": true, "after_met": true, "actions": 1, "locator": "/experiment"}

denied(experiments, minimum) := answer if {
	report := {"source": {"slot": "chaos"}, "experiments": experiments}
	answer := steady_state.deny with input as {"chaos": [report], "parameters": {"minimum_actions": minimum, "max_age": "90d"}}
}

test_deny_what_was_not_well_before if {
	denied([object.union(held, {"before_met": false})], 1) == {{
		"message": "lost node: the steady state was not met before it began",
		"term": "lost node: before",
		"source": {"slot": "chaos"},
		"locator": "/experiment",
	}}
}

test_deny_what_was_not_well_afterwards if {
	denied([object.union(held, {"after_met": false})], 1) == {{
		"message": "lost node: the steady state was not met afterwards",
		"term": "lost node: after",
		"source": {"slot": "chaos"},
		"locator": "/experiment",
	}}
}

test_deny_where_nobody_looked_afterwards if {
	count(denied([object.remove(held, {"after_met"})], 1)) == 1
}

test_deny_what_did_too_little if {
	denied([held], 2) == {{
		"message": "lost node: 1 activities were run, 2 are needed",
		"term": "lost node: actions",
		"source": {"slot": "chaos"},
		"locator": "/experiment",
		"expected": 2,
		"actual": 1,
		"unit": "activities",
	}}
}

test_deny_what_did_nothing if {
	count(denied([object.union(held, {"actions": 0})], 1)) == 1
}

test_deny_one_of_two if {
	count(denied([held, object.union(held, {"name": "lost disk", "after_met": false})], 1)) == 1
}

test_pass_what_held if {
	denied([held], 1) == set()
}
