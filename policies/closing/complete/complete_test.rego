package gatekeeper.closing.complete_test

import rego.v2

import data.gatekeeper.closing.complete

denied(change) := answer if {
	closed := {
		"source": {"slot": "closing"},
		"version": "1.4.0",
		"closed_by": ["ada"],
		"items": [{"name": "docs", "done": true, "locator": "/items/0"}],
		"follow_ups": [{"title": "tidy", "owner": "bo", "locator": "/follow_ups/0"}],
	}
	answer := complete.deny with input as {
		"closing": [object.union(closed, change)],
		"parameters": {"required_items": ["docs"]},
	}
}

test_pass if {
	denied({}) == set()
}

test_nothing_is_left if {
	denied({"follow_ups": []}) == set()
}

test_deny_what_is_not_done if {
	denied({"items": [{"name": "docs", "done": false, "locator": "/items/0"}]}) == {{
		"message": "docs of 1.4.0 is not done",
		"term": "docs",
		"source": {"slot": "closing"},
		"locator": "/items/0",
	}}
}

test_deny_what_is_not_there if {
	denied({"items": [{"name": "other", "done": true, "locator": "/items/0"}]}) == {{
		"message": "the closing record of 1.4.0 says nothing of docs",
		"term": "docs",
		"source": {"slot": "closing"},
	}}
}

test_deny_what_nobody_closed if {
	denied({"closed_by": []}) == {{
		"message": "nobody closed 1.4.0",
		"term": "closed_by",
		"source": {"slot": "closing"},
	}}
}

test_deny_what_belongs_to_nobody if {
	denied({"follow_ups": [{"title": "tidy", "locator": "/follow_ups/0"}]}) == {{
		"message": "tidy is left of 1.4.0 and belongs to nobody",
		"term": "tidy",
		"source": {"slot": "closing"},
		"locator": "/follow_ups/0",
	}}
}
