# METADATA
# title: What is new is behind a feature flag that can be switched off
# description: >-
#   A flag takes something back in seconds, where a rollback takes minutes and takes back everything. A flag that is not
#   evaluated, or that has no variant that is off, switches nothing.
# custom:
#   severity: medium
#   needs:
#     feature_flags: [flags.name, flags.enabled, flags.off_variants, flags.locator]
#   parameters:
#     flags:
#       type: array
#       items: {type: string, minLength: 1}
#       minItems: 1
#       uniqueItems: true
#       tighten: superset
#       description: The flags that the release needs, by their keys.
#   remedy: Define the flag with a variant that is off, and enable it.
#   controls: [ISO27001-A.8.32, SOC2-CC8.1]
package gatekeeper.flags.present

import rego.v2

deny contains violation if {
	some report in input.feature_flags
	some wanted in input.parameters.flags
	not wanted in defined
	violation := {
		"message": $"there is no flag {wanted}",
		"term": wanted,
		"source": report.source,
		"locator": "flags",
	}
}

deny contains violation if {
	some report in input.feature_flags
	some flag in report.flags
	flag.name in input.parameters.flags
	not flag.enabled
	violation := {
		"message": $"the flag {flag.name} is not evaluated",
		"term": $"{flag.name}: state",
		"source": report.source,
		"locator": flag.locator,
		"expected": "enabled",
		"actual": "disabled",
	}
}

deny contains violation if {
	some report in input.feature_flags
	some flag in report.flags
	flag.name in input.parameters.flags
	count(flag.off_variants) == 0
	violation := {
		"message": $"the flag {flag.name} has no variant that is off",
		"term": $"{flag.name}: off",
		"source": report.source,
		"locator": flag.locator,
	}
}

defined contains flag.name if {
	some report in input.feature_flags
	some flag in report.flags
}
