# METADATA
# title: The system kept its steady state through every experiment
# description: >-
#   An experiment says something only if all was well before it, something was done, and all was well afterwards. Tools
#   call a run completed that never began because the steady state was not met.
# custom:
#   severity: high
#   needs:
#     chaos: [ran_at, experiments.name, experiments.before_met, experiments.actions, experiments.locator]
#   reads:
#     chaos: [experiments.after_met]
#   parameters:
#     minimum_actions: {type: integer, minimum: 1, default: 1, tighten: up}
#     max_age: {type: string, default: 90d, tighten: down}
#   ages:
#     chaos.ran_at: max_age
#   remedy: Bring the system into its steady state, run the experiment again, and mend what did not recover.
#   controls: [ISO27001-A.5.30, SOC2-A1.2, SOC2-A1.3]
package gatekeeper.resilience.steady_state

import rego.v2

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	experiment.before_met == false
	violation := {
		"message": $"{experiment.name}: the steady state was not met before it began",
		"term": $"{experiment.name}: before",
		"source": report.source,
		"locator": experiment.locator,
	}
}

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	experiment.actions < input.parameters.minimum_actions
	violation := {
		"message": $"{experiment.name}: {experiment.actions} activities were run, {input.parameters.minimum_actions} are needed",
		"term": $"{experiment.name}: actions",
		"source": report.source,
		"locator": experiment.locator,
		"expected": input.parameters.minimum_actions,
		"actual": experiment.actions,
		"unit": "activities",
	}
}

deny contains violation if {
	some report in input.chaos
	some experiment in report.experiments
	not experiment.after_met == true
	violation := {
		"message": $"{experiment.name}: the steady state was not met afterwards",
		"term": $"{experiment.name}: after",
		"source": report.source,
		"locator": experiment.locator,
	}
}
