# METADATA
# title: The next step of the canary is the next one that was planned
# description: >-
#   Each exposure is allowed by what the one before it has shown. A step that is skipped would let a version from a
#   handful of users to half of them on the evidence of the handful.
# custom:
#   severity: high
#   needs:
#     canary: [next_exposure_percent, steps.exposure_percent, steps.finished]
#   parameters:
#     plan:
#       type: array
#       items: {type: integer, minimum: 1, maximum: 100}
#       minItems: 1
#       uniqueItems: true
#       default: [5, 25, 50, 100]
#       tighten: superset
#       description: The exposures through which a canary goes, in per cent; after the greatest it may have all.
#   remedy: Ask for the least planned exposure that the canary has not had.
#   controls: [ISO27001-A.8.32, SOC2-CC8.1]
package gatekeeper.canary.step

import rego.v2

deny contains violation if {
	some report in input.canary
	some planned in input.parameters.plan
	planned < report.next_exposure_percent
	not planned in finished
	violation := {
		"message": $"{report.next_exposure_percent}% are asked for, and the step of {planned}% has not been finished",
		"term": $"{planned}%",
		"source": report.source,
		"locator": "next_exposure_percent",
		"expected": planned,
		"actual": report.next_exposure_percent,
		"unit": "percent",
	}
}

finished contains step.exposure_percent if {
	some report in input.canary
	some step in report.steps
	step.finished
}
