# METADATA
# title: Alerts are worth waking up for
# description: >-
#   Where most alerts need nobody, people stop looking, and the one that matters is missed. What nobody has judged
#   counts as noise.
# custom:
#   severity: medium
#   needs:
#     alerts: [fired.outcome, fired_count]
#   parameters:
#     minimum_percent:
#       type: integer
#       minimum: 0
#       maximum: 100
#       default: 50
#       tighten: up
#       description: How many of the alerts that fired somebody had to act on.
#   remedy: Mend or remove the alerting rules that fired for nothing.
#   controls: [ISO27001-A.8.16, SOC2-CC7.2]
package gatekeeper.operations.precision

import rego.v2

deny contains violation if {
	some report in input.alerts
	actionable := count([alert | some alert in report.fired; alert.outcome == "actionable"])
	actionable * 100 < input.parameters.minimum_percent * report.fired_count
	violation := {
		"message": $"{actionable} of {report.fired_count} alerts needed somebody, {input.parameters.minimum_percent}% are asked",
		"source": report.source,
		"expected": ceil((input.parameters.minimum_percent * report.fired_count) / 100),
		"actual": actionable,
		"unit": "alerts",
	}
}
