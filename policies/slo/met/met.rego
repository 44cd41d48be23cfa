# METADATA
# title: Every service level objective is met
# description: >-
#   An objective is the line below which users are let down. A service below it is mended before it is changed.
# custom:
#   severity: high
#   needs:
#     slo: [objectives.name, objectives.met, objectives.locator]
#   parameters:
#     objectives:
#       type: array
#       items: {type: string, minLength: 1}
#       uniqueItems: true
#       default: []
#       tighten: superset
#       description: Objectives that have to be among those that were measured, by name.
#   remedy: Bring the service back within its objective before it changes again.
#   controls: [ISO27001-A.8.6, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.slo.met

import rego.v2

deny contains violation if {
	some report in input.slo
	some objective in report.objectives
	not objective.met
	violation := {
		"message": $"the objective {objective.name} is not met",
		"term": objective.name,
		"source": report.source,
		"locator": objective.locator,
		"expected": "met",
		"actual": "not met",
	}
}

deny contains violation if {
	some report in input.slo
	some wanted in input.parameters.objectives
	not wanted in measured
	violation := {
		"message": $"the objective {wanted} was not measured",
		"term": wanted,
		"source": report.source,
		"locator": "objectives",
	}
}

measured contains objective.name if {
	some report in input.slo
	some objective in report.objectives
}
