# METADATA
# title: Going back is quick enough
# description: The time that going back takes is the time for which users live with what is broken.
# custom:
#   severity: medium
#   needs:
#     rollback: [rehearsals.duration_ms, rehearsals.locator]
#   parameters:
#     max_duration_ms: {type: integer, minimum: 1, default: 900000, tighten: down}
#   remedy: Find out what takes so long, and rehearse again.
#   controls: [ISO27001-A.5.30, SOC2-A1.2]
package gatekeeper.rollback.duration

import rego.v2

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	rehearsal.duration_ms > input.parameters.max_duration_ms
	violation := {
		"message": $"going back took {rehearsal.duration_ms} ms, at most {input.parameters.max_duration_ms} ms is allowed",
		"term": rehearsal.locator,
		"source": report.source,
		"locator": rehearsal.locator,
		"expected": input.parameters.max_duration_ms,
		"actual": rehearsal.duration_ms,
		"unit": "ms",
	}
}
