# METADATA
# title: The analysis of the canary has passed it
# description: >-
#   A controller or judge has looked at the metrics for longer than a person would. Its verdict against the canary sends it
#   back; without a verdict, because it goes on, erred or could not say, the canary waits.
# custom:
#   severity: critical
#   on_fail: roll_back
#   needs:
#     analysis: [name, outcome, metrics.name, metrics.outcome, metrics.dry_run]
#   remedy: Go back to the version before, and look at the metrics that failed.
#   controls: [ISO27001-A.8.32, SOC2-CC7.1, SOC2-CC8.1]
package gatekeeper.canary.analysis

import rego.v2

deny contains violation if {
	some report in input.analysis
	report.outcome != "pass"
	failed := [metric.name | some metric in report.metrics; metric.outcome == "fail"; not metric.dry_run]
	names := concat(", ", sort(failed))
	violation := {
		"message": $"the analysis {report.name} ended with {report.outcome}; metrics that failed: {names}",
		"source": report.source,
		"locator": "outcome",
		"expected": "pass",
		"actual": report.outcome,
	}
}
