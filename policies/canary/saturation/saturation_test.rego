package gatekeeper.canary.saturation_test

import rego.v2

import data.gatekeeper.canary.saturation

denied(percent) := answer if {
	answer := saturation.deny with input as {
		"canary": [{
			"source": {"slot": "canary"},
			"steps": [{"name": "5%", "saturation_percent": percent, "locator": "/steps/0"}],
		}],
		"parameters": {"max_saturation_percent": 80},
	}
}

test_deny_above_the_limit if {
	denied(81) == {{
		"message": "in 5% a resource of the canary was used to 81%, at most 80% is allowed",
		"term": "5%",
		"source": {"slot": "canary"},
		"locator": "/steps/0",
		"expected": 80,
		"actual": 81,
		"unit": "percent",
	}}
}

test_at_the_limit if denied(80) == set()
