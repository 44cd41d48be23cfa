# METADATA
# title: What was learnt of incidents is done
# description: >-
#   A postmortem whose actions are left open is the announcement of the next incident of the same kind. An action that
#   belongs to nobody is never done.
# custom:
#   severity: medium
#   needs:
#     postmortem:
#       - postmortems.incident
#       - postmortems.locator
#       - postmortems.actions.title
#       - postmortems.actions.done
#       - postmortems.actions.locator
#   reads:
#     postmortem: [postmortems.actions.owner]
#   parameters:
#     max_open_actions:
#       type: integer
#       minimum: 0
#       default: 0
#       tighten: down
#       description: Actions of one postmortem that may be left open, each with an owner.
#   remedy: Do the action, or give it an owner and ask for a waiver with the day by which it is done.
#   controls: [ISO27001-A.5.27, SOC2-CC7.5]
package gatekeeper.operations.postmortems

import rego.v2

deny contains violation if {
	some report in input.postmortem
	some postmortem in report.postmortems
	open := count([action | some action in postmortem.actions; not action.done])
	open > input.parameters.max_open_actions
	violation := {
		"message": $"{open} actions of the postmortem of {postmortem.incident} are open",
		"term": postmortem.incident,
		"source": report.source,
		"locator": postmortem.locator,
		"expected": input.parameters.max_open_actions,
		"actual": open,
		"unit": "actions",
	}
}

deny contains violation if {
	some report in input.postmortem
	some postmortem in report.postmortems
	some action in postmortem.actions
	not action.done
	not action.owner
	violation := {
		"message": $"the open action {action.title} of {postmortem.incident} belongs to nobody",
		"term": postmortem.incident,
		"source": report.source,
		"locator": action.locator,
	}
}
