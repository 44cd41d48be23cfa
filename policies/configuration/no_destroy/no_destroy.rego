# METADATA
# title: Nothing is destroyed that is not named
# description: >-
#   A database that is replaced is empty afterwards, and the plan shows it as one line among hundreds.
# custom:
#   severity: critical
#   needs:
#     configuration: [deviations.path, deviations.action, deviations.locator]
#   parameters:
#     allowed:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Resources, or patterns of them, that may be destroyed or replaced.
#   remedy: Change the resource in place, move it in the state, or name it once it is known that nothing is lost.
#   controls: [ISO27001-A.8.13, SOC2-A1.2, SOC2-CC8.1]
package gatekeeper.configuration.no_destroy

import rego.v2

deny contains violation if {
	some report in input.configuration
	some deviation in report.deviations
	deviation.action in {"delete", "replace"}
	not allowed(deviation.path)
	violation := {
		"message": $"{deviation.path} would be destroyed ({deviation.action})",
		"term": deviation.path,
		"source": report.source,
		"locator": deviation.locator,
		"actual": deviation.action,
	}
}

allowed(path) if path in input.parameters.allowed

allowed(path) if {
	some pattern in input.parameters.allowed
	glob.match(pattern, ["/"], path)
}
