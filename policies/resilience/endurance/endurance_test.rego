package gatekeeper.resilience.endurance_test

import rego.v2

import data.gatekeeper.resilience.endurance

phase := {"name": "50 users", "requests": 1000, "errors": 10, "p95_ms": 500, "locator": "line 3"}

denied(changes, duration) := answer if {
	report := {"source": {"slot": "load"}, "duration_ms": duration, "phases": [object.union(phase, changes)]}
	answer := endurance.deny with input as {
		"endurance": [report],
		"parameters": {"minimum_duration_ms": 60, "max_errors_per_thousand": 10, "max_p95_ms": 500},
	}
}

test_pass_at_every_limit if {
	denied({}, 60) == set()
}

test_deny_too_short if {
	denied({}, 59) == {{
		"message": "the test lasted 59 ms, 60 ms are needed",
		"source": {"slot": "load"},
		"expected": 60,
		"actual": 59,
		"unit": "ms",
	}}
}

test_deny_errors if {
	denied({"errors": 11}, 60) == {{
		"message": "11 of 1000 requests failed with 50 users, at most 10 in 1000 may",
		"term": "50 users at line 3: errors",
		"source": {"slot": "load"},
		"locator": "line 3",
		"actual": 11,
		"unit": "requests",
	}}
}

test_deny_one_error_in_fewer_than_a_hundred_requests if {
	count(denied({"errors": 10, "requests": 999}, 60)) == 1
}

test_deny_slow_answers if {
	denied({"p95_ms": 501}, 60) == {{
		"message": "p95 with 50 users is 501 ms, at most 500 ms is allowed",
		"term": "50 users at line 3: p95",
		"source": {"slot": "load"},
		"locator": "line 3",
		"expected": 500,
		"actual": 501,
		"unit": "ms",
	}}
}
