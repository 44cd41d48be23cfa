package gatekeeper.deprecations.announced_test

import rego.v2

import data.gatekeeper.deprecations.announced

denied(change) := answer if {
	listed := object.union({"name": "drop /v1", "interface": "HTTP", "effective_at": "2026-04-01T00:00:00Z", "locator": "/changes/0"}, change)
	answer := announced.deny with input as {
		"deprecations": [{"source": {"slot": "deprecations"}, "changes": [listed]}],
		"parameters": {"minimum_days": 90},
	}
}

test_deny_what_was_announced_late if {
	denied({"breaking": true, "announced_at": "2026-01-01T00:00:01Z"}) == {{
		"message": "drop /v1 breaks HTTP 89 days after it was announced, 90 are needed",
		"term": "drop /v1",
		"source": {"slot": "deprecations"},
		"locator": "/changes/0",
		"expected": 90,
		"actual": 89,
		"unit": "days",
	}}
}

test_bounds[name] if {
	some name, case in {
		"ninety days": {"change": {"breaking": true, "announced_at": "2026-01-01T00:00:00Z"}, "violations": 0},
		"a nanosecond less": {"change": {"breaking": true, "announced_at": "2026-01-01T00:00:00.000000001Z"}, "violations": 1},
		"a second less": {"change": {"breaking": true, "announced_at": "2026-01-01T00:00:01Z"}, "violations": 1},
		"after the effect": {"change": {"breaking": true, "announced_at": "2026-05-01T00:00:00Z"}, "violations": 1},
		"compatible": {"change": {"breaking": false, "announced_at": "2026-01-01T00:00:00Z"}, "violations": 0},
		"compatible, announced late": {"change": {"breaking": false, "announced_at": "2026-03-31T00:00:00Z"}, "violations": 0},
	}
	count(denied(case.change)) == case.violations
}
