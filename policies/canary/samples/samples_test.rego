package gatekeeper.canary.samples_test

import rego.v2

import data.gatekeeper.canary.samples

enough := {
	"name": "5%",
	"finished": true,
	"duration_ms": 600,
	"canary": {"requests": 50},
	"baseline": {"requests": 60},
	"error_rate": {"detectable_ppm": 2000},
	"latency": {"detectable_ppm": 3000},
	"locator": "/steps/0",
}

denied(step) := answer if {
	answer := samples.deny with input as {
		"canary": [{"source": {"slot": "canary"}, "steps": [object.union(enough, step)]}],
		"parameters": {
			"min_duration_ms": 600,
			"min_requests": 50,
			"max_detectable_error_ppm": 2000,
			"max_detectable_delta_ppm": 3000,
		},
	}
}

test_bounds[name] if {
	some name, step in {
		"just enough": {},
		"more than enough": {
			"duration_ms": 601,
			"canary": {"requests": 51},
			"error_rate": {"detectable_ppm": 1999},
			"latency": {"detectable_ppm": 2999},
		},
	}
	denied(step) == set()
}

test_deny_names_what_is_too_little[name] if {
	some name, case in {
		"goes on": {"step": {"finished": false}, "violation": {"message": "5% goes on", "term": "5%: end"}},
		"duration": {
			"step": {"duration_ms": 599},
			"violation": {
				"message": "5% lasted 599 ms, 600 ms are needed",
				"term": "5%: duration",
				"expected": 600,
				"actual": 599,
				"unit": "ms",
			},
		},
		"canary": {
			"step": {"canary": {"requests": 49}},
			"violation": {
				"message": "5% has 49 requests to the canary, 50 are needed",
				"term": "5%: canary",
				"expected": 50,
				"actual": 49,
				"unit": "requests",
			},
		},
		"baseline": {
			"step": {"baseline": {"requests": 0}},
			"violation": {
				"message": "5% has 0 requests to the baseline, 50 are needed",
				"term": "5%: baseline",
				"expected": 50,
				"actual": 0,
				"unit": "requests",
			},
		},
		"error rate": {
			"step": {"error_rate": {"detectable_ppm": 2001}},
			"violation": {
				"message": "5% would show a rise of the error rate by 2001 ppm, one by 2000 ppm has to show",
				"term": "5%: error rate",
				"expected": 2000,
				"actual": 2001,
				"unit": "ppm",
			},
		},
		"latency": {
			"step": {"latency": {"detectable_ppm": 3001}},
			"violation": {
				"message": "5% would show a shift of latency by 3001 ppm, one by 3000 ppm has to show",
				"term": "5%: latency",
				"expected": 3000,
				"actual": 3001,
				"unit": "ppm",
			},
		},
	}
	denied(case.step) == {object.union(case.violation, {"source": {"slot": "canary"}, "locator": "/steps/0"})}
}
