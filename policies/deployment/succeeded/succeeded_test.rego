package gatekeeper.deployment.succeeded_test

import rego.v2

import data.gatekeeper.deployment.succeeded

denied(deployments) := answer if {
	answer := succeeded.deny with input as {
		"deployment": [{"source": {"slot": "deployment"}, "deployments": deployments}],
		"parameters": {"environment": "production"},
	}
}

deployed(id, environment, outcome, hour) := {
	"id": id,
	"environment": environment,
	"outcome": outcome,
	"finished_at": sprintf("2026-01-01T%02d:00:00Z", [hour]),
	"locator": sprintf("/%s", [id]),
}

test_deny_the_last_that_did_not_succeed if {
	denied([deployed("1", "production", "succeeded", 9), deployed("2", "production", "rolled_back", 10)]) == {{
		"message": "2, the last deployment to production, is rolled_back",
		"term": "2",
		"source": {"slot": "deployment"},
		"locator": "/2",
		"expected": "succeeded",
		"actual": "rolled_back",
	}}
}

test_deny_where_nothing_was_deployed if {
	denied([deployed("1", "staging", "succeeded", 9)]) == {{
		"message": "nothing was deployed to production",
		"source": {"slot": "deployment"},
	}}
}

test_order[name] if {
	some name, case in {
		"succeeded": {"deployments": [deployed("1", "production", "succeeded", 9)], "violations": 0},
		"failed before": {
			"deployments": [deployed("2", "production", "succeeded", 10), deployed("1", "production", "failed", 9)],
			"violations": 0,
		},
		"two at once, one of them failed": {
			"deployments": [deployed("1", "production", "succeeded", 9), deployed("2", "production", "failed", 9)],
			"violations": 1,
		},
		"failed elsewhere": {
			"deployments": [deployed("1", "production", "succeeded", 9), deployed("2", "staging", "failed", 10)],
			"violations": 0,
		},
		"removed": {"deployments": [deployed("1", "production", "removed", 9)], "violations": 1},
		"unfinished": {"deployments": [deployed("1", "production", "unfinished", 9)], "violations": 1},
	}
	count(denied(case.deployments)) == case.violations
}
