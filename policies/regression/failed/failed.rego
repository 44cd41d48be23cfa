# METADATA
# title: No test fails that passed in the release before
# description: >-
#   A suite in which some tests are known to fail hides the one that has begun to. Where tests.passed would deny
#   everything, this denies what is new.
# custom:
#   severity: high
#   needs:
#     test_results: [cases.name, cases.suite, cases.outcome, cases.locator]
#   baseline:
#     test_results: [names, cases.name, cases.suite, cases.outcome]
#   remedy: Mend what the change has broken.
#   controls: [ISO27001-A.8.29, SOC2-CC8.1, SSDF-PW.8.2]
package gatekeeper.regression.failed

import rego.v2

there contains name if {
	some report in input.baseline.test_results
	some name in report.names
}

did_not_pass contains $"{case.suite}::{case.name}" if {
	some report in input.baseline.test_results
	some case in report.cases
	case.outcome in {"failed", "errored", "skipped"}
}

deny contains violation if {
	some report in input.test_results
	some case in report.cases
	case.outcome in {"failed", "errored"}
	name := $"{case.suite}::{case.name}"
	name in there
	not name in did_not_pass
	violation := {
		"message": $"{name} {case.outcome} and passed in the release before",
		"term": name,
		"source": report.source,
		"locator": case.locator,
	}
}
