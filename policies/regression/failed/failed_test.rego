package gatekeeper.regression.failed_test

import rego.v2

import data.gatekeeper.regression.failed

case(outcome) := {"suite": "s", "name": "a", "outcome": outcome, "locator": "/testcase[1]"}

denied(now, before, names) := answer if {
	answer := failed.deny with input as {
		"test_results": [{"source": {"slot": "unit"}, "cases": now}],
		"baseline": {"test_results": [{"source": {"slot": "before"}, "cases": before, "names": names}]},
	}
}

test_deny_a_test_that_passed_before if {
	denied([case("failed")], [], ["s::a"]) == {{
		"message": "s::a failed and passed in the release before",
		"term": "s::a",
		"source": {"slot": "unit"},
		"locator": "/testcase[1]",
	}}
}

test_outcomes_now[outcome] if {
	some outcome, violations in {"failed": 1, "errored": 1, "skipped": 0, "flaky": 0}
	count(denied([case(outcome)], [], ["s::a"])) == violations
}

test_outcomes_before[outcome] if {
	some outcome, violations in {"failed": 0, "errored": 0, "skipped": 0, "flaky": 1}
	count(denied([case("failed")], [case(outcome)], ["s::a"])) == violations
}

test_pass_a_test_that_is_new if {
	denied([case("failed")], [], ["s::b"]) == set()
}
