# METADATA
# title: Images are called and tagged as agreed
# description: >-
#   People find an image by its name and deploy it by its tag. A name that is nearly another is an attack, and a tag that
#   moves says nothing of what is in the image.
# custom:
#   severity: medium
#   needs:
#     release_manifest: [members.name, members.role, members.version, members.locator]
#   parameters:
#     name_pattern:
#       type: string
#       minLength: 1
#       default: "[a-z0-9]+([._-][a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+"
#       description: A regular expression (RE2) that a whole name matches, registry and path, without tag.
#     moving_tags:
#       type: array
#       items: {type: string, minLength: 1}
#       default: [latest, main, master, dev, develop, nightly, edge, stable]
#       tighten: superset
#       description: Tags that move.
#   remedy: Name the image as agreed, and give it a tag of its own.
#   controls: [SSDF-PS.3.1]
package gatekeeper.release.images

import rego.v2

deny contains violation if {
	some report in input.release_manifest
	some member in report.members
	member.role == "image"
	not regex.match($"^(?:{input.parameters.name_pattern})$", member.name)
	violation := {
		"message": $"the image name {member.name} does not follow the convention",
		"term": member.name,
		"source": report.source,
		"locator": member.locator,
		"expected": input.parameters.name_pattern,
		"actual": member.name,
	}
}

deny contains violation if {
	some report in input.release_manifest
	some member in report.members
	member.role == "image"
	member.version in input.parameters.moving_tags
	violation := {
		"message": $"the tag {member.version} of {member.name} moves",
		"term": $"{member.name}:{member.version}",
		"source": report.source,
		"locator": member.locator,
		"actual": member.version,
	}
}
