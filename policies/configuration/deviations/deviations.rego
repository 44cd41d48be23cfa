# METADATA
# title: The configuration deviates nowhere but where it may
# description: >-
#   What runs has to be what was approved. A deviation is either expected, and listed by its path, or somebody changed
#   something that nobody looked at.
# custom:
#   severity: high
#   needs:
#     configuration: [deviations.path, deviations.action, deviations.expected, deviations.actual, deviations.locator]
#   parameters:
#     allowed:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Paths, or patterns of them (aws_instance.web/tags/*), that may deviate.
#     denied:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: superset
#       description: Likewise, that may not, whatever is allowed.
#   remedy: Bring the configuration back to what was approved, or have the deviation approved by its path.
#   controls: [CIS-4.1, ISO27001-A.8.9, SOC2-CC7.1, SOC2-CC8.1]
package gatekeeper.configuration.deviations

import rego.v2

deny contains violation if {
	some report in input.configuration
	some deviation in report.deviations
	not approved(deviation.path)
	violation := {
		"message": $"{deviation.path} deviates ({deviation.action})",
		"term": deviation.path,
		"source": report.source,
		"locator": deviation.locator,
		"expected": deviation.expected,
		"actual": deviation.actual,
	}
}

approved(path) if {
	some pattern in input.parameters.allowed
	fits(pattern, path)
	not refused(path)
}

refused(path) if {
	some pattern in input.parameters.denied
	fits(pattern, path)
}

fits(pattern, path) if pattern == path

fits(pattern, path) if glob.match(pattern, ["/"], path)
