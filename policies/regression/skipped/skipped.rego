# METADATA
# title: No test is skipped that ran in the release before
# description: >-
#   A test that is skipped from one release to the next was in the way of something. That there are few skipped tests
#   (tests.skipped) does not say which.
# custom:
#   severity: medium
#   needs:
#     test_results: [cases.name, cases.suite, cases.outcome, cases.locator]
#   baseline:
#     test_results: [names, cases.name, cases.suite, cases.outcome]
#   remedy: Run the test, or have its going reviewed and take it out.
#   controls: [ISO27001-A.8.29, SSDF-PW.8.2]
package gatekeeper.regression.skipped

import rego.v2

there contains name if {
	some report in input.baseline.test_results
	some name in report.names
}

skipped_before contains $"{case.suite}::{case.name}" if {
	some report in input.baseline.test_results
	some case in report.cases
	case.outcome == "skipped"
}

deny contains violation if {
	some report in input.test_results
	some case in report.cases
	case.outcome == "skipped"
	name := $"{case.suite}::{case.name}"
	name in there
	not name in skipped_before
	violation := {
		"message": $"{name} is skipped and ran in the release before",
		"term": name,
		"source": report.source,
		"locator": case.locator,
	}
}
