package gatekeeper.change_record.assessed_test

import rego.v2

import data.gatekeeper.change_record.assessed

denied(reviewers) := answer if {
	answer := assessed.deny with input as {
		"risk": [{"source": {"slot": "risk"}, "assessed_at": "2026-11-20T10:00:00Z", "reviewed_by": reviewers}],
		"parameters": {"max_age": "90d", "minimum_reviewers": 2},
	}
}

test_pass_at_the_limit if {
	denied(["github:ada", "github:ben"]) == set()
}

test_deny_one_who_is_named_twice if {
	denied(["github:ada", "github:ada"]) == {{
		"message": "1 people have reviewed the assessment, 2 are needed",
		"source": {"slot": "risk"},
		"expected": 2,
		"actual": 1,
		"unit": "people",
	}}
}

test_deny_nobody if {
	count(denied([])) == 1
}
