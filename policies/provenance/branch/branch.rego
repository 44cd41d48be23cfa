# METADATA
# title: The branch or tag that was built is called as agreed
# description: >-
#   Rules, protections and people go by the names of branches and tags. One that is nearly another (realease/1.4) has none
#   of them. Which of them may be built is for provenance.source.
# custom:
#   severity: low
#   needs:
#     provenance: [source_uri]
#   parameters:
#     branch_pattern:
#       type: string
#       minLength: 1
#       default: "[a-z0-9]+([._/-][a-z0-9]+)*"
#       description: A regular expression (RE2) that a whole branch name matches.
#     tag_pattern:
#       type: string
#       minLength: 1
#       default: "v?[0-9]+\\.[0-9]+\\.[0-9]+([.+-]?[A-Za-z0-9.+-]+)?"
#       description: A regular expression (RE2) that a whole tag name matches.
#   remedy: Build from a branch or tag whose name follows the convention.
#   controls: [SSDF-PS.1.1, SSDF-PS.3.1]
package gatekeeper.provenance.branch

import rego.v2

deny contains violation if {
	some report in input.provenance
	parts := split(report.source_uri, "@")
	ref := concat("@", array.slice(parts, 1, count(parts)))
	not follows(ref)
	violation := {
		"message": $"the ref '{ref}' that was built does not follow the convention",
		"source": report.source,
		"expected": $"refs/heads/{input.parameters.branch_pattern} or refs/tags/{input.parameters.tag_pattern}",
		"actual": ref,
	}
}

follows(ref) if {
	regex.match($"^refs/heads/(?:{input.parameters.branch_pattern})$", ref)
}

follows(ref) if {
	regex.match($"^refs/tags/(?:{input.parameters.tag_pattern})$", ref)
}
