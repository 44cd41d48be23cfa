# METADATA
# title: The artifact was built from our source
# description: >-
#   A trusted builder builds anybody's source. What makes an artifact ours is the repository and the branch or tag it
#   was built from.
# related_resources:
#   - https://slsa.dev/spec/v1.0/verifying-artifacts
# custom:
#   severity: critical
#   needs:
#     provenance: [source_uri, source_digest]
#   parameters:
#     repository:
#       type: string
#       minLength: 1
#       description: The repository, such as https://github.com/acme/parcel.
#     refs:
#       type: array
#       items: {type: string, minLength: 1}
#       minItems: 1
#       default: ["**"]
#       description: Patterns of branches and tags (refs/heads/main, refs/tags/*); one has to match.
#   remedy: Build from the repository and branch that the gate names.
#   controls: [SLSA-SOURCE-L1, SSDF-PS.1.1, SSDF-PS.2.1]
package gatekeeper.provenance.source

import rego.v2

deny contains violation if {
	some report in input.provenance
	repository := trim_prefix(split(report.source_uri, "@")[0], "git+")
	repository != input.parameters.repository
	violation := {
		"message": $"the artifact was built from {repository}",
		"term": "repository",
		"source": report.source,
		"expected": input.parameters.repository,
		"actual": repository,
	}
}

deny contains violation if {
	some report in input.provenance
	parts := split(report.source_uri, "@")
	ref := concat("@", array.slice(parts, 1, count(parts)))
	not allowed_ref(ref)
	violation := {
		"message": $"the artifact was built from the ref '{ref}' at {report.source_digest}",
		"term": "ref",
		"source": report.source,
		"expected": concat(", ", input.parameters.refs),
		"actual": ref,
	}
}

allowed_ref(ref) if {
	some pattern in input.parameters.refs
	glob.match(pattern, ["/"], ref)
}
