# METADATA
# title: Few deployments go wrong
# description: >-
#   The share of deployments that failed or were rolled back is the change failure rate of DORA. Where it rises, the
#   stages before let through what they should not have.
# custom:
#   severity: medium
#   needs:
#     deployment: [deployments.environment, deployments.outcome]
#   parameters:
#     environment: {type: string, minLength: 1, default: production, description: The environment that is looked at.}
#     max_failed_percent:
#       type: integer
#       minimum: 0
#       maximum: 100
#       default: 15
#       tighten: down
#       description: The share that may fail or be rolled back.
#     minimum_deployments:
#       type: integer
#       minimum: 1
#       maximum: 1000
#       default: 5
#       tighten: up
#       description: Of fewer finished deployments a share says nothing.
#   remedy: See what the failed deployments have in common, and add what would have found it to an earlier stage.
#   controls: [SOC2-CC8.1, SOC2-CC4.1]
package gatekeeper.deployment.failures

import rego.v2

deny contains violation if {
	some report in input.deployment
	finished := [outcome | some outcome in outcomes(report.source.digest); outcome != "unfinished"]
	count(finished) < input.parameters.minimum_deployments
	violation := {
		"message": $"{count(finished)} deployments to {input.parameters.environment} are finished, a rate needs {input.parameters.minimum_deployments}",
		"term": "deployments",
		"source": report.source,
		"expected": input.parameters.minimum_deployments,
		"actual": count(finished),
		"unit": "deployments",
	}
}

deny contains violation if {
	some report in input.deployment
	finished := [outcome | some outcome in outcomes(report.source.digest); outcome != "unfinished"]
	failed := [outcome | some outcome in finished; outcome in {"failed", "rolled_back"}]
	count(failed) * 100 > input.parameters.max_failed_percent * count(finished)
	violation := {
		"message": $"{count(failed)} of {count(finished)} deployments to {input.parameters.environment} failed or were rolled back, at most {input.parameters.max_failed_percent}% may",
		"term": "failures",
		"source": report.source,
		"expected": floor((input.parameters.max_failed_percent * count(finished)) / 100),
		"actual": count(failed),
		"unit": "deployments",
	}
}

outcomes(digest) := [deployment.outcome |
	some report in input.deployment
	report.source.digest == digest
	some deployment in report.deployments
	deployment.environment == input.parameters.environment
]
