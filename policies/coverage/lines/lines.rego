# METADATA
# title: Enough of the code is exercised
# description: Untested lines are where stage two finds what stage one should have.
# custom:
#   severity: medium
#   needs:
#     coverage: [lines_covered, lines_valid]
#   parameters:
#     minimum_percent: {type: integer, minimum: 0, maximum: 100, default: 80, tighten: up}
#   remedy: Add tests for the files listed, or ask for a waiver.
#   controls: [SSDF-PW.8.2]
package gatekeeper.coverage.lines

import rego.v2

deny contains violation if {
	some report in input.coverage
	report.lines_covered * 100 < input.parameters.minimum_percent * report.lines_valid
	violation := {
		"message": $"{report.lines_covered} of {report.lines_valid} lines are covered, {input.parameters.minimum_percent}% are needed",
		"source": report.source,
		"expected": ceil((input.parameters.minimum_percent * report.lines_valid) / 100),
		"actual": report.lines_covered,
		"unit": "lines",
	}
}
