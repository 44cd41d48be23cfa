# METADATA
# title: No endpoint became slower under load
# description: >-
#   A load test reports percentiles and no single durations, so no test can be made of them: the 95th percentile is
#   compared with that of the release before, of so many requests that one of them moves it little.
# custom:
#   severity: medium
#   needs:
#     performance: [endpoints.name, endpoints.requests, endpoints.p95_ms, endpoints.locator]
#   baseline:
#     performance: [endpoints.name, endpoints.p95_ms, endpoints.locator]
#   parameters:
#     max_slowdown_percent:
#       type: integer
#       minimum: 0
#       maximum: 1000
#       default: 20
#       tighten: down
#       description: How much slower than before is tolerated.
#     minimum_requests:
#       type: integer
#       minimum: 20
#       maximum: 1000000
#       default: 200
#       tighten: up
#       description: Requests of which a 95th percentile says something.
#   remedy: Profile the endpoint; where the load was too short to tell, run it longer.
#   controls: [ISO27001-A.8.6, SOC2-A1.1]
package gatekeeper.regression.latency

import rego.v2

deny contains violation if {
	some report in input.performance
	some endpoint in report.endpoints
	some before in input.baseline.performance
	some old in before.endpoints
	old.name == endpoint.name
	endpoint.p95_ms * 100 > old.p95_ms * (100 + input.parameters.max_slowdown_percent)
	violation := {
		"message": $"p95 of {endpoint.name} is {endpoint.p95_ms} ms, it was {old.p95_ms} ms",
		"term": endpoint.name,
		"source": report.source,
		"locator": endpoint.locator,
		"expected": floor((old.p95_ms * (100 + input.parameters.max_slowdown_percent)) / 100),
		"actual": endpoint.p95_ms,
		"unit": "ms",
	}
}

deny contains violation if {
	some report in input.performance
	some endpoint in report.endpoints
	endpoint.requests < input.parameters.minimum_requests
	violation := {
		"message": $"{endpoint.name} had {endpoint.requests} requests, {input.parameters.minimum_requests} are needed to compare it",
		"term": endpoint.name,
		"source": report.source,
		"locator": endpoint.locator,
		"expected": input.parameters.minimum_requests,
		"actual": endpoint.requests,
		"unit": "requests",
	}
}

deny contains violation if {
	some before in input.baseline.performance
	some old in before.endpoints
	not old.name in measured
	violation := {
		"message": $"{old.name} was measured before and is not now",
		"term": old.name,
		"source": before.source,
		"locator": old.locator,
	}
}

measured contains endpoint.name if {
	some report in input.performance
	some endpoint in report.endpoints
}
