package gatekeeper.canary.latency_test

import rego.v2

import data.gatekeeper.canary.latency

denied(p_value, effect, least) := answer if {
	answer := latency.deny with input as {
		"canary": [{"source": {"slot": "canary"}, "steps": [{
			"name": "5%",
			"latency": {"adjusted_p_value_ppm": p_value, "effect_ppm": effect},
			"locator": "/steps/0",
		}]}],
		"parameters": {"significance_ppm": 50000, "min_delta_ppm": least},
	}
}

test_deny_a_shift_that_chance_does_not_explain if {
	denied(50000, 147000, 147000) == {{
		"message": "in 5% the canary is slower than the baseline: Cliff's delta 147000 ppm (p = 50000 ppm)",
		"term": "5%",
		"source": {"slot": "canary"},
		"locator": "/steps/0",
		"expected": 147000,
		"actual": 147000,
		"unit": "ppm",
	}}
}

test_bounds[name] if {
	some name, case in {
		"not significant": {"p_value": 50001, "effect": 900000, "least": 147000, "violations": 0},
		"too small to matter": {"p_value": 0, "effect": 146999, "least": 147000, "violations": 0},
		"faster": {"p_value": 0, "effect": -900000, "least": 0, "violations": 0},
		"no difference": {"p_value": 0, "effect": 0, "least": 0, "violations": 0},
		"any difference": {"p_value": 0, "effect": 1, "least": 0, "violations": 1},
	}
	count(denied(case.p_value, case.effect, case.least)) == case.violations
}
