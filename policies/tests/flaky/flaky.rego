# METADATA
# title: Tests pass the first time
# description: >-
#   A test that passes only when it is run again hides a race, in the test or in the code, and teaches people to press
#   the button again.
# custom:
#   severity: low
#   needs:
#     test_results: [flaky, cases.name, cases.suite, cases.outcome, cases.locator]
#   parameters:
#     max_flaky: {type: integer, minimum: 0, default: 0, tighten: down}
#   remedy: Find out why the test fails at times, or take it out of the suite until somebody has.
#   controls: [SSDF-PW.8.2]
package gatekeeper.tests.flaky

import rego.v2

deny contains violation if {
	some report in input.test_results
	report.flaky > input.parameters.max_flaky
	some case in report.cases
	case.outcome == "flaky"
	violation := {
		"message": $"{case.suite}::{case.name} passed only when it was run again",
		"term": $"{case.suite}::{case.name}",
		"source": report.source,
		"locator": case.locator,
		"expected": input.parameters.max_flaky,
		"actual": report.flaky,
		"unit": "flaky tests",
	}
}
