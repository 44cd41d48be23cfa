# METADATA
# title: Data is kept no longer than its class allows
# description: >-
#   What is not kept cannot be stolen, asked for or lost. The more sensitive data is, the shorter it may stay without a
#   reason; the policy that a store follows has to be named, so that somebody can look it up.
# custom:
#   severity: medium
#   needs:
#     data_handling:
#       - stores.name
#       - stores.classification
#       - stores.retention_days
#       - stores.retention_policy
#       - stores.locator
#   parameters:
#     max_days_public: {type: integer, minimum: 0, default: 36500, tighten: down}
#     max_days_internal: {type: integer, minimum: 0, default: 3650, tighten: down}
#     max_days_confidential: {type: integer, minimum: 0, default: 730, tighten: down}
#     max_days_restricted: {type: integer, minimum: 0, default: 365, tighten: down}
#     policies:
#       type: array
#       items: {type: string, minLength: 1}
#       uniqueItems: true
#       default: []
#       description: >-
#         Names or addresses of the policies that a store may follow; any where the list is empty, so that a project cannot
#         change it.
#   remedy: Delete what is older, or have the class or the policy of the store changed by who answers for it.
#   controls: [GDPR-5.1.e, ISO27001-A.8.10, SOC2-C1.2]
package gatekeeper.data_handling.retention

import rego.v2

limits := {
	"public": input.parameters.max_days_public,
	"internal": input.parameters.max_days_internal,
	"confidential": input.parameters.max_days_confidential,
	"restricted": input.parameters.max_days_restricted,
}

deny contains violation if {
	some report in input.data_handling
	some store in report.stores
	store.retention_days > limits[store.classification]
	violation := {
		"message": $"{store.name} is kept for {store.retention_days} days, {store.classification} data for at most {limits[store.classification]}",
		"term": store.name,
		"source": report.source,
		"locator": store.locator,
		"expected": limits[store.classification],
		"actual": store.retention_days,
		"unit": "days",
	}
}

deny contains violation if {
	some report in input.data_handling
	some store in report.stores
	count(input.parameters.policies) > 0
	not store.retention_policy in input.parameters.policies
	violation := {
		"message": $"{store.name} follows {store.retention_policy}, which is none of the policies",
		"term": $"{store.name} policy",
		"source": report.source,
		"locator": store.locator,
		"expected": concat(", ", input.parameters.policies),
		"actual": store.retention_policy,
	}
}
