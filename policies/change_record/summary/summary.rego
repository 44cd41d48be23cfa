# METADATA
# title: The change is summed up in words
# description: >-
#   Whoever approves, and whoever is on call, has a minute. A list of commits does not tell them what this release is
#   about.
# custom:
#   severity: low
#   needs:
#     release_notes: [releases.version, releases.locator]
#     artifact: [version]
#   reads:
#     release_notes: [releases.summary]
#   parameters:
#     minimum_characters: {type: integer, minimum: 1, default: 20, tighten: up}
#     prefix:
#       type: string
#       default: v
#       description: What a tag has before the version.
#   remedy: Begin the notes with a paragraph that says what the release is about.
#   controls: [ISO27001-A.8.32, SOC2-CC2.2]
package gatekeeper.change_record.summary

import rego.v2

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	versions := {trim_prefix(release.version, input.parameters.prefix) | some release in report.releases}
	not artifact.version in versions
	violation := {
		"message": $"there is no summary of version {artifact.version}",
		"term": artifact.version,
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.release_notes
	some artifact in input.artifact
	some release in report.releases
	trim_prefix(release.version, input.parameters.prefix) == artifact.version
	not count(release.summary) >= input.parameters.minimum_characters
	violation := {
		"message": $"{release.version} is not summed up in {input.parameters.minimum_characters} characters or more",
		"term": $"{release.version}: summary",
		"source": report.source,
		"locator": release.locator,
		"expected": input.parameters.minimum_characters,
		"unit": "characters",
	}
}
