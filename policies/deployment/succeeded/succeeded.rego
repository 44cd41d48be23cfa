# METADATA
# title: The last deployment of the environment succeeded
# description: A release that did not arrive, or that was taken back, is not what anybody observes.
# custom:
#   severity: high
#   needs:
#     deployment: [deployments.id, deployments.environment, deployments.outcome, deployments.finished_at, deployments.locator]
#   parameters:
#     environment: {type: string, minLength: 1, default: production, description: Where the release has to be.}
#   remedy: Deploy it again, and see why the last deployment did not succeed.
#   controls: [SOC2-CC8.1]
package gatekeeper.deployment.succeeded

import rego.v2

deny contains violation if {
	some report in input.deployment
	some deployment in report.deployments
	deployment.environment == input.parameters.environment
	deployment.outcome != "succeeded"
	at := time.parse_rfc3339_ns(deployment.finished_at)
	count([later | some later in instants; later > at]) == 0
	violation := {
		"message": $"{deployment.id}, the last deployment to {deployment.environment}, is {deployment.outcome}",
		"term": deployment.id,
		"source": report.source,
		"locator": deployment.locator,
		"expected": "succeeded",
		"actual": deployment.outcome,
	}
}

deny contains violation if {
	some report in input.deployment
	count(instants) == 0
	violation := {
		"message": $"nothing was deployed to {input.parameters.environment}",
		"source": report.source,
	}
}

instants contains at if {
	some report in input.deployment
	some deployment in report.deployments
	deployment.environment == input.parameters.environment
	at := time.parse_rfc3339_ns(deployment.finished_at)
}
