package gatekeeper.regression.vanished_test

import rego.v2

import data.gatekeeper.regression.vanished

suite(slot, names) := {"source": {"slot": slot}, "names": names, "total": count(names)}

denied(now, before, allowed) := answer if {
	answer := vanished.deny with input as {
		"test_results": now,
		"baseline": {"test_results": before},
		"parameters": {"allowed": allowed},
	}
}

test_pass_when_all_are_there if {
	denied([suite("unit", ["s::a", "s::b"])], [suite("unit", ["s::a", "s::b"])], []) == set()
}

test_pass_when_there_are_more if {
	denied([suite("unit", ["s::a", "s::b"])], [suite("unit", ["s::a"])], []) == set()
}

test_deny_a_test_that_is_gone if {
	denied([suite("unit", ["s::a", "s::c"])], [suite("before", ["s::a", "s::b"])], ["s::a", "s", "::b"]) == {{
		"message": "s::b was there in the release before and is gone",
		"term": "s::b",
		"source": {"slot": "before"},
	}}
}

test_pass_what_may_be_gone if {
	denied([suite("unit", ["s::a"])], [suite("unit", ["s::a", "s::b", "s::c"])], ["s::[bc]"]) == set()
}

test_pass_a_test_that_moved_to_another_report if {
	now := [suite("unit", ["s::a"]), suite("e2e", ["s::b"])]
	denied(now, [suite("unit", ["s::a", "s::b"])], []) == set()
}

test_deny_a_report_that_is_gone if {
	before := [suite("unit", ["s::a"]), suite("e2e", ["s::b"])]
	{violation.term | some violation in denied([suite("unit", ["s::a"])], before, [])} == {"s::b"}
}

test_deny_fewer_tests_of_one_name if {
	denied([suite("unit", ["s::a", "s::b"])], [suite("unit", ["s::a", "s::b", "s::b", "s::c"])], ["s::c"]) == {{
		"message": "2 tests where there were 4, and 1 names are gone",
		"term": "total",
		"source": {"slot": "unit"},
		"expected": 3,
		"actual": 2,
		"unit": "tests",
	}}
}

test_pass_as_many_as_names_explain if {
	denied([suite("unit", ["s::a", "s::b"])], [suite("unit", ["s::a", "s::b", "s::c"])], ["s::c"]) == set()
}
