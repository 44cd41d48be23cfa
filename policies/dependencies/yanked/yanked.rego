# METADATA
# title: No dependency has been withdrawn
# description: >-
#   Who publishes a package withdraws a release because it is broken, or because it is not theirs. A lock keeps
#   installing it. Most lock files do not say so; the report of an installation does.
# custom:
#   severity: medium
#   needs:
#     dependencies: [packages.name, packages.yanked, packages.locator]
#   reads:
#     dependencies: [packages.version]
#   remedy: Lock another release of the package.
#   controls: [SSDF-PW.4.1, SSDF-PW.4.4]
package gatekeeper.dependencies.yanked

import rego.v2

deny contains violation if {
	some report in input.dependencies
	some dependency in report.packages
	dependency.yanked == true
	violation := {
		"message": $"{dependency.name}{concat("", [$" {version}" | version := dependency.version])} has been withdrawn by whoever published it",
		"term": $"{dependency.name}{concat("", [$"@{version}" | version := dependency.version])}",
		"source": report.source,
		"locator": dependency.locator,
	}
}
