package gatekeeper.deployment.failures_test

import rego.v2

import data.gatekeeper.deployment.failures

denied(outcomes, environment) := answer if {
	answer := failures.deny with input as {
		"deployment": [{
			"source": {"slot": "deployment", "digest": "sha256:1"},
			"deployments": [{"environment": environment, "outcome": outcome} | some outcome in outcomes],
		}],
		"parameters": {"environment": "production", "max_failed_percent": 25, "minimum_deployments": 4},
	}
}

test_deny_says_how_many_failed if {
	denied(["succeeded", "failed", "rolled_back", "succeeded"], "production") == {{
		"message": "2 of 4 deployments to production failed or were rolled back, at most 25% may",
		"term": "failures",
		"source": {"slot": "deployment", "digest": "sha256:1"},
		"expected": 1,
		"actual": 2,
		"unit": "deployments",
	}}
}

test_deny_too_few_to_tell if {
	denied(["succeeded", "succeeded", "succeeded", "unfinished"], "production") == {{
		"message": "3 deployments to production are finished, a rate needs 4",
		"term": "deployments",
		"source": {"slot": "deployment", "digest": "sha256:1"},
		"expected": 4,
		"actual": 3,
		"unit": "deployments",
	}}
}

test_bounds[name] if {
	some name, case in {
		"a quarter": {"outcomes": ["failed", "succeeded", "succeeded", "succeeded"], "environment": "production", "violations": 0},
		"removed is no failure": {"outcomes": ["failed", "succeeded", "removed", "succeeded"], "environment": "production", "violations": 0},
		"none to this environment": {"outcomes": ["succeeded", "succeeded", "succeeded", "succeeded"], "environment": "staging", "violations": 1},
		"one of three that are finished": {
			"outcomes": ["failed", "succeeded", "succeeded", "unfinished"],
			"environment": "production",
			"violations": 2,
		},
		"too few and failed": {"outcomes": ["failed"], "environment": "production", "violations": 2},
	}
	count(denied(case.outcomes, case.environment)) == case.violations
}

test_deny_a_fraction_above_and_round_what_may_fail_down if {
	outcomes := array.concat(
		["failed" | some _ in numbers.range(1, 100)],
		["succeeded" | some _ in numbers.range(1, 299)],
	)
	{violation.expected | some violation in denied(outcomes, "production")} == {99}
}
