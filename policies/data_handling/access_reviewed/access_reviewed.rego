# METADATA
# title: Access to the data was reviewed lately, by somebody who may
# description: >-
#   Access is given in a hurry and taken away by nobody, unless somebody looks. A review counts for a while, and it counts
#   only if it was done by somebody other than the owner of the data.
# custom:
#   severity: high
#   needs:
#     data_handling: [access_reviewed_at, access_reviewer, stores.name, stores.owner, stores.locator]
#   parameters:
#     max_review_age: {type: string, default: 180d, tighten: down}
#   ages:
#     data_handling.access_reviewed_at: max_review_age
#   remedy: Have somebody other than the owner look at who may read and change the stores, and sign a new statement.
#   controls: [ISO27001-A.5.18, SOC2-CC6.2]
package gatekeeper.data_handling.access_reviewed

import rego.v2

deny contains violation if {
	some report in input.data_handling
	some store in report.stores
	store.owner == report.access_reviewer
	violation := {
		"message": $"access to {store.name} was reviewed by its owner, {report.access_reviewer}",
		"term": store.name,
		"source": report.source,
		"locator": store.locator,
		"actual": report.access_reviewer,
	}
}

deny contains violation if {
	some report in input.data_handling
	not regex.match(`^(?:github|gitlab|email):[^\s:]+$`, report.access_reviewer)
	violation := {
		"message": $"{report.access_reviewer} names no person who reviewed access",
		"term": "reviewer",
		"source": report.source,
		"locator": "/access_reviewer",
		"actual": report.access_reviewer,
	}
}
