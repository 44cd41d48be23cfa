# METADATA
# title: Going back from this version has been rehearsed, and worked
# description: >-
#   A rollback that nobody has tried is a hope. What counts is one from this very artifact, lately, that ended well and
#   left the data whole.
# custom:
#   severity: high
#   needs:
#     rollback:
#       - rehearsals.from_digest
#       - rehearsals.to_digest
#       - rehearsals.outcome
#       - rehearsals.data_intact
#       - rehearsals.finished_at
#       - rehearsals.locator
#   parameters:
#     max_age: {type: string, default: 30d, tighten: down}
#   ages:
#     rollback.rehearsals.finished_at: max_age
#   remedy: Rehearse going back from this version, see that the data is whole, and attest what came of it.
#   controls: [ISO27001-A.8.32, SOC2-A1.3, SOC2-CC8.1]
package gatekeeper.rollback.rehearsed

import rego.v2

deny contains violation if {
	some report in input.rollback
	digests := {$"{algorithm}:{value}" | some algorithm, value in input.subject.digest}
	rehearsed := {rehearsal.from_digest | some rehearsal in report.rehearsals}
	count(rehearsed & digests) == 0
	violation := {
		"message": $"no rehearsal goes back from {input.subject.name} as it is here",
		"source": report.source,
		"expected": concat(", ", digests),
		"actual": concat(", ", rehearsed),
	}
}

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	rehearsal.outcome != "succeeded"
	violation := {
		"message": $"the rehearsal of going back to {rehearsal.to_digest}: {rehearsal.outcome}",
		"term": $"{rehearsal.to_digest}: outcome",
		"source": report.source,
		"locator": rehearsal.locator,
		"expected": "succeeded",
		"actual": rehearsal.outcome,
	}
}

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	rehearsal.data_intact == false
	violation := {
		"message": $"data was not whole after going back to {rehearsal.to_digest}",
		"term": $"{rehearsal.to_digest}: data",
		"source": report.source,
		"locator": rehearsal.locator,
	}
}

deny contains violation if {
	some report in input.rollback
	some rehearsal in report.rehearsals
	rehearsal.from_digest == rehearsal.to_digest
	violation := {
		"message": $"the rehearsal goes back from {rehearsal.from_digest} to itself",
		"term": $"{rehearsal.to_digest}: pair",
		"source": report.source,
		"locator": rehearsal.locator,
	}
}
