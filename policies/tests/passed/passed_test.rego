package gatekeeper.tests.passed_test

import rego.v2

import data.gatekeeper.tests.passed

denied(cases) := answer if {
	report := {"source": {"slot": "unit"}, "cases": cases}
	answer := passed.deny with input as {"test_results": [report]}
}

case(outcome) := {"name": "test_login", "suite": "tests.test_web", "outcome": outcome, "locator": "/testsuite/testcase[3]"}

test_deny_names_the_test_and_its_place if {
	denied([case("failed")]) == {{
		"message": "tests.test_web::test_login failed",
		"term": "tests.test_web::test_login",
		"source": {"slot": "unit"},
		"locator": "/testsuite/testcase[3]",
		"expected": "passed",
		"actual": "failed",
	}}
}

test_every_outcome[outcome] if {
	some outcome, violations in {"failed": 1, "errored": 1, "skipped": 0, "flaky": 0}
	count(denied([case(outcome)])) == violations
}

test_deny_each_test_for_itself if {
	other := object.union(case("errored"), {"name": "test_logout"})
	{violation.term | some violation in denied([case("failed"), other])} == {
		"tests.test_web::test_login",
		"tests.test_web::test_logout",
	}
}

test_deny_in_any_report if {
	red := {"source": {"slot": "unit", "shard": "2/2"}, "cases": [case("failed")]}
	green := {"source": {"slot": "unit", "shard": "1/2"}, "cases": []}
	count(passed.deny) == 1 with input as {"test_results": [green, red]}
}

test_pass_without_cases_that_did_not_pass if {
	denied([]) == set()
}
