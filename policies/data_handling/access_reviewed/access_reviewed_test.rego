package gatekeeper.data_handling.access_reviewed_test

import rego.v2

import data.gatekeeper.data_handling.access_reviewed

denied(owner, reviewer) := answer if {
	store := {"name": "accounts", "owner": owner, "locator": "/stores/0"}
	report := {
		"source": {"slot": "data"},
		"access_reviewed_at": "2026-01-01T00:00:00Z",
		"access_reviewer": reviewer,
		"stores": [store],
	}
	answer := access_reviewed.deny with input as {"data_handling": [report], "parameters": {"max_review_age": "180d"}}
}

test_deny_the_owner_alone if {
	denied("github:ada", "github:ada") == {{
		"message": "access to accounts was reviewed by its owner, github:ada",
		"term": "accounts",
		"source": {"slot": "data"},
		"locator": "/stores/0",
		"actual": "github:ada",
	}}
}

test_deny_what_names_nobody if {
	denied("github:ada", "the team") == {{
		"message": "the team names no person who reviewed access",
		"term": "reviewer",
		"source": {"slot": "data"},
		"locator": "/access_reviewer",
		"actual": "the team",
	}}
}

test_deny_reviewer[reviewer] if {
	some reviewer in ["ada", "github:", "svn:ada", "github:ada bo", "x github:ada", ":ada", "github:a:b"]
	count(denied("github:ada", reviewer)) == 1
}

test_pass[reviewer] if {
	some reviewer in ["github:bo", "gitlab:bo", "email:bo@example.org"]
	denied("github:ada", reviewer) == set()
}
