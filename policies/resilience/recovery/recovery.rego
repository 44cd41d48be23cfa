# METADATA
# title: After failures under load the release recovers, and soon
# description: >-
#   Under stress some requests may fail. What matters is that it ends by itself, and that a test does not stop while it
#   still fails.
# custom:
#   severity: high
#   needs:
#     endurance: [recovery_ms, recovered]
#   parameters:
#     max_recovery_ms: {type: integer, minimum: 0, default: 60000, tighten: down}
#   remedy: See what stays broken after the load has gone, and run the test until it has recovered.
#   controls: [ISO27001-A.5.30, SOC2-A1.2]
package gatekeeper.resilience.recovery

import rego.v2

deny contains violation if {
	some report in input.endurance
	report.recovered == false
	violation := {
		"message": "requests still failed when the test ended",
		"term": "recovered",
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.endurance
	report.recovery_ms > input.parameters.max_recovery_ms
	violation := {
		"message": $"requests failed for {report.recovery_ms} ms without a break, at most {input.parameters.max_recovery_ms} ms is allowed",
		"term": "recovery_ms",
		"source": report.source,
		"expected": input.parameters.max_recovery_ms,
		"actual": report.recovery_ms,
		"unit": "ms",
	}
}
