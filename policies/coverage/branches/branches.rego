# METADATA
# title: Enough of the branches are exercised
# description: >-
#   A line that was run with one outcome of its condition is half tested. A report that knows of no branch did not look
#   for any.
# custom:
#   severity: medium
#   needs:
#     coverage: [branches_covered, branches_valid]
#   parameters:
#     minimum_percent: {type: integer, minimum: 0, maximum: 100, default: 70, tighten: up}
#   remedy: Measure branches, and add tests for the outcomes that none has seen.
#   controls: [SSDF-PW.8.2]
package gatekeeper.coverage.branches

import rego.v2

deny contains violation if {
	some report in input.coverage
	report.branches_covered * 100 < input.parameters.minimum_percent * report.branches_valid
	violation := {
		"message": $"{report.branches_covered} of {report.branches_valid} branches are covered, {input.parameters.minimum_percent}% are needed",
		"source": report.source,
		"expected": ceil((input.parameters.minimum_percent * report.branches_valid) / 100),
		"actual": report.branches_covered,
		"unit": "branches",
	}
}

deny contains violation if {
	some report in input.coverage
	report.branches_valid == 0
	violation := {
		"message": "the report knows of no branch",
		"source": report.source,
		"expected": 1,
		"actual": 0,
		"unit": "branches",
	}
}
