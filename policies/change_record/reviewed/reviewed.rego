# METADATA
# title: Somebody else has read the notes of this version
# description: >-
#   Those who made a change do not see what they left out. A second reader does, before the users do.
# custom:
#   severity: medium
#   needs:
#     release_notes: [releases.version, releases.author, releases.reviewed_by, releases.locator]
#     artifact: [version]
#   parameters:
#     minimum_reviewers: {type: integer, minimum: 1, default: 1, tighten: up}
#     prefix:
#       type: string
#       default: v
#       description: What a tag has before the version.
#   remedy: Have the notes read by somebody who did not write them, and state who.
#   controls: [ISO27001-A.8.32, SOC2-CC8.1]
package gatekeeper.change_record.reviewed

import rego.v2

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	versions := {trim_prefix(release.version, input.parameters.prefix) | some release in report.releases}
	not artifact.version in versions
	violation := {
		"message": $"nobody speaks of the notes of version {artifact.version}",
		"term": artifact.version,
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	some release in report.releases
	trim_prefix(release.version, input.parameters.prefix) == artifact.version
	readers := {reader | some reader in release.reviewed_by; reader != release.author}
	count(readers) < input.parameters.minimum_reviewers
	violation := {
		"message": $"{count(readers)} others have read the notes of {release.version}, {input.parameters.minimum_reviewers} are needed",
		"term": $"{release.version}: readers",
		"source": report.source,
		"locator": release.locator,
		"expected": input.parameters.minimum_reviewers,
		"actual": count(readers),
		"unit": "people",
	}
}
