package gatekeeper.canary.step_test

import rego.v2

import data.gatekeeper.canary.step

denied(next, exposures) := answer if {
	answer := step.deny with input as {
		"canary": [{
			"source": {"slot": "canary"},
			"next_exposure_percent": next,
			"steps": [{"exposure_percent": exposure, "finished": finished} | some exposure, finished in exposures],
		}],
		"parameters": {"plan": [5, 25, 50, 100]},
	}
}

test_deny_a_step_that_is_left_out if {
	denied(50, {5: true}) == {{
		"message": "50% are asked for, and the step of 25% has not been finished",
		"term": "25%",
		"source": {"slot": "canary"},
		"locator": "next_exposure_percent",
		"expected": 25,
		"actual": 50,
		"unit": "percent",
	}}
}

test_steps[name] if {
	some name, case in {
		"the first": {"next": 5, "exposures": {}, "violations": 0},
		"the second": {"next": 25, "exposures": {5: true}, "violations": 0},
		"the second, while the first goes on": {"next": 25, "exposures": {5: false}, "violations": 1},
		"less than the second": {"next": 10, "exposures": {5: true}, "violations": 0},
		"more than the second": {"next": 26, "exposures": {5: true}, "violations": 1},
		"all at once": {"next": 100, "exposures": {5: true}, "violations": 2},
		"the last": {"next": 100, "exposures": {5: true, 25: true, 50: true}, "violations": 0},
		"the same again": {"next": 5, "exposures": {5: true}, "violations": 0},
	}
	count(denied(case.next, case.exposures)) == case.violations
}

test_earlier_steps_may_be_in_another_report if {
	denied := step.deny with input as {
		"canary": [
			{"source": {"shard": "1/2"}, "next_exposure_percent": 25, "steps": [{"exposure_percent": 5, "finished": true}]},
			{"source": {"shard": "2/2"}, "next_exposure_percent": 50, "steps": [{"exposure_percent": 25, "finished": true}]},
		],
		"parameters": {"plan": [5, 25, 50]},
	}
	denied == set()
}
