package gatekeeper.flags.off_switch_tested_test

import rego.v2

import data.gatekeeper.flags.off_switch_tested

denied(trials, wanted) := answer if {
	held := [{"flag": flag, "passed": passed, "locator": $"/{flag}"} | some flag, passed in trials]
	answer := off_switch_tested.deny with input as {
		"off_switch": [{"source": {"slot": "off"}, "trials": held}],
		"parameters": {"flags": wanted, "max_age": "30d"},
	}
}

test_deny_a_trial_that_failed if {
	denied({"express": false}, ["express"]) == {{
		"message": "express was switched off and what it switches was not",
		"term": "express",
		"source": {"slot": "off"},
		"locator": "/express",
	}}
}

test_deny_what_nobody_has_tried if {
	denied({"express": true}, ["express", "labels"]) == {{
		"message": "nobody has tried to switch off labels",
		"term": "labels: trial",
		"source": {"slot": "off"},
		"locator": "trials",
	}}
}

test_all_were_tried if denied({"express": true, "labels": true}, ["labels"]) == set()

test_a_failure_of_a_flag_that_nobody_asked_for_is_one if count(denied({"express": true, "old": false}, ["express"])) == 1

test_trials_may_be_in_several_statements if {
	one := {"source": {"shard": "1/2"}, "trials": [{"flag": "a", "passed": true, "locator": "/0"}]}
	two := {"source": {"shard": "2/2"}, "trials": [{"flag": "b", "passed": true, "locator": "/0"}]}
	denied := off_switch_tested.deny with input as {"off_switch": [one, two], "parameters": {"flags": ["a", "b"]}}
	denied == set()
}
