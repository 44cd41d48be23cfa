# METADATA
# title: Coverage has not fallen since the release before
# description: >-
#   A minimum says nothing until it is reached, and by then nobody knows which change took the tests away. The share of
#   lines over all reports is compared with that of the release before.
# custom:
#   severity: medium
#   needs:
#     coverage: [lines_covered, lines_valid]
#   baseline:
#     coverage: [lines_covered, lines_valid]
#   parameters:
#     max_drop_permille:
#       type: integer
#       minimum: 0
#       maximum: 1000
#       default: 0
#       tighten: down
#       description: How much less of a thousand lines may be covered.
#   remedy: Add tests for what has been written since, or say with a waiver why it has none.
#   controls: [ISO27001-A.8.29, SSDF-PW.8.2]
package gatekeeper.regression.coverage

import rego.v2

deny contains violation if {
	some report in input.coverage
	now := sum([other.lines_covered | some other in input.coverage])
	of_now := sum([other.lines_valid | some other in input.coverage])
	before := sum([other.lines_covered | some other in input.baseline.coverage])
	of_before := sum([other.lines_valid | some other in input.baseline.coverage])
	(now * of_before) * 1000 < ((before * of_now) * 1000) - ((input.parameters.max_drop_permille * of_now) * of_before)
	violation := {
		"message": $"{now} of {of_now} lines are covered, {before} of {of_before} were in the release before",
		"source": report.source,
		"expected": $"{before} of {of_before}",
		"actual": $"{now} of {of_now}",
	}
}
