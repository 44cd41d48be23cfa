package gatekeeper.rollback.duration_test

import rego.v2

import data.gatekeeper.rollback.duration

denied(took, limit) := answer if {
	answer := duration.deny with input as {
		"rollback": [{"source": {"slot": "rollback"}, "rehearsals": [{"duration_ms": took, "locator": "/rehearsals/0"}]}],
		"parameters": {"max_duration_ms": limit},
	}
}

test_deny_names_the_duration if {
	denied(61, 60) == {{
		"message": "going back took 61 ms, at most 60 ms is allowed",
		"term": "/rehearsals/0",
		"source": {"slot": "rollback"},
		"locator": "/rehearsals/0",
		"expected": 60,
		"actual": 61,
		"unit": "ms",
	}}
}

test_pass_at_the_limit if {
	denied(60, 60) == set()
}

test_pass_quickly if {
	denied(0, 60) == set()
}
