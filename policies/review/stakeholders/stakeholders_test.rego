package gatekeeper.review.stakeholders_test

import rego.v2

import data.gatekeeper.review.stakeholders

denied(verdicts, approvals) := answer if {
	reviews := [item |
		some index, [reviewer, verdict] in verdicts
		item := {"reviewer": reviewer, "verdict": verdict, "locator": $"/{index}"}
	]
	answer := stakeholders.deny with input as {
		"review": [{"source": {"slot": "review"}, "reviews": reviews}],
		"parameters": {"approvals": approvals},
	}
}

test_deny_says_how_many_are_missing if {
	denied([["ada", "approved"]], 2) == {{
		"message": "1 of 2 reviewers have approved",
		"source": {"slot": "review"},
		"expected": 2,
		"actual": 1,
		"unit": "reviewers",
	}}
}

test_deny_says_what_was_asked_for if {
	answer := stakeholders.deny with input as {
		"review": [{"source": {"slot": "review"}, "reviews": [
			{"reviewer": "ada", "verdict": "approved", "locator": "/0"},
			{"reviewer": "bo", "verdict": "changes_requested", "locator": "/1", "comment": "add a test"},
		]}],
		"parameters": {"approvals": 1},
	}
	answer == {{
		"message": "bo has asked for changes: add a test",
		"term": "bo",
		"source": {"slot": "review"},
		"locator": "/1",
		"expected": "approved",
		"actual": "changes_requested",
	}}
}

test_deny_where_no_comment_is_known if {
	{violation.message | some violation in denied([["ada", "approved"], ["bo", "changes_requested"]], 1)} == {"bo has asked for changes"}
}

test_every_verdict[verdict] if {
	some verdict, violations in {"approved": 0, "changes_requested": 2, "commented": 1, "dismissed": 1}
	count(denied([["ada", verdict]], 1)) == violations
}

test_the_last_word_counts[name] if {
	some name, case in {
		"approved, then commented": {"verdicts": [["ada", "approved"], ["ada", "commented"]], "violations": 0},
		"approved, then dismissed": {"verdicts": [["ada", "approved"], ["ada", "dismissed"]], "violations": 1},
		"approved, then asked": {"verdicts": [["ada", "approved"], ["ada", "changes_requested"]], "violations": 2},
		"asked, then approved": {"verdicts": [["ada", "changes_requested"], ["ada", "approved"]], "violations": 0},
		"asked, then commented": {"verdicts": [["ada", "changes_requested"], ["ada", "commented"]], "violations": 2},
		"asked, then dismissed": {"verdicts": [["ada", "changes_requested"], ["ada", "dismissed"]], "violations": 1},
		"asked, another approved": {"verdicts": [["bo", "changes_requested"], ["ada", "approved"]], "violations": 1},
	}
	count(denied(case.verdicts, 1)) == case.violations
}

test_one_person_counts_once if {
	count(denied([["ada", "approved"], ["ada", "approved"]], 2)) == 1
	denied([["ada", "approved"], ["bo", "approved"]], 2) == set()
}
