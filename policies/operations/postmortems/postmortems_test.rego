package gatekeeper.operations.postmortems_test

import rego.v2

import data.gatekeeper.operations.postmortems

denied(actions) := answer if {
	postmortem := {"incident": "I-1", "locator": "/postmortems/0", "actions": actions}
	answer := postmortems.deny with input as {
		"postmortem": [{"source": {"slot": "postmortem"}, "postmortems": [postmortem]}],
		"parameters": {"max_open_actions": 1},
	}
}

done := {"title": "alert earlier", "done": true, "locator": "/a/0"}

open := {"title": "add a limit", "done": false, "owner": "ada", "locator": "/a/1"}

another := {"title": "test it", "done": false, "owner": "bo", "locator": "/a/2"}

nobodys := {"title": "write it down", "done": false, "locator": "/a/3"}

test_deny_says_how_many_are_open if {
	denied([done, open, another]) == {{
		"message": "2 actions of the postmortem of I-1 are open",
		"term": "I-1",
		"source": {"slot": "postmortem"},
		"locator": "/postmortems/0",
		"expected": 1,
		"actual": 2,
		"unit": "actions",
	}}
}

test_deny_what_belongs_to_nobody if {
	denied([nobodys]) == {{
		"message": "the open action write it down of I-1 belongs to nobody",
		"term": "I-1",
		"source": {"slot": "postmortem"},
		"locator": "/a/3",
	}}
}

test_bounds[name] if {
	some name, case in {
		"no action": {"actions": [], "violations": 0},
		"all done": {"actions": [done], "violations": 0},
		"as many open as may be": {"actions": [done, open], "violations": 0},
		"one more": {"actions": [open, another], "violations": 1},
	}
	count(denied(case.actions)) == case.violations
}
