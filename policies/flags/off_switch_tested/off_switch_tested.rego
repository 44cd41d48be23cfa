# METADATA
# title: Switching it off was tried, lately, and worked
# description: >-
#   An off-switch that nobody has used is a hope. It is tried before it is needed, where it costs nothing, and again when
#   what it switches has changed.
# custom:
#   severity: medium
#   needs:
#     off_switch: [trials.flag, trials.passed, trials.tried_at, trials.locator]
#   ages:
#     off_switch.trials.tried_at: max_age
#   parameters:
#     flags:
#       type: array
#       items: {type: string, minLength: 1}
#       minItems: 1
#       uniqueItems: true
#       tighten: superset
#       description: The flags that have to be tried, by their keys.
#     max_age: {type: string, default: 30d, tighten: down}
#   remedy: Switch the flag off where it costs nothing, see that what it switches is off, and state it.
#   controls: [ISO27001-A.5.30, SOC2-A1.3, SOC2-CC8.1]
package gatekeeper.flags.off_switch_tested

import rego.v2

deny contains violation if {
	some report in input.off_switch
	some trial in report.trials
	not trial.passed
	violation := {
		"message": $"{trial.flag} was switched off and what it switches was not",
		"term": trial.flag,
		"source": report.source,
		"locator": trial.locator,
	}
}

deny contains violation if {
	some report in input.off_switch
	some wanted in input.parameters.flags
	not wanted in tried
	violation := {
		"message": $"nobody has tried to switch off {wanted}",
		"term": $"{wanted}: trial",
		"source": report.source,
		"locator": "trials",
	}
}

tried contains trial.flag if {
	some report in input.off_switch
	some trial in report.trials
}
