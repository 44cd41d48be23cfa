package gatekeeper.canary.errors_test

import rego.v2

import data.gatekeeper.canary.errors

denied(p_value, effect, failed) := answer if {
	answer := errors.deny with input as {
		"canary": [{"source": {"slot": "canary"}, "steps": [{
			"name": "5%",
			"canary": {"requests": 1000, "errors": failed},
			"error_rate": {"adjusted_p_value_ppm": p_value, "effect_ppm": effect},
			"locator": "/steps/0",
		}]}],
		"parameters": {"significance_ppm": 50000, "min_effect_ppm": 1000, "max_errors_ppm": 20000},
	}
}

test_deny_a_rise_that_chance_does_not_explain if {
	denied(49000, 9000, 12) == {{
		"message": "in 5% the error rate of the canary is 9000 ppm above that of the baseline (p = 49000 ppm)",
		"term": "5%: baseline",
		"source": {"slot": "canary"},
		"locator": "/steps/0",
		"expected": 1000,
		"actual": 9000,
		"unit": "ppm",
	}}
}

test_deny_more_errors_than_anybody_accepts if {
	denied(900000, 0, 21) == {{
		"message": "in 5% 21 of 1000 requests to the canary failed, at most 20000 in 1000000 may",
		"term": "5%",
		"source": {"slot": "canary"},
		"locator": "/steps/0",
		"expected": 20,
		"actual": 21,
		"unit": "requests",
	}}
}

test_bounds[name] if {
	some name, case in {
		"at both": {"p_value": 50000, "effect": 1000, "failed": 20, "violations": 1},
		"not significant": {"p_value": 50001, "effect": 90000, "failed": 20, "violations": 0},
		"neither significant nor large": {"p_value": 50001, "effect": 1000, "failed": 20, "violations": 0},
		"too small to matter": {"p_value": 0, "effect": 999, "failed": 20, "violations": 0},
		"fewer than the baseline": {"p_value": 0, "effect": -90000, "failed": 0, "violations": 0},
		"both reasons": {"p_value": 0, "effect": 50000, "failed": 50, "violations": 2},
	}
	count(denied(case.p_value, case.effect, case.failed)) == case.violations
}

test_no_difference_is_no_rise[effect] if {
	some effect, violations in {0: 0, 1: 1}
	steps := [{
		"name": "5%",
		"canary": {"requests": 1000, "errors": 0},
		"error_rate": {"adjusted_p_value_ppm": 0, "effect_ppm": effect},
		"locator": "/steps/0",
	}]
	denied := errors.deny with input as {
		"canary": [{"source": {}, "steps": steps}],
		"parameters": {"significance_ppm": 50000, "min_effect_ppm": 0, "max_errors_ppm": 0},
	}
	count(denied) == violations
}

test_one_request_too_many_of_millions if {
	steps := [{
		"name": "5%",
		"canary": {"requests": 49999999, "errors": 1000000},
		"error_rate": {"adjusted_p_value_ppm": 900000, "effect_ppm": 0},
		"locator": "/steps/0",
	}]
	denied := errors.deny with input as {
		"canary": [{"source": {}, "steps": steps}],
		"parameters": {"significance_ppm": 50000, "min_effect_ppm": 0, "max_errors_ppm": 20000},
	}
	{violation.expected | some violation in denied} == {999999}
}

test_what_may_fail_is_rounded_down if {
	steps := [{
		"name": "5%",
		"canary": {"requests": 149, "errors": 9},
		"error_rate": {"adjusted_p_value_ppm": 900000, "effect_ppm": 0},
		"locator": "/steps/0",
	}]
	denied := errors.deny with input as {
		"canary": [{"source": {}, "steps": steps}],
		"parameters": {"significance_ppm": 50000, "min_effect_ppm": 0, "max_errors_ppm": 20000},
	}
	{violation.expected | some violation in denied} == {2}
}
