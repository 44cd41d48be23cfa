# METADATA
# title: Few tests are skipped
# description: >-
#   Skipping is the quietest way to make a red suite green. What is skipped was not tested, whatever the total says.
# custom:
#   severity: medium
#   needs:
#     test_results: [skipped, total]
#   parameters:
#     max_skipped_percent: {type: integer, minimum: 0, maximum: 100, default: 5, tighten: down}
#   remedy: Run the skipped tests, or take out those that are no longer meant to run.
#   controls: [ISO27001-A.8.29, SSDF-PW.8.2]
package gatekeeper.tests.skipped

import rego.v2

deny contains violation if {
	some report in input.test_results
	report.skipped * 100 > input.parameters.max_skipped_percent * report.total
	violation := {
		"message": $"{report.skipped} of {report.total} tests are skipped, at most {input.parameters.max_skipped_percent}% may be",
		"source": report.source,
		"expected": floor((input.parameters.max_skipped_percent * report.total) / 100),
		"actual": report.skipped,
		"unit": "tests",
	}
}
