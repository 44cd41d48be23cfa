# METADATA
# title: Every store of data is classified, and no more sensitive than allowed here
# description: >-
#   How data has to be treated follows from what it is. A store that nobody has classified is treated as if it did not
#   matter; one that is more sensitive than the stage is made for must not go there.
# custom:
#   severity: high
#   needs:
#     data_handling: [stores.name, stores.classification, stores.contents, stores.locator]
#   parameters:
#     highest:
#       type: string
#       enum: [public, internal, confidential, restricted]
#       default: confidential
#       tighten: down
#       description: The most sensitive class that may be released through this gate.
#   remedy: Have the owner of the data classify it and name what is in it, or take it out of the release.
#   controls: [GDPR-30, ISO27001-A.5.12, SOC2-C1.1]
package gatekeeper.data_handling.classified

import rego.v2

# From the least to the most sensitive (ISO/IEC 27002, 5.12).
rank := {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}

deny contains violation if {
	some report in input.data_handling
	some store in report.stores
	rank[store.classification] > rank[input.parameters.highest]
	violation := {
		"message": $"{store.name} is {store.classification}, at most {input.parameters.highest} is allowed",
		"term": store.name,
		"source": report.source,
		"locator": store.locator,
		"expected": input.parameters.highest,
		"actual": store.classification,
	}
}

deny contains violation if {
	some report in input.data_handling
	some store in report.stores
	count(store.contents) == 0
	violation := {
		"message": $"nobody says what is in {store.name}",
		"term": $"{store.name} contents",
		"source": report.source,
		"locator": store.locator,
		"expected": 1,
		"actual": 0,
		"unit": "kinds of data",
	}
}
