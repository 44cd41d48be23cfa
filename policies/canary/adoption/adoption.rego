# METADATA
# title: As many users had the canary as its exposure says
# description: >-
#   A canary that fewer users had than was planned has not been tried, and one that more had is not a canary.
# custom:
#   severity: medium
#   needs:
#     canary: [steps.name, steps.exposure_percent, steps.adopted, steps.eligible, steps.locator]
#   parameters:
#     tolerance_percent:
#       type: integer
#       minimum: 0
#       maximum: 99
#       default: 3
#       tighten: down
#       description: How far the share may be from the exposure, in percentage points.
#   remedy: See how traffic or users are split, and why it is not as planned.
#   controls: [ISO27001-A.8.32, SOC2-CC7.1]
package gatekeeper.canary.adoption

import rego.v2

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.eligible > 0
	abs((step.adopted * 100) - (step.exposure_percent * step.eligible)) > input.parameters.tolerance_percent * step.eligible
	violation := {
		"message": $"in {step.name} {step.adopted} of {step.eligible} had the canary, its exposure was {step.exposure_percent}%",
		"term": step.name,
		"source": report.source,
		"locator": step.locator,
		"expected": step.exposure_percent,
		"actual": floor((step.adopted * 100) / step.eligible),
		"unit": "percent",
	}
}

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.eligible == 0
	violation := {
		"message": $"in {step.name} nobody could have had the canary",
		"term": step.name,
		"source": report.source,
		"locator": step.locator,
		"expected": 1,
		"actual": 0,
	}
}
