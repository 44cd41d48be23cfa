package gatekeeper.canary.adoption_test

import rego.v2

import data.gatekeeper.canary.adoption

denied(adopted, eligible) := answer if {
	answer := adoption.deny with input as {
		"canary": [{"source": {"slot": "canary"}, "steps": [{
			"name": "first",
			"exposure_percent": 10,
			"adopted": adopted,
			"eligible": eligible,
			"locator": "/steps/0",
		}]}],
		"parameters": {"tolerance_percent": 2},
	}
}

test_deny_fewer_than_planned if {
	denied(79, 1000) == {{
		"message": "in first 79 of 1000 had the canary, its exposure was 10%",
		"term": "first",
		"source": {"slot": "canary"},
		"locator": "/steps/0",
		"expected": 10,
		"actual": 7,
		"unit": "percent",
	}}
}

test_deny_where_nobody_could if {
	denied(0, 0) == {{
		"message": "in first nobody could have had the canary",
		"term": "first",
		"source": {"slot": "canary"},
		"locator": "/steps/0",
		"expected": 1,
		"actual": 0,
	}}
}

test_bounds[name] if {
	some name, case in {
		"as planned": {"adopted": 100, "violations": 0},
		"at the lower bound": {"adopted": 80, "violations": 0},
		"at the upper bound": {"adopted": 120, "violations": 0},
		"above the upper bound": {"adopted": 121, "violations": 1},
		"everybody": {"adopted": 1000, "violations": 1},
	}
	count(denied(case.adopted, 1000)) == case.violations
}

test_what_they_had_is_said_in_whole_percents if {
	{violation.actual | some violation in denied(1000, 1000)} == {100}
}

test_one_who_could_is_somebody if count(denied(1, 1)) == 1
