# METADATA
# title: The subject's name follows the convention
# description: >-
#   People find a release by its name, and a name that is nearly another is an attack. This is the name that the
#   subject is called by where it is judged; what the artifact says of itself is for artifact.naming.
# custom:
#   severity: medium
#   needs: {}
#   parameters:
#     name_pattern:
#       type: string
#       minLength: 1
#       default: "[A-Za-z0-9]+([._/:+-]+[A-Za-z0-9]+)*"
#       description: A regular expression (RE2) that a whole name matches.
#   remedy: Give the artifact a name that follows the convention, and build it again.
#   controls: [SSDF-PS.3.1]
package gatekeeper.naming.subject

import rego.v2

deny contains violation if {
	not regex.match($"^(?:{input.parameters.name_pattern})$", input.subject.name)
	violation := {
		"message": $"the name {input.subject.name} does not follow the convention",
		"expected": input.parameters.name_pattern,
		"actual": input.subject.name,
	}
}
