# METADATA
# title: The base of the image is recent
# description: >-
#   An image inherits what was known to be wrong with its base on the day the base was made. The oldest layer says when
#   that was; an image that was built yesterday on a base of last year is a year old.
# related_resources:
#   - https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
# custom:
#   severity: medium
#   needs:
#     artifact: [file_name, base_created_at, built_at]
#   parameters:
#     max_base_age: {type: string, default: 90d, tighten: down}
#   ages:
#     artifact.base_created_at: max_base_age
#   remedy: Pull the base image again, pin its new digest and rebuild.
#   controls: [CIS-DOCKER-4.2, ISO27001-A.8.8, SSDF-PW.4.4]
package gatekeeper.misconfiguration.base_age

import rego.v2

# A base that is younger than what stands on it is no base: the history was made up.
deny contains violation if {
	some report in input.artifact
	time.parse_rfc3339_ns(report.base_created_at) > time.parse_rfc3339_ns(report.built_at)
	violation := {
		"message": $"the oldest layer of {report.file_name} is younger than the image",
		"source": report.source,
		"locator": "/history",
		"expected": $"before {report.built_at}",
		"actual": report.base_created_at,
	}
}
