# METADATA
# title: Enough of the error budget is left
# description: >-
#   A release may go wrong, and what goes wrong is paid from the error budget. Where little is left, the next
#   failure breaks the promise.
# custom:
#   severity: high
#   needs:
#     slo: [objectives.name, objectives.budget_left_ppm, objectives.locator]
#   parameters:
#     min_budget_left_percent:
#       type: integer
#       minimum: 0
#       maximum: 100
#       default: 10
#       tighten: up
#   remedy: Wait until there is budget again, or mend what uses it up.
#   controls: [ISO27001-A.8.6, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.slo.budget

import rego.v2

deny contains violation if {
	some report in input.slo
	some objective in report.objectives
	objective.budget_left_ppm < input.parameters.min_budget_left_percent * 10000
	violation := {
		"message": $"{objective.budget_left_ppm} ppm of the error budget of {objective.name} are left, {input.parameters.min_budget_left_percent}% are needed",
		"term": objective.name,
		"source": report.source,
		"locator": objective.locator,
		"expected": input.parameters.min_budget_left_percent * 10000,
		"actual": objective.budget_left_ppm,
		"unit": "ppm",
	}
}
