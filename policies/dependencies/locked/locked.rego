# METADATA
# title: Every dependency is locked to one version
# description: >-
#   A range is an invitation: whoever publishes the next version decides what is installed. A requirement that the lock
#   does not answer is resolved when somebody installs, and nobody has looked at what comes of it.
# custom:
#   severity: high
#   needs:
#     dependencies: [packages.name, packages.pinned, packages.locator, unlocked.name, unlocked.locator]
#   reads:
#     dependencies: [packages.version]
#   remedy: Lock all dependencies again with the project's own tool, and commit the lock file.
#   controls: [SLSA-BUILD-L1, SSDF-PS.3.2, SSDF-PW.4.4]
package gatekeeper.dependencies.locked

import rego.v2

deny contains violation if {
	some report in input.dependencies
	some dependency in report.packages
	dependency.pinned == false
	violation := {
		"message": $"{dependency.name}{concat("", [$" {version}" | version := dependency.version])} is not pinned",
		"term": dependency.name,
		"source": report.source,
		"locator": dependency.locator,
	}
}

deny contains violation if {
	some report in input.dependencies
	some requirement in report.unlocked
	violation := {
		"message": $"{requirement.name} is required and not locked",
		"term": requirement.name,
		"source": report.source,
		"locator": requirement.locator,
	}
}
