# METADATA
# title: Every resource has room for more
# description: >-
#   A larger exposure, a peak, the loss of a zone: each takes capacity that has to be there before.
# custom:
#   severity: medium
#   needs:
#     capacity: [resources.name, resources.headroom_percent, resources.locator]
#   parameters:
#     min_headroom_percent: {type: integer, minimum: 0, maximum: 100, default: 20, tighten: up}
#     resources:
#       type: array
#       items: {type: string, minLength: 1}
#       uniqueItems: true
#       default: []
#       tighten: superset
#       description: Resources that have to be among those that were measured, by name.
#   remedy: Add capacity, or take load away, before more comes.
#   controls: [ISO27001-A.8.6, SOC2-A1.1]
package gatekeeper.capacity.headroom

import rego.v2

deny contains violation if {
	some report in input.capacity
	some resource in report.resources
	resource.headroom_percent < input.parameters.min_headroom_percent
	violation := {
		"message": $"{resource.headroom_percent}% of {resource.name} is left, {input.parameters.min_headroom_percent}% are needed",
		"term": resource.name,
		"source": report.source,
		"locator": resource.locator,
		"expected": input.parameters.min_headroom_percent,
		"actual": resource.headroom_percent,
		"unit": "percent",
	}
}

deny contains violation if {
	some report in input.capacity
	some wanted in input.parameters.resources
	not wanted in measured
	violation := {
		"message": $"the resource {wanted} was not measured",
		"term": wanted,
		"source": report.source,
		"locator": "resources",
	}
}

measured contains resource.name if {
	some report in input.capacity
	some resource in report.resources
}
