# METADATA
# title: Every chaos experiment passed
# description: >-
#   A verdict that is awaited, or a run that was stopped, is no pass. Nor is one in which probes failed that the tool
#   was told to live with.
# custom:
#   severity: high
#   needs:
#     chaos: [experiments.name, experiments.verdict, experiments.probe_success_percent, experiments.locator]
#   parameters:
#     minimum_probe_percent: {type: integer, minimum: 0, maximum: 100, default: 100, tighten: up}
#   remedy: Mend what the experiment has shown, and run it again to its end.
#   controls: [ISO27001-A.5.30, SOC2-A1.2, SOC2-CC7.5]
package gatekeeper.resilience.experiments

import rego.v2

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	experiment.verdict != "passed"
	violation := {
		"message": $"the experiment {experiment.name} {experiment.verdict}",
		"term": $"{experiment.name}: verdict",
		"source": report.source,
		"locator": experiment.locator,
		"expected": "passed",
		"actual": experiment.verdict,
	}
}

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	experiment.probe_success_percent < input.parameters.minimum_probe_percent
	violation := {
		"message": $"{experiment.probe_success_percent}% of the probes of {experiment.name} passed, {input.parameters.minimum_probe_percent}% are needed",
		"term": $"{experiment.name}: probes",
		"source": report.source,
		"locator": experiment.locator,
		"expected": input.parameters.minimum_probe_percent,
		"actual": experiment.probe_success_percent,
		"unit": "%",
	}
}
