# METADATA
# title: Those who use it were told in time
# description: >-
#   Whoever builds on an interface or a schema needs time to follow a breaking change. One that was announced together
#   with its effect was not announced.
# custom:
#   severity: medium
#   needs:
#     deprecations: [changes.name, changes.interface, changes.breaking, changes.announced_at, changes.effective_at, changes.locator]
#   parameters:
#     minimum_days: {type: integer, minimum: 1, maximum: 1825, default: 90, tighten: up, description: Days between announcement and effect.}
#   remedy: Announce it, keep the old way until the time has passed, or make the change compatible.
#   controls: [ISO27001-A.8.32, SOC2-CC2.3]
package gatekeeper.deprecations.announced

import rego.v2

deny contains violation if {
	some report in input.deprecations
	some change in report.changes
	change.breaking
	days := floor((time.parse_rfc3339_ns(change.effective_at) - time.parse_rfc3339_ns(change.announced_at)) / 86400000000000)
	days < input.parameters.minimum_days
	violation := {
		"message": $"{change.name} breaks {change.interface} {days} days after it was announced, {input.parameters.minimum_days} are needed",
		"term": change.name,
		"source": report.source,
		"locator": change.locator,
		"expected": input.parameters.minimum_days,
		"actual": days,
		"unit": "days",
	}
}
