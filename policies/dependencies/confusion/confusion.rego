# METADATA
# title: Internal names come from the internal index
# description: >-
#   Whoever registers our internal names in a public index is installed in our place when an installer looks there too
#   (dependency confusion). So a package with an internal name has to name the index that the gate does; where the lock
#   file does not say which index, nobody knows.
# related_resources:
#   - https://slsa.dev/spec/v1.0/threats
# custom:
#   severity: critical
#   needs:
#     dependencies: [packages.name, packages.origin, packages.locator]
#   reads:
#     dependencies: [packages.index]
#   parameters:
#     internal:
#       type: array
#       items:
#         type: object
#         additionalProperties: false
#         required: [names, index]
#         properties:
#           names: {type: string, minLength: 1}
#           index: {type: string, minLength: 1}
#       minItems: 1
#       tighten: superset
#       description: >-
#         Internal names as regular expressions (RE2) that a whole name matches, and the one index they come from, as
#         lock files write it.
#   remedy: Configure the installer to take these names from the internal index alone, and lock again.
#   controls: [SSDF-PW.4.1, SSDF-PW.4.4]
package gatekeeper.dependencies.confusion

import rego.v2

deny contains violation if {
	some report in input.dependencies
	some dependency in report.packages
	some guarded in input.parameters.internal
	regex.match($"^(?:{guarded.names})$", dependency.name)
	dependency.origin != "path"
	not dependency.index == guarded.index
	violation := {
		"message": $"{dependency.name} has an internal name and does not come from {guarded.index}",
		"term": dependency.name,
		"source": report.source,
		"locator": dependency.locator,
		"expected": guarded.index,
		"actual": $"{concat("", [index | index := dependency.index])}",
	}
}
