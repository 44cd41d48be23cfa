# METADATA
# title: There is a runbook for what may happen, and somebody looked at it not long ago
# description: >-
#   At night nobody thinks of the way back for the first time. A runbook that nobody has read since the last change
#   describes another system.
# custom:
#   severity: medium
#   needs:
#     runbook: [runbooks.name, runbooks.covers, runbooks.reviewed_at, runbooks.reviewers, runbooks.locator]
#   parameters:
#     situations:
#       type: array
#       items: {type: string, minLength: 1}
#       minItems: 1
#       default: [rollback]
#       tighten: superset
#       description: Situations for which there has to be a runbook.
#     longest: {type: string, default: 180d, tighten: down, description: How long ago it may have been reviewed.}
#   ages: {runbook.runbooks.reviewed_at: longest}
#   remedy: Write the runbook, walk through it with somebody on call, and state who reviewed it and when.
#   controls: [ISO27001-A.5.37, SOC2-CC7.4]
package gatekeeper.operations.runbooks

import rego.v2

deny contains violation if {
	some report in input.runbook
	some situation in input.parameters.situations
	not situation in covered
	violation := {
		"message": $"no runbook covers {situation}",
		"term": situation,
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.runbook
	some runbook in report.runbooks
	count(runbook.reviewers) == 0
	violation := {
		"message": $"nobody is named who reviewed {runbook.name} at {runbook.reviewed_at}",
		"term": runbook.name,
		"source": report.source,
		"locator": runbook.locator,
	}
}

covered contains situation if {
	some report in input.runbook
	some runbook in report.runbooks
	some situation in runbook.covers
}
