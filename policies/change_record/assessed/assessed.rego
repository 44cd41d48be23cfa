# METADATA
# title: The risks were assessed lately, and somebody agrees
# description: >-
#   An assessment is about what was known on its day. One that nobody but its author has seen is an opinion.
# custom:
#   severity: medium
#   needs:
#     risk: [assessed_at, reviewed_by]
#   parameters:
#     max_age: {type: string, default: 90d, tighten: down}
#     minimum_reviewers: {type: integer, minimum: 1, default: 1, tighten: up}
#   ages:
#     risk.assessed_at: max_age
#   remedy: Assess the risks of this release, and have the assessment reviewed.
#   controls: [ISO27001-A.5.8, SOC2-CC3.2]
package gatekeeper.change_record.assessed

import rego.v2

deny contains violation if {
	some report in input.risk
	reviewers := {reviewer | some reviewer in report.reviewed_by}
	count(reviewers) < input.parameters.minimum_reviewers
	violation := {
		"message": $"{count(reviewers)} people have reviewed the assessment, {input.parameters.minimum_reviewers} are needed",
		"source": report.source,
		"expected": input.parameters.minimum_reviewers,
		"actual": count(reviewers),
		"unit": "people",
	}
}
