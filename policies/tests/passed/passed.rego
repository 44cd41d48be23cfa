# METADATA
# title: Every test passed
# description: >-
#   A failed test is a defect that somebody has already found. One that could not run says nothing, which is no better.
# custom:
#   severity: high
#   needs:
#     test_results: [cases.name, cases.suite, cases.outcome, cases.locator]
#   remedy: Mend the code or the test and run the suite again.
#   controls: [ISO27001-A.8.29, SOC2-CC8.1, SSDF-PW.8.2]
package gatekeeper.tests.passed

import rego.v2

deny contains violation if {
	some report in input.test_results
	some case in report.cases
	case.outcome in {"failed", "errored"}
	violation := {
		"message": $"{case.suite}::{case.name} {case.outcome}",
		"term": $"{case.suite}::{case.name}",
		"source": report.source,
		"locator": case.locator,
		"expected": "passed",
		"actual": case.outcome,
	}
}
