# METADATA
# title: Everything that closes a release is done
# description: >-
#   What is left undone when people turn to the next release is never done. Somebody says by name that it is, and what is
#   left has an owner.
# custom:
#   severity: medium
#   needs:
#     closing: [version, closed_by, items.name, items.done, items.locator, follow_ups.title, follow_ups.locator]
#   reads:
#     closing: [follow_ups.owner]
#   parameters:
#     required_items:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: superset
#       description: Items that have to be in the closing record.
#   remedy: Do what is open, give what is left an owner, and let somebody close the release by name.
#   controls: [SOC2-CC8.1, ISO27001-A.5.37]
package gatekeeper.closing.complete

import rego.v2

deny contains violation if {
	some report in input.closing
	some item in report.items
	not item.done
	violation := {
		"message": $"{item.name} of {report.version} is not done",
		"term": item.name,
		"source": report.source,
		"locator": item.locator,
	}
}

deny contains violation if {
	some report in input.closing
	some name in input.parameters.required_items
	not name in {item.name | some item in report.items}
	violation := {
		"message": $"the closing record of {report.version} says nothing of {name}",
		"term": name,
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.closing
	count(report.closed_by) == 0
	violation := {
		"message": $"nobody closed {report.version}",
		"term": "closed_by",
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.closing
	some left in report.follow_ups
	not left.owner
	violation := {
		"message": $"{left.title} is left of {report.version} and belongs to nobody",
		"term": left.title,
		"source": report.source,
		"locator": left.locator,
	}
}
