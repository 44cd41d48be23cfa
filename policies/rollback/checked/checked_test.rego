package gatekeeper.rollback.checked_test

import rego.v2

import data.gatekeeper.rollback.checked

held := {
	"locator": "/rehearsals/0",
	"steps": [{"name": "deploy 1.3.0", "outcome": "succeeded", "locator": "/rehearsals/0/steps/0"}],
	"checks": [{"name": "login", "outcome": "passed", "locator": "/rehearsals/0/checks/0"}],
	"verified_by": ["ada", "ada"],
}

denied(changes, checks, people) := answer if {
	answer := checked.deny with input as {
		"rollback": [{"source": {"slot": "rollback"}, "rehearsals": [object.union(held, changes)]}],
		"parameters": {"minimum_checks": checks, "minimum_people": people},
	}
}

test_pass_at_the_limits if {
	denied({}, 1, 1) == set()
}

test_deny_a_check if {
	check := {"name": "login", "outcome": "failed", "locator": "/c"}
	denied({"checks": [check]}, 1, 1) == {{
		"message": "login failed after going back",
		"term": "check login",
		"source": {"slot": "rollback"},
		"locator": "/c",
		"expected": "passed",
		"actual": "failed",
	}}
	count(denied({"checks": [object.union(check, {"outcome": "skipped"})]}, 1, 1)) == 1
}

test_deny_a_step if {
	step := {"name": "deploy 1.3.0", "outcome": "skipped", "locator": "/s"}
	denied({"steps": [step]}, 1, 1) == {{
		"message": "the step deploy 1.3.0 of going back skipped",
		"term": "step deploy 1.3.0",
		"source": {"slot": "rollback"},
		"locator": "/s",
		"expected": "succeeded",
		"actual": "skipped",
	}}
	count(denied({"steps": [object.union(step, {"outcome": "failed"})]}, 1, 1)) == 1
}

test_deny_too_few_checks if {
	denied({}, 2, 1) == {{
		"message": "1 things were looked at after going back, 2 are needed",
		"term": "checks of /rehearsals/0",
		"source": {"slot": "rollback"},
		"locator": "/rehearsals/0",
		"expected": 2,
		"actual": 1,
		"unit": "checks",
	}}
}

test_deny_too_few_people_one_counts_once if {
	denied({}, 1, 2) == {{
		"message": "1 people have looked after going back, 2 are needed",
		"term": "people of /rehearsals/0",
		"source": {"slot": "rollback"},
		"locator": "/rehearsals/0",
		"expected": 2,
		"actual": 1,
		"unit": "people",
	}}
}
