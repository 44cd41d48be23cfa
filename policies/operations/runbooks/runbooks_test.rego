package gatekeeper.operations.runbooks_test

import rego.v2

import data.gatekeeper.operations.runbooks

denied(listed) := answer if {
	answer := runbooks.deny with input as {
		"runbook": [{"source": {"slot": "runbook"}, "runbooks": listed}],
		"parameters": {"situations": ["rollback", "on call"]},
	}
}

book(covers, reviewers) := {
	"name": "back",
	"covers": covers,
	"reviewed_at": "2026-01-01T00:00:00Z",
	"reviewers": reviewers,
	"locator": "/runbooks/0",
}

test_deny_names_what_is_not_covered if {
	denied([book(["rollback"], ["ada"])]) == {{
		"message": "no runbook covers on call",
		"term": "on call",
		"source": {"slot": "runbook"},
	}}
}

test_deny_a_review_by_nobody if {
	denied([book(["rollback", "on call"], [])]) == {{
		"message": "nobody is named who reviewed back at 2026-01-01T00:00:00Z",
		"term": "back",
		"source": {"slot": "runbook"},
		"locator": "/runbooks/0",
	}}
}

test_covered[name] if {
	some name, case in {
		"by one": {"runbooks": [book(["rollback", "on call"], ["ada"])], "violations": 0},
		"by two": {"runbooks": [book(["rollback"], ["ada"]), book(["on call"], ["bo"])], "violations": 0},
		"by none": {"runbooks": [book([], ["ada"])], "violations": 2},
	}
	count(denied(case.runbooks)) == case.violations
}

# what one report covers need not be covered by another
test_reports_are_seen_together if {
	reports := [
		{"source": {"slot": "a"}, "runbooks": [book(["rollback"], ["ada"])]},
		{"source": {"slot": "b"}, "runbooks": [book(["on call"], ["ada"])]},
	]
	answer := runbooks.deny with input as {
		"runbook": reports,
		"parameters": {"situations": ["rollback", "on call"]},
	}
	answer == set()
}
