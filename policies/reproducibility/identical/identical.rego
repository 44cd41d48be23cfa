# METADATA
# title: Independent builds make the same artifact
# description: >-
#   Two builders that agree on every byte would both have to be broken into. Where they differ, each difference is listed
#   and allowed by name, or nobody knows whether it is a date or a back door.
# related_resources:
#   - https://reproducible-builds.org/docs/definition/
# custom:
#   severity: high
#   needs:
#     reproducibility:
#       [builds.builder, builds.digest, builds.locator, differences.path, differences.kind, differences.locator]
#   parameters:
#     minimum_builders: {type: integer, minimum: 2, default: 2, tighten: up}
#     allowed:
#       type: array
#       items:
#         type: object
#         additionalProperties: false
#         required: [path, kind]
#         properties:
#           path: {type: string, minLength: 1}
#           kind: {type: string, enum: [content, metadata, missing]}
#       default: []
#       tighten: subset
#       description: Differences that may be, by kind and by a regular expression (RE2) over the whole path.
#   remedy: Take what differs out of the build (dates, paths, order), and build again in two places.
#   controls: [SLSA-BUILD-L3, SSDF-PO.3.2, SSDF-PS.2.1]
package gatekeeper.reproducibility.identical

import rego.v2

digests contains build.digest if {
	some report in input.reproducibility
	some build in report.builds
}

differences contains difference.path if {
	some report in input.reproducibility
	some difference in report.differences
}

deny contains violation if {
	some report in input.reproducibility
	builders := {build.builder | some other in input.reproducibility; some build in other.builds}
	count(builders) < input.parameters.minimum_builders
	violation := {
		"message": $"{count(builders)} of {input.parameters.minimum_builders} builders have built it",
		"term": "builders",
		"source": report.source,
		"expected": input.parameters.minimum_builders,
		"actual": count(builders),
		"unit": "builders",
	}
}

deny contains violation if {
	some report in input.reproducibility
	some build in report.builds
	count(digests) > 1
	count(differences) == 0
	violation := {
		"message": $"{build.builder} made {build.digest}, another build something else, and nobody says what differs",
		"term": $"{build.builder}: {build.digest}",
		"source": report.source,
		"locator": build.locator,
		"actual": build.digest,
	}
}

deny contains violation if {
	some report in input.reproducibility
	some difference in report.differences
	not allowed(difference.path, difference.kind)
	violation := {
		"message": $"{difference.path} differs ({difference.kind})",
		"term": $"{difference.path}: {difference.kind}",
		"source": report.source,
		"locator": difference.locator,
	}
}

deny contains violation if {
	some report in input.reproducibility
	judged := {$"{algorithm}:{value}" | some algorithm, value in input.subject.digest}
	judged & digests == set()
	violation := {
		"message": $"none of the builds made {input.subject.name}",
		"term": "subject",
		"source": report.source,
		"expected": concat(", ", judged),
		"actual": concat(", ", digests),
	}
}

allowed(path, kind) if {
	some exception in input.parameters.allowed
	exception.kind == kind
	regex.match($"^(?:{exception.path})$", path)
}
