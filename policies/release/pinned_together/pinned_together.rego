# METADATA
# title: Source, image and configuration are pinned together
# description: >-
#   A rollback that takes back the image and leaves the configuration is another release that nobody has seen. What
#   belongs together is listed once, each part by its digest, and what is judged here is one of them.
# custom:
#   severity: high
#   needs:
#     release_manifest:
#       [name, version, members.name, members.role, members.version, members.digest.alg, members.digest.value, members.locator]
#   parameters:
#     roles:
#       type: array
#       items: {type: string, enum: [source, artifact, image, configuration]}
#       minItems: 1
#       uniqueItems: true
#       default: [source, image, configuration]
#       tighten: superset
#       description: Roles of which a release has at least one member.
#     one_version:
#       type: array
#       items: {type: string, enum: [source, artifact, image, configuration]}
#       uniqueItems: true
#       default: [artifact, image]
#       tighten: superset
#       description: Roles whose members have the version of the release.
#   remedy: State all that belongs to the release, with the digests of what was built, and sign it.
#   controls: [ISO27001-A.8.9, SOC2-CC8.1, SSDF-PS.2.1, SSDF-PS.3.1]
package gatekeeper.release.pinned_together

import rego.v2

deny contains violation if {
	some report in input.release_manifest
	some role in input.parameters.roles
	not role in [member.role | some member in report.members]
	violation := {
		"message": $"{report.name} {report.version} has no {role}",
		"term": role,
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.release_manifest
	some member in report.members
	member.role in input.parameters.one_version
	member.version != report.version
	violation := {
		"message": $"{member.name} has the version {member.version}, the release {report.version}",
		"term": $"{member.name}: version",
		"source": report.source,
		"locator": member.locator,
		"expected": report.version,
		"actual": member.version,
	}
}

deny contains violation if {
	some report in input.release_manifest
	some member in report.members
	digests := {other.digest.value |
		some other in report.members
		other.role == member.role
		other.name == member.name
		other.digest.alg == member.digest.alg
	}
	digests != {member.digest.value}
	violation := {
		"message": $"{member.name} is there with more than one digest",
		"term": $"{member.name}: digest",
		"source": report.source,
		"locator": member.locator,
		"actual": $"{member.digest.alg}:{member.digest.value}",
	}
}

deny contains violation if {
	some report in input.release_manifest
	judged := {$"{algorithm}:{value}" | some algorithm, value in input.subject.digest}
	members := {$"{member.digest.alg}:{member.digest.value}" | some member in report.members}
	judged & members == set()
	violation := {
		"message": $"{input.subject.name} is no member of {report.name} {report.version}",
		"term": "subject",
		"source": report.source,
		"expected": concat(", ", judged),
	}
}
