package gatekeeper.resilience.rollbacks_test

import rego.v2

import data.gatekeeper.resilience.rollbacks

denied(run, failed, minimum) := answer if {
	experiment := {"name": "lost node", "rollbacks": run, "rollbacks_failed": failed, "locator": "/experiment"}
	answer := rollbacks.deny with input as {
		"chaos": [{"source": {"slot": "chaos"}, "experiments": [experiment]}],
		"parameters": {"minimum_rollbacks": minimum},
	}
}

test_deny_what_failed if {
	denied(2, 1, 1) == {{
		"message": "1 of 2 rollbacks of lost node failed",
		"term": "lost node: failed",
		"source": {"slot": "chaos"},
		"locator": "/experiment",
		"expected": 0,
		"actual": 1,
		"unit": "rollbacks",
	}}
}

test_deny_what_was_not_run if {
	denied(1, 0, 2) == {{
		"message": "lost node ran 1 rollbacks, 2 are needed",
		"term": "lost node: run",
		"source": {"slot": "chaos"},
		"locator": "/experiment",
		"expected": 2,
		"actual": 1,
		"unit": "rollbacks",
	}}
}

test_pass[name] if {
	some name, case in {
		"at the limit": {"run": 2, "minimum": 2},
		"none are needed": {"run": 0, "minimum": 0},
	}
	denied(case.run, 0, case.minimum) == set()
}
