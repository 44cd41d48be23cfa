# METADATA
# title: The image does not run as root
# description: >-
#   Whoever breaks out of a process that is root in its container is close to being root outside. What counts is the
#   configuration of the image that was built, not the Dockerfile: a base image may have set the user, or not.
# related_resources:
#   - https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
# custom:
#   severity: high
#   needs:
#     artifact: [file_name, user]
#   parameters:
#     names:
#       type: string
#       enum: [deny, allow]
#       default: allow
#       tighten: down
#       description: Whether a user may be given by name, whose number only the image itself knows.
#   remedy: Name a user other than root in the Dockerfile, best by number (USER 10001).
#   controls: [CIS-DOCKER-4.1, ISO27001-A.8.2, SOC2-CC6.3, SSDF-PW.9.1]
package gatekeeper.misconfiguration.root_user

import rego.v2

deny contains violation if {
	some report in input.artifact
	not harmless(split(report.user, ":")[0])
	violation := {
		"message": $"{report.file_name} runs as {named(report.user)}",
		"source": report.source,
		"locator": "/config/User",
		"expected": expected,
		"actual": report.user,
	}
}

harmless(user) if regex.match(`^[1-9][0-9]{0,9}$`, user)

harmless(user) if {
	input.parameters.names == "allow"
	regex.match(`^[a-z_][a-z0-9_-]{0,31}$`, user)
	user != "root"
}

named(user) := "root: it names no user" if {
	user == ""
} else := user

expected := "a number above 0" if {
	input.parameters.names == "deny"
} else := "any user but root"
