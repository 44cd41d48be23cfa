# METADATA
# title: The canary is not slower than the version before it
# description: >-
#   A mean hides the slow, and a threshold knows nothing of the hour. All durations are compared with those of the version
#   before it in the same time (Mann-Whitney); a shift that chance does not explain, and that is large enough to
#   matter, sends the canary back.
# custom:
#   severity: high
#   on_fail: roll_back
#   needs:
#     canary: [steps.name, steps.latency.adjusted_p_value_ppm, steps.latency.effect_ppm, steps.locator]
#   parameters:
#     significance_ppm:
#       type: integer
#       minimum: 1
#       maximum: 500000
#       default: 50000
#       tighten: up
#       description: Chance of a false alarm; p-values are adjusted for the comparisons of a step.
#     min_delta_ppm:
#       type: integer
#       minimum: 0
#       maximum: 999999
#       default: 147000
#       tighten: down
#       description: The least shift that matters, as Cliff's delta; 0.147 is the least that is called small.
#   remedy: Go back to the version before, and profile what became slower.
#   controls: [ISO27001-A.8.6, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.canary.latency

import rego.v2

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.latency.adjusted_p_value_ppm <= input.parameters.significance_ppm
	step.latency.effect_ppm > 0
	step.latency.effect_ppm >= input.parameters.min_delta_ppm
	violation := {
		"message": $"in {step.name} the canary is slower than the baseline: Cliff's delta {step.latency.effect_ppm} ppm (p = {step.latency.adjusted_p_value_ppm} ppm)",
		"term": step.name,
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.min_delta_ppm,
		"actual": step.latency.effect_ppm,
		"unit": "ppm",
	}
}
