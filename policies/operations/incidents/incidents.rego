# METADATA
# title: No incident that matters is open
# description: >-
#   A release on top of an open incident hides what caused it, and takes away the people who mend it. An incident whose
#   severity nobody has judged counts.
# custom:
#   severity: high
#   on_fail: roll_back
#   needs:
#     incidents: [incidents.id, incidents.title, incidents.severity, incidents.status, incidents.locator]
#   parameters:
#     severities:
#       type: array
#       items: {type: string, enum: [critical, high, medium, low, unknown]}
#       minItems: 1
#       default: [critical, high, unknown]
#       tighten: superset
#       description: Severities of which none may be open.
#   remedy: Resolve the incident, or roll the release back where it is the cause.
#   controls: [ISO27001-A.5.26, SOC2-CC7.4]
package gatekeeper.operations.incidents

import rego.v2

deny contains violation if {
	some report in input.incidents
	some incident in report.incidents
	incident.status in {"open", "acknowledged"}
	incident.severity in input.parameters.severities
	violation := {
		"message": $"{incident.id} is {incident.status}, severity {incident.severity}: {incident.title}",
		"term": incident.id,
		"source": report.source,
		"locator": incident.locator,
	}
}
