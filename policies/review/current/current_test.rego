package gatekeeper.review.current_test

import rego.v2

import data.gatekeeper.review.current

denied(reviews, approvals) := answer if {
	answer := current.deny with input as {
		"review": [{"source": {"slot": "review"}, "reviews": reviews}],
		"change": [{"source": {"slot": "change"}, "commit": "c2"}],
		"parameters": {"approvals": approvals},
	}
}

approval(reviewer, commit) := {"reviewer": reviewer, "verdict": "approved", "commit": commit}

test_deny_names_the_commit if {
	denied([approval("ada", "c1")], 1) == {{
		"message": "0 of 1 reviewers have approved the commit c2",
		"term": "c2",
		"source": {"slot": "review"},
		"expected": 1,
		"actual": 0,
		"unit": "reviewers",
	}}
}

test_approvals[name] if {
	some name, case in {
		"of the commit": {"reviews": [approval("ada", "c2")], "approvals": 1, "violations": 0},
		"of an older commit": {"reviews": [approval("ada", "c1")], "approvals": 1, "violations": 1},
		"of a commit that begins so": {"reviews": [approval("ada", "c22")], "approvals": 1, "violations": 1},
		"one of each": {"reviews": [approval("ada", "c1"), approval("bo", "c2")], "approvals": 1, "violations": 0},
		"one of each, two needed": {"reviews": [approval("ada", "c1"), approval("bo", "c2")], "approvals": 2, "violations": 1},
		"the same person again": {"reviews": [approval("ada", "c1"), approval("ada", "c2")], "approvals": 1, "violations": 0},
		"twice the same person": {"reviews": [approval("ada", "c2"), approval("ada", "c2")], "approvals": 2, "violations": 1},
		"taken back": {
			"reviews": [approval("ada", "c2"), {"reviewer": "ada", "verdict": "dismissed", "commit": "c2"}],
			"approvals": 1,
			"violations": 1,
		},
		"two people, two needed": {"reviews": [approval("ada", "c2"), approval("bo", "c2")], "approvals": 2, "violations": 0},
		"followed by a no of somebody else": {
			"reviews": [approval("ada", "c2"), {"reviewer": "bo", "verdict": "changes_requested", "commit": "c2"}],
			"approvals": 1,
			"violations": 0,
		},
		"followed by a comment": {
			"reviews": [approval("ada", "c2"), {"reviewer": "ada", "verdict": "commented", "commit": "c2"}],
			"approvals": 1,
			"violations": 0,
		},
	}
	count(denied(case.reviews, case.approvals)) == case.violations
}

test_every_verdict[verdict] if {
	some verdict, violations in {"approved": 0, "changes_requested": 1, "commented": 1, "dismissed": 1}
	count(denied([{"reviewer": "ada", "verdict": verdict, "commit": "c2"}], 1)) == violations
}
