package gatekeeper.regression.latency_test

import rego.v2

import data.gatekeeper.regression.latency

denied(endpoint) := answer if {
	answer := latency.deny with input as {
		"performance": [{
			"source": {"slot": "load"},
			"endpoints": [object.union({"name": "/pay", "requests": 200, "p95_ms": 100, "locator": "/0"}, endpoint)],
		}],
		"baseline": {"performance": [{"source": {"slot": "load"}, "endpoints": [{"name": "/pay", "p95_ms": 100, "locator": "/9"}]}]},
		"parameters": {"max_slowdown_percent": 20, "minimum_requests": 200},
	}
}

test_deny_what_became_slower if {
	denied({"p95_ms": 121}) == {{
		"message": "p95 of /pay is 121 ms, it was 100 ms",
		"term": "/pay",
		"source": {"slot": "load"},
		"locator": "/0",
		"expected": 120,
		"actual": 121,
		"unit": "ms",
	}}
}

test_deny_too_few_requests if {
	denied({"requests": 199}) == {{
		"message": "/pay had 199 requests, 200 are needed to compare it",
		"term": "/pay",
		"source": {"slot": "load"},
		"locator": "/0",
		"expected": 200,
		"actual": 199,
		"unit": "requests",
	}}
}

test_deny_what_is_no_longer_measured if {
	denied({"name": "/search"}) == {{
		"message": "/pay was measured before and is not now",
		"term": "/pay",
		"source": {"slot": "load"},
		"locator": "/9",
	}}
}

test_bounds[name] if {
	some name, case in {
		"as before": {"p95_ms": 100},
		"as slow as is tolerated": {"p95_ms": 120},
		"faster": {"p95_ms": 1},
	}
	denied({"p95_ms": case.p95_ms}) == set()
}

test_each_is_compared_with_itself if {
	endpoints := [
		{"name": "/pay", "requests": 200, "p95_ms": 122, "locator": "/0"},
		{"name": "/search", "requests": 200, "p95_ms": 500, "locator": "/1"},
	]
	answer := latency.deny with input as {
		"performance": [{"source": {"slot": "load"}, "endpoints": endpoints}],
		"baseline": {"performance": [{
			"source": {"slot": "load"},
			"endpoints": [{"name": "/pay", "p95_ms": 101, "locator": "/8"}, {"name": "/search", "p95_ms": 500, "locator": "/9"}],
		}]},
		"parameters": {"max_slowdown_percent": 20, "minimum_requests": 200},
	}
	{[violation.term, violation.expected] | some violation in answer} == {["/pay", 121]}
}
