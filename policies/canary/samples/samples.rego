# METADATA
# title: Every step of the canary was long enough, and has samples enough to show a regression
# description: >-
#   A canary that nobody used looks fine. A step says something only when it has ended, lasted through more than a
#   moment, and has so many requests to both versions that a regression worth going back for would have been seen.
# custom:
#   severity: high
#   needs:
#     canary:
#       - steps.name
#       - steps.finished
#       - steps.duration_ms
#       - steps.canary.requests
#       - steps.baseline.requests
#       - steps.error_rate.detectable_ppm
#       - steps.latency.detectable_ppm
#       - steps.locator
#   parameters:
#     min_duration_ms:
#       type: integer
#       minimum: 0
#       default: 600000
#       tighten: up
#     min_requests:
#       type: integer
#       minimum: 1
#       default: 500
#       tighten: up
#       description: To the canary, and to the baseline, in each step.
#     max_detectable_error_ppm:
#       type: integer
#       minimum: 1
#       maximum: 999999
#       default: 20000
#       tighten: down
#       description: The least rise of the error rate that has to be seen with a chance of 80 %.
#     max_detectable_delta_ppm:
#       type: integer
#       minimum: 1
#       maximum: 999999
#       default: 147000
#       tighten: down
#       description: The least shift of latency, as Cliff's delta; 0.147 is the least that is called small.
#   remedy: Leave the canary at this exposure until there are more requests.
#   controls: [ISO27001-A.8.32, SOC2-CC7.1]
package gatekeeper.canary.samples

import rego.v2

deny contains violation if {
	some report in input.canary
	some step in report.steps
	not step.finished
	violation := {
		"message": $"{step.name} goes on",
		"term": $"{step.name}: end",
		"source": report.source,
		"locator": step.locator,
	}
}

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.duration_ms < input.parameters.min_duration_ms
	violation := {
		"message": $"{step.name} lasted {step.duration_ms} ms, {input.parameters.min_duration_ms} ms are needed",
		"term": $"{step.name}: duration",
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.min_duration_ms,
		"actual": step.duration_ms,
		"unit": "ms",
	}
}

deny contains violation if {
	some report in input.canary
	some step in report.steps
	some variant, requests in {"canary": step.canary.requests, "baseline": step.baseline.requests}
	requests < input.parameters.min_requests
	violation := {
		"message": $"{step.name} has {requests} requests to the {variant}, {input.parameters.min_requests} are needed",
		"term": $"{step.name}: {variant}",
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.min_requests,
		"actual": requests,
		"unit": "requests",
	}
}

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.error_rate.detectable_ppm > input.parameters.max_detectable_error_ppm
	violation := {
		"message": $"{step.name} would show a rise of the error rate by {step.error_rate.detectable_ppm} ppm, one by {input.parameters.max_detectable_error_ppm} ppm has to show",
		"term": $"{step.name}: error rate",
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.max_detectable_error_ppm,
		"actual": step.error_rate.detectable_ppm,
		"unit": "ppm",
	}
}

deny contains violation if {
	some report in input.canary
	some step in report.steps
	step.latency.detectable_ppm > input.parameters.max_detectable_delta_ppm
	violation := {
		"message": $"{step.name} would show a shift of latency by {step.latency.detectable_ppm} ppm, one by {input.parameters.max_detectable_delta_ppm} ppm has to show",
		"term": $"{step.name}: latency",
		"source": report.source,
		"locator": step.locator,
		"expected": input.parameters.max_detectable_delta_ppm,
		"actual": step.latency.detectable_ppm,
		"unit": "ppm",
	}
}
