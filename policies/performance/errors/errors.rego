# METADATA
# title: Few requests fail under load
# description: >-
#   A service that answers quickly with an error is not fast. An endpoint that was never requested was not tested.
# custom:
#   severity: medium
#   needs:
#     performance: [endpoints.name, endpoints.requests, endpoints.errors, endpoints.locator]
#   parameters:
#     max_errors_per_thousand: {type: integer, minimum: 0, maximum: 1000, default: 10, tighten: down}
#   remedy: See what the failed requests have in common, and mend it before more load comes.
#   controls: [ISO27001-A.8.6, SOC2-A1.1, SOC2-CC7.1]
package gatekeeper.performance.errors

import rego.v2

deny contains violation if {
	some report in input.performance
	some endpoint in report.endpoints
	endpoint.errors * 1000 > input.parameters.max_errors_per_thousand * endpoint.requests
	violation := {
		"message": $"{endpoint.errors} of {endpoint.requests} requests to {endpoint.name} failed, at most {input.parameters.max_errors_per_thousand} in 1000 may",
		"term": endpoint.name,
		"source": report.source,
		"locator": endpoint.locator,
		"expected": floor((input.parameters.max_errors_per_thousand * endpoint.requests) / 1000),
		"actual": endpoint.errors,
		"unit": "requests",
	}
}

deny contains violation if {
	some report in input.performance
	some endpoint in report.endpoints
	endpoint.requests == 0
	violation := {
		"message": $"{endpoint.name} was never requested",
		"term": endpoint.name,
		"source": report.source,
		"locator": endpoint.locator,
		"expected": 1,
		"actual": 0,
		"unit": "requests",
	}
}
