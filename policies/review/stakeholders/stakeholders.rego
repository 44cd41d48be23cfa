# METADATA
# title: Enough people have approved, and nobody has asked for changes
# description: >-
#   The last word of each reviewer counts. A comment changes nothing, a request for changes stands until the same
#   person approves or the request is dismissed.
# custom:
#   severity: high
#   needs:
#     review: [reviews.reviewer, reviews.verdict, reviews.locator]
#   reads:
#     review: [reviews.comment]
#   parameters:
#     approvals: {type: integer, minimum: 1, default: 1, tighten: up}
#   remedy: Do what was asked for, and have the change reviewed again.
#   controls: [ISO27001-A.8.32, SLSA-SOURCE-L4, SOC2-CC8.1, SSDF-PW.7.1]
package gatekeeper.review.stakeholders

import rego.v2

deny contains violation if {
	some report in input.review
	approvers := {item.reviewer |
		some index, item in report.reviews
		item.verdict == "approved"
		later := [other | some place, other in report.reviews; place > index; other.reviewer == item.reviewer; other.verdict != "commented"]
		count(later) == 0
	}
	count(approvers) < input.parameters.approvals
	violation := {
		"message": $"{count(approvers)} of {input.parameters.approvals} reviewers have approved",
		"source": report.source,
		"expected": input.parameters.approvals,
		"actual": count(approvers),
		"unit": "reviewers",
	}
}

deny contains violation if {
	some report in input.review
	some index, item in report.reviews
	item.verdict == "changes_requested"
	later := [other | some place, other in report.reviews; place > index; other.reviewer == item.reviewer; other.verdict != "commented"]
	count(later) == 0
	violation := {
		"message": $"{item.reviewer} has asked for changes{concat("", [$": {comment}" | comment := item.comment])}",
		"term": item.reviewer,
		"source": report.source,
		"locator": item.locator,
		"expected": "approved",
		"actual": item.verdict,
	}
}
