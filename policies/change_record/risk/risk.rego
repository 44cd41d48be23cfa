# METADATA
# title: No risk is open that is too bad to release with
# description: >-
#   A risk that is known and open is a decision that somebody has not taken. Accepted, mitigated and refuted ones are
#   decisions. One whose severity nobody has rated counts as the worst.
# custom:
#   severity: high
#   needs:
#     risk: [risks.id, risks.severity, risks.status, risks.locator]
#   reads:
#     risk: [risks.title]
#   parameters:
#     severity:
#       type: string
#       enum: [low, medium, high, critical]
#       default: high
#       tighten: down
#       description: The lowest severity that is denied.
#     statuses:
#       type: array
#       items:
#         type: string
#         enum: [open, in_progress, accepted, mitigated, false_positive]
#       default: [open, in_progress]
#       tighten: superset
#       description: Statuses that are denied.
#   remedy: Mitigate the risk, or have it accepted by those who may.
#   controls: [ISO27001-A.5.8, SOC2-CC3.2, SSDF-PO.5.1, SSDF-PW.1.1]
package gatekeeper.change_record.risk

import rego.v2

rank := {"low": 0, "medium": 1, "high": 2, "critical": 3, "unknown": 3}

deny contains violation if {
	some report in input.risk
	some item in report.risks
	item.status in input.parameters.statuses
	rank[item.severity] >= rank[input.parameters.severity]
	violation := {
		"message": $"{concat("", [$"{title} " | title := item.title])}({item.severity}) is {item.status}",
		"term": item.id,
		"source": report.source,
		"locator": item.locator,
		"actual": item.status,
	}
}
