# METADATA
# title: No alert that matters fires
# description: >-
#   An alert that fires while a release is judged says that users already feel it. A rule that could not be evaluated
#   watches nothing, and its silence is no good news.
# custom:
#   severity: high
#   needs:
#     alerts: [rules.name, rules.severity, rules.state, rules.healthy, rules.locator]
#   parameters:
#     severities:
#       type: array
#       items: {type: string, enum: [critical, high, medium, low, unknown]}
#       minItems: 1
#       default: [critical, high, unknown]
#       tighten: superset
#       description: Severities whose alerts may not fire.
#   remedy: Mend what the alert is about, or mend the alerting rule, and look again.
#   controls: [ISO27001-A.8.16, SOC2-CC7.2]
package gatekeeper.operations.quiet

import rego.v2

deny contains violation if {
	some report in input.alerts
	some rule in report.rules
	rule.state == "firing"
	rule.severity in input.parameters.severities
	violation := {
		"message": $"the alert {rule.name} fires, severity {rule.severity}",
		"term": rule.name,
		"source": report.source,
		"locator": rule.locator,
	}
}

deny contains violation if {
	some report in input.alerts
	some rule in report.rules
	not rule.healthy
	violation := {
		"message": $"the alerting rule {rule.name} could not be evaluated",
		"term": rule.name,
		"source": report.source,
		"locator": rule.locator,
	}
}
