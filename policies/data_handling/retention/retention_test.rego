package gatekeeper.data_handling.retention_test

import rego.v2

import data.gatekeeper.data_handling.retention

limits := {
	"max_days_public": 40,
	"max_days_internal": 30,
	"max_days_confidential": 20,
	"max_days_restricted": 10,
}

denied(class, days, policies) := answer if {
	store := {
		"name": "accounts",
		"classification": class,
		"retention_days": days,
		"retention_policy": "R1",
		"locator": "/stores/0",
	}
	answer := retention.deny with input as {
		"data_handling": [{"source": {"slot": "data"}, "stores": [store]}],
		"parameters": object.union(limits, {"policies": policies}),
	}
}

test_deny_what_is_kept_too_long if {
	denied("restricted", 11, []) == {{
		"message": "accounts is kept for 11 days, restricted data for at most 10",
		"term": "accounts",
		"source": {"slot": "data"},
		"locator": "/stores/0",
		"expected": 10,
		"actual": 11,
		"unit": "days",
	}}
}

test_every_class_at_its_limit[class] if {
	some class, limit in {"public": 40, "internal": 30, "confidential": 20, "restricted": 10}
	denied(class, limit, []) == set()
	count(denied(class, limit + 1, [])) == 1
}

test_deny_another_policy if {
	denied("public", 1, ["R2", "R3"]) == {{
		"message": "accounts follows R1, which is none of the policies",
		"term": "accounts policy",
		"source": {"slot": "data"},
		"locator": "/stores/0",
		"expected": "R2, R3",
		"actual": "R1",
	}}
}

test_deny_another_than_the_only_policy if {
	count(denied("public", 1, ["R2"])) == 1
}

test_pass_a_policy_that_is_listed if {
	denied("public", 1, ["R1"]) == set()
	denied("public", 1, ["R2", "R1"]) == set()
}
