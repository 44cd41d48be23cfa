package gatekeeper.operations.precision_test

import rego.v2

import data.gatekeeper.operations.precision

denied(outcomes) := answer if {
	answer := precision.deny with input as {
		"alerts": [{
			"source": {"slot": "alerts"},
			"fired": [{"outcome": outcome} | some outcome in outcomes],
			"fired_count": count(outcomes),
		}],
		"parameters": {"minimum_percent": 50},
	}
}

test_deny_says_how_many if {
	denied(["actionable", "noise", "unknown"]) == {{
		"message": "1 of 3 alerts needed somebody, 50% are asked",
		"source": {"slot": "alerts"},
		"expected": 2,
		"actual": 1,
		"unit": "alerts",
	}}
}

test_bounds[name] if {
	some name, case in {
		"none fired": {"outcomes": [], "violations": 0},
		"half": {"outcomes": ["actionable", "noise"], "violations": 0},
		"less than half": {"outcomes": ["actionable", "noise", "noise"], "violations": 1},
		"all": {"outcomes": ["actionable"], "violations": 0},
		"not judged": {"outcomes": ["unknown"], "violations": 1},
	}
	count(denied(case.outcomes)) == case.violations
}

test_deny_a_fraction_below_and_round_what_is_asked_up if {
	outcomes := array.concat(
		["actionable" | some _ in numbers.range(1, 100)],
		["noise" | some _ in numbers.range(1, 101)],
	)
	{violation.expected | some violation in denied(outcomes)} == {101}
}
