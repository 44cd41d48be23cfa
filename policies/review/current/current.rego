# METADATA
# title: The approvals are of the commit that is released
# description: >-
#   An approval of yesterday's commit says nothing about what was pushed since. Enough approvals have to name the commit
#   that the evidence of the change names.
# custom:
#   severity: high
#   needs:
#     review: [reviews.reviewer, reviews.verdict, reviews.commit]
#     change: [commit]
#   parameters:
#     approvals: {type: integer, minimum: 1, default: 1, tighten: up}
#   remedy: Have the last commit reviewed.
#   controls: [ISO27001-A.8.32, SLSA-SOURCE-L4, SOC2-CC8.1, SSDF-PW.7.1]
package gatekeeper.review.current

import rego.v2

deny contains violation if {
	some change in input.change
	some report in input.review
	approvers := {item.reviewer |
		some index, item in report.reviews
		item.verdict == "approved"
		item.commit == change.commit
		later := [other | some place, other in report.reviews; place > index; other.reviewer == item.reviewer; other.verdict != "commented"]
		count(later) == 0
	}
	count(approvers) < input.parameters.approvals
	violation := {
		"message": $"{count(approvers)} of {input.parameters.approvals} reviewers have approved the commit {change.commit}",
		"term": change.commit,
		"source": report.source,
		"expected": input.parameters.approvals,
		"actual": count(approvers),
		"unit": "reviewers",
	}
}
