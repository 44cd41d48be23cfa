# METADATA
# title: The canary has room for more traffic
# description: >-
#   A version that is near the end of its resources at a small exposure will not bear a larger one, and a service that
#   is saturated measures its queue and not itself.
# custom:
#   severity: medium
#   needs:
#     canary: [steps.name, steps.saturation_percent, steps.locator]
#   parameters:
#     max_saturation_percent: {type: integer, minimum: 1, maximum: 100, default: 80, tighten: down}
#   remedy: Give the canary more resources or more instances before it gets more traffic.
#   controls: [ISO27001-A.8.6, SOC2-A1.1]
package gatekeeper.canary.saturation

import rego.v2

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.saturation_percent > input.parameters.max_saturation_percent
	violation := {
		"message": $"in {step.name} a resource of the canary was used to {step.saturation_percent}%, at most {input.parameters.max_saturation_percent}% is allowed",
		"term": step.name,
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.max_saturation_percent,
		"actual": step.saturation_percent,
		"unit": "percent",
	}
}
