# METADATA
# title: What an experiment disturbed was put back
# description: >-
#   A rollback that failed leaves the system as the experiment broke it, and the next experiment, or the next user, finds
#   it so.
# custom:
#   severity: medium
#   needs:
#     chaos: [experiments.name, experiments.rollbacks, experiments.rollbacks_failed, experiments.locator]
#   parameters:
#     minimum_rollbacks: {type: integer, minimum: 0, default: 1, tighten: up}
#   remedy: Put back what was disturbed, mend the rollback of the experiment, and run it again.
#   controls: [ISO27001-A.5.30, SOC2-A1.3]
package gatekeeper.resilience.rollbacks

import rego.v2

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	experiment.rollbacks_failed > 0
	violation := {
		"message": $"{experiment.rollbacks_failed} of {experiment.rollbacks} rollbacks of {experiment.name} failed",
		"term": $"{experiment.name}: failed",
		"source": report.source,
		"locator": experiment.locator,
		"expected": 0,
		"actual": experiment.rollbacks_failed,
		"unit": "rollbacks",
	}
}

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	experiment.rollbacks < input.parameters.minimum_rollbacks
	violation := {
		"message": $"{experiment.name} ran {experiment.rollbacks} rollbacks, {input.parameters.minimum_rollbacks} are needed",
		"term": $"{experiment.name}: run",
		"source": report.source,
		"locator": experiment.locator,
		"expected": input.parameters.minimum_rollbacks,
		"actual": experiment.rollbacks,
		"unit": "rollbacks",
	}
}
