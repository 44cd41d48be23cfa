# METADATA
# title: Every endpoint answers within its budget
# description: >-
#   Users leave when a page is slower than the budget, and a mean hides the one in twenty that is. A budget for an
#   endpoint that nobody measured is a question without answer, not a pass.
# custom:
#   severity: medium
#   needs:
#     performance: [endpoints.name, endpoints.p95_ms, endpoints.locator]
#   parameters:
#     max_p95_ms: {type: integer, minimum: 1, default: 500, tighten: down}
#     budgets:
#       type: array
#       items:
#         type: object
#         additionalProperties: false
#         required: [endpoint, max_p95_ms]
#         properties:
#           endpoint: {type: string, minLength: 1}
#           max_p95_ms: {type: integer, minimum: 1}
#       default: []
#       description: Endpoints with a budget of their own; the tightest one counts.
#   remedy: Profile the slowest endpoint, or ask those who own the budget for a waiver.
#   controls: [ISO27001-A.8.6, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.performance.latency

import rego.v2

deny contains violation if {
	some report in input.performance
	some endpoint in report.endpoints
	limit := budget(endpoint.name)
	endpoint.p95_ms > limit
	violation := {
		"message": $"p95 of {endpoint.name} is {endpoint.p95_ms} ms, its budget {limit} ms",
		"term": endpoint.name,
		"source": report.source,
		"locator": endpoint.locator,
		"expected": limit,
		"actual": endpoint.p95_ms,
		"unit": "ms",
	}
}

deny contains violation if {
	some report in input.performance
	some own in input.parameters.budgets
	not own.endpoint in {endpoint.name | some endpoint in report.endpoints}
	violation := {
		"message": $"{own.endpoint} has a budget and was not measured",
		"term": own.endpoint,
		"source": report.source,
		"expected": own.max_p95_ms,
		"unit": "ms",
	}
}

# The least of nothing is undefined: an endpoint without a budget of its own.
budget(name) := limit if {
	limit := min([own.max_p95_ms | some own in input.parameters.budgets; own.endpoint == name])
} else := input.parameters.max_p95_ms
