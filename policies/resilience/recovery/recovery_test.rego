package gatekeeper.resilience.recovery_test

import rego.v2

import data.gatekeeper.resilience.recovery

denied(took, recovered) := answer if {
	answer := recovery.deny with input as {
		"endurance": [{"source": {"slot": "load"}, "recovery_ms": took, "recovered": recovered}],
		"parameters": {"max_recovery_ms": 5000},
	}
}

test_pass_at_the_limit if {
	denied(5000, true) == set()
}

test_deny_what_still_fails if {
	denied(0, false) == {{
		"message": "requests still failed when the test ended",
		"term": "recovered",
		"source": {"slot": "load"},
	}}
}

test_deny_what_takes_too_long if {
	denied(5001, true) == {{
		"message": "requests failed for 5001 ms without a break, at most 5000 ms is allowed",
		"term": "recovery_ms",
		"source": {"slot": "load"},
		"expected": 5000,
		"actual": 5001,
		"unit": "ms",
	}}
}
