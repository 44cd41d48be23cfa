# METADATA
# title: After going back somebody looked, and all was well
# description: >-
#   That the old version started says little. What users do has to work, and a person has to have seen that it does.
# custom:
#   severity: medium
#   needs:
#     rollback:
#       - rehearsals.checks.name
#       - rehearsals.checks.outcome
#       - rehearsals.checks.locator
#       - rehearsals.steps.name
#       - rehearsals.steps.outcome
#       - rehearsals.steps.locator
#       - rehearsals.verified_by
#       - rehearsals.locator
#   parameters:
#     minimum_checks: {type: integer, minimum: 1, default: 1, tighten: up}
#     minimum_people: {type: integer, minimum: 0, default: 1, tighten: up}
#   remedy: Say what has to work after going back, rehearse again, and have somebody look.
#   controls: [ISO27001-A.8.32, SOC2-A1.3]
package gatekeeper.rollback.checked

import rego.v2

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	some check in rehearsal.checks
	check.outcome != "passed"
	violation := {
		"message": $"{check.name} {check.outcome} after going back",
		"term": $"check {check.name}",
		"source": report.source,
		"locator": check.locator,
		"expected": "passed",
		"actual": check.outcome,
	}
}

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	some step in rehearsal.steps
	step.outcome != "succeeded"
	violation := {
		"message": $"the step {step.name} of going back {step.outcome}",
		"term": $"step {step.name}",
		"source": report.source,
		"locator": step.locator,
		"expected": "succeeded",
		"actual": step.outcome,
	}
}

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	count(rehearsal.checks) < input.parameters.minimum_checks
	violation := {
		"message": $"{count(rehearsal.checks)} things were looked at after going back, {input.parameters.minimum_checks} are needed",
		"term": $"checks of {rehearsal.locator}",
		"source": report.source,
		"locator": rehearsal.locator,
		"expected": input.parameters.minimum_checks,
		"actual": count(rehearsal.checks),
		"unit": "checks",
	}
}

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	people := {person | some person in rehearsal.verified_by}
	count(people) < input.parameters.minimum_people
	violation := {
		"message": $"{count(people)} people have looked after going back, {input.parameters.minimum_people} are needed",
		"term": $"people of {rehearsal.locator}",
		"source": report.source,
		"locator": rehearsal.locator,
		"expected": input.parameters.minimum_people,
		"actual": count(people),
		"unit": "people",
	}
}
