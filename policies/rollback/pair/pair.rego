# METADATA
# title: The rehearsal goes back to the version that was released before
# description: >-
#   On the day it matters people go back to what ran yesterday. A rehearsal that went to another version has shown
#   nothing about that.
# custom:
#   severity: high
#   needs:
#     rollback: [rehearsals.to_digest]
#   baseline:
#     artifact: [digest]
#   remedy: Rehearse going back to the version that runs now.
#   controls: [ISO27001-A.8.32, SOC2-A1.3]
package gatekeeper.rollback.pair

import rego.v2

deny contains violation if {
	some report in input.rollback
	some previous in input.baseline.artifact
	targets := {rehearsal.to_digest | some rehearsal in report.rehearsals}
	not previous.digest in targets
	violation := {
		"message": $"no rehearsal goes back to {previous.digest}, which was released before",
		"term": previous.digest,
		"source": report.source,
		"expected": previous.digest,
		"actual": concat(", ", targets),
	}
}
