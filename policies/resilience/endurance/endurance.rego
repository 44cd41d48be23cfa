# METADATA
# title: The release holds out under load for long enough
# description: >-
#   Leaks, full disks and slow growth show after hours, in a test that lasts that long. Errors and slow answers in one
#   phase are not made good by the calm of the others.
# custom:
#   severity: high
#   needs:
#     endurance:
#       - duration_ms
#       - phases.name
#       - phases.requests
#       - phases.errors
#       - phases.p95_ms
#       - phases.locator
#   parameters:
#     minimum_duration_ms: {type: integer, minimum: 1, default: 3600000, tighten: up}
#     max_errors_per_thousand: {type: integer, minimum: 0, maximum: 1000, default: 10, tighten: down}
#     max_p95_ms: {type: integer, minimum: 1, default: 1000, tighten: down}
#   remedy: Let the test run for as long as is asked, and mend what fails or slows down in the phases listed.
#   controls: [ISO27001-A.8.6, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.resilience.endurance

import rego.v2

deny contains violation if {
	some report in input.endurance
	report.duration_ms < input.parameters.minimum_duration_ms
	violation := {
		"message": $"the test lasted {report.duration_ms} ms, {input.parameters.minimum_duration_ms} ms are needed",
		"source": report.source,
		"expected": input.parameters.minimum_duration_ms,
		"actual": report.duration_ms,
		"unit": "ms",
	}
}

deny contains violation if {
	some report in input.endurance
	some phase in report.phases
	phase.errors * 1000 > input.parameters.max_errors_per_thousand * phase.requests
	violation := {
		"message": $"{phase.errors} of {phase.requests} requests failed with {phase.name}, at most {input.parameters.max_errors_per_thousand} in 1000 may",
		"term": $"{phase.name} at {phase.locator}: errors",
		"source": report.source,
		"locator": phase.locator,
		"actual": phase.errors,
		"unit": "requests",
	}
}

deny contains violation if {
	some report in input.endurance
	some phase in report.phases
	phase.p95_ms > input.parameters.max_p95_ms
	violation := {
		"message": $"p95 with {phase.name} is {phase.p95_ms} ms, at most {input.parameters.max_p95_ms} ms is allowed",
		"term": $"{phase.name} at {phase.locator}: p95",
		"source": report.source,
		"locator": phase.locator,
		"expected": input.parameters.max_p95_ms,
		"actual": phase.p95_ms,
		"unit": "ms",
	}
}
