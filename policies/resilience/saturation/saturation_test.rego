package gatekeeper.resilience.saturation_test

import rego.v2

import data.gatekeeper.resilience.saturation

denied(cpu, memory) := answer if {
	phase := {"name": "stress", "cpu_percent": cpu, "memory_percent": memory, "locator": "/phases/0"}
	answer := saturation.deny with input as {
		"endurance": [{"source": {"slot": "load"}, "phases": [phase]}],
		"parameters": {"max_cpu_percent": 80, "max_memory_percent": 90},
	}
}

test_pass_at_the_limits if {
	denied(80, 90) == set()
}

test_deny_full_processors if {
	denied(81, 90) == {{
		"message": "processors are used to 81% with stress, at most 80% is allowed",
		"term": "stress at /phases/0: cpu",
		"source": {"slot": "load"},
		"locator": "/phases/0",
		"expected": 80,
		"actual": 81,
		"unit": "%",
	}}
}

test_deny_full_memory if {
	denied(80, 91) == {{
		"message": "memory is used to 91% with stress, at most 90% is allowed",
		"term": "stress at /phases/0: memory",
		"source": {"slot": "load"},
		"locator": "/phases/0",
		"expected": 90,
		"actual": 91,
		"unit": "%",
	}}
}
