# METADATA
# title: There are published release notes for this version, and they say something
# description: >-
#   Those who run a release, and those who call it, read in its notes what they have to do. Notes of another version, a
#   draft or an empty page leave them alone with it.
# custom:
#   severity: medium
#   needs:
#     release_notes: [releases.version, releases.state, releases.prerelease, releases.entries, releases.locator]
#     artifact: [version]
#   parameters:
#     minimum_entries: {type: integer, minimum: 1, default: 1, tighten: up}
#     prefix:
#       type: string
#       default: v
#       description: What a tag has before the version.
#     prereleases:
#       type: string
#       enum: [allow, deny]
#       default: deny
#       tighten: up
#   remedy: Write what changes for those who use this version, and publish it under its tag.
#   controls: [ISO27001-A.8.32, SOC2-CC2.3, SOC2-CC8.1]
package gatekeeper.change_record.notes

import rego.v2

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	versions := {trim_prefix(release.version, input.parameters.prefix) | some release in report.releases}
	not artifact.version in versions
	violation := {
		"message": $"there are no notes of version {artifact.version}",
		"term": artifact.version,
		"source": report.source,
		"expected": artifact.version,
		"actual": concat(", ", versions),
	}
}

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	some release in report.releases
	trim_prefix(release.version, input.parameters.prefix) == artifact.version
	release.state != "published"
	violation := {
		"message": $"the notes of {release.version} are {release.state}",
		"term": $"{release.version}: state",
		"source": report.source,
		"locator": release.locator,
		"expected": "published",
		"actual": release.state,
	}
}

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	some release in report.releases
	trim_prefix(release.version, input.parameters.prefix) == artifact.version
	release.prerelease == true
	input.parameters.prereleases == "deny"
	violation := {
		"message": $"{release.version} is a prerelease",
		"term": $"{release.version}: prerelease",
		"source": report.source,
		"locator": release.locator,
	}
}

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	some release in report.releases
	trim_prefix(release.version, input.parameters.prefix) == artifact.version
	release.entries < input.parameters.minimum_entries
	violation := {
		"message": $"the notes of {release.version} have {release.entries} entries, {input.parameters.minimum_entries} are needed",
		"term": $"{release.version}: entries",
		"source": report.source,
		"locator": release.locator,
		"expected": input.parameters.minimum_entries,
		"actual": release.entries,
		"unit": "entries",
	}
}
