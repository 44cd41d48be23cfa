# METADATA
# title: The canary does not fail more often than the version before it
# description: >-
#   A rise of the error rate that chance does not explain, and that is large enough to matter, sends the canary back. So
#   does an error rate that nobody accepts, however badly the version before it does.
# custom:
#   severity: critical
#   on_fail: roll_back
#   needs:
#     canary:
#       - steps.name
#       - steps.canary.requests
#       - steps.canary.errors
#       - steps.error_rate.adjusted_p_value_ppm
#       - steps.error_rate.effect_ppm
#       - steps.locator
#   parameters:
#     significance_ppm:
#       type: integer
#       minimum: 1
#       maximum: 500000
#       default: 50000
#       tighten: up
#       description: Chance of a false alarm; p-values are adjusted for the comparisons of a step.
#     min_effect_ppm:
#       type: integer
#       minimum: 0
#       maximum: 999999
#       default: 1000
#       tighten: down
#       description: The least rise that matters; a thousand is one request in a thousand.
#     max_errors_ppm:
#       type: integer
#       minimum: 0
#       maximum: 1000000
#       default: 50000
#       tighten: down
#   remedy: Go back to the version before, and see what the failed requests have in common.
#   controls: [ISO27001-A.8.32, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.canary.errors

import rego.v2

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.error_rate.adjusted_p_value_ppm <= input.parameters.significance_ppm
	step.error_rate.effect_ppm > 0
	step.error_rate.effect_ppm >= input.parameters.min_effect_ppm
	violation := {
		"message": $"in {step.name} the error rate of the canary is {step.error_rate.effect_ppm} ppm above that of the baseline (p = {step.error_rate.adjusted_p_value_ppm} ppm)",
		"term": $"{step.name}: baseline",
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.min_effect_ppm,
		"actual": step.error_rate.effect_ppm,
		"unit": "ppm",
	}
}

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.canary.errors * 1000000 > input.parameters.max_errors_ppm * step.canary.requests
	violation := {
		"message": $"in {step.name} {step.canary.errors} of {step.canary.requests} requests to the canary failed, at most {input.parameters.max_errors_ppm} in 1000000 may",
		"term": step.name,
		"source": report.source,
		"locator": step.locator,
		"expected": floor((input.parameters.max_errors_ppm * step.canary.requests) / 1000000),
		"actual": step.canary.errors,
		"unit": "requests",
	}
}
