# METADATA
# title: Under load there is room left
# description: >-
#   A machine that is full answers well until it does not at all. What is left under the load of the test is what is left
#   for the day that nobody expected.
# custom:
#   severity: medium
#   needs:
#     endurance: [phases.name, phases.cpu_percent, phases.memory_percent, phases.locator]
#   parameters:
#     max_cpu_percent: {type: integer, minimum: 1, maximum: 100, default: 85, tighten: down}
#     max_memory_percent: {type: integer, minimum: 1, maximum: 100, default: 85, tighten: down}
#   remedy: Find out what uses it up, or give the release more.
#   controls: [ISO27001-A.8.6, SOC2-A1.1]
package gatekeeper.resilience.saturation

import rego.v2

deny contains violation if {
	some report in input.endurance
	some phase in report.phases
	phase.cpu_percent > input.parameters.max_cpu_percent
	violation := {
		"message": $"processors are used to {phase.cpu_percent}% with {phase.name}, at most {input.parameters.max_cpu_percent}% is allowed",
		"term": $"{phase.name} at {phase.locator}: cpu",
		"source": report.source,
		"locator": phase.locator,
		"expected": input.parameters.max_cpu_percent,
		"actual": phase.cpu_percent,
		"unit": "%",
	}
}

deny contains violation if {
	some report in input.endurance
	some phase in report.phases
	phase.memory_percent > input.parameters.max_memory_percent
	violation := {
		"message": $"memory is used to {phase.memory_percent}% with {phase.name}, at most {input.parameters.max_memory_percent}% is allowed",
		"term": $"{phase.name} at {phase.locator}: memory",
		"source": report.source,
		"locator": phase.locator,
		"expected": input.parameters.max_memory_percent,
		"actual": phase.memory_percent,
		"unit": "%",
	}
}
