package gatekeeper.dependencies.locked_test

import rego.v2

import data.gatekeeper.dependencies.locked

denied(dependency, unlocked) := answer if {
	named := object.union({"name": "left-pad", "pinned": true, "locator": "/packages/0"}, dependency)
	report := {"source": {"slot": "lock"}, "packages": [named], "unlocked": unlocked}
	answer := locked.deny with input as {"dependencies": [report]}
}

test_deny_what_is_not_pinned if {
	denied({"pinned": false}, []) == {{
		"message": "left-pad is not pinned",
		"term": "left-pad",
		"source": {"slot": "lock"},
		"locator": "/packages/0",
	}}
}

test_deny_says_the_version_where_there_is_one if {
	{violation.message | some violation in denied({"pinned": false, "version": "2"}, [])} == {"left-pad 2 is not pinned"}
}

test_deny_what_is_required_and_not_locked if {
	denied({}, [{"name": "right-pad", "locator": "/unlocked/0"}]) == {{
		"message": "right-pad is required and not locked",
		"term": "right-pad",
		"source": {"slot": "lock"},
		"locator": "/unlocked/0",
	}}
}

test_pass_when_all_is_locked if {
	denied({"version": "1.3.0"}, []) == set()
}

test_deny_each_package_of_each_report if {
	one := {"name": "a", "pinned": false, "locator": "/0"}
	two := {"name": "b", "pinned": true, "locator": "/1"}
	reports := [{"source": {"slot": slot}, "packages": [two, one], "unlocked": []} | some slot in ["x", "y"]]
	answer := locked.deny with input as {"dependencies": reports}
	{[violation.source.slot, violation.term] | some violation in answer} == {["x", "a"], ["y", "a"]}
}
