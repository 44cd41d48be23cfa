# METADATA
# title: The compiler warns of little
# description: >-
#   Among many warnings nobody sees the one that matters. The number may only go down: set it to what there is, and
#   tighten it as warnings are mended.
# custom:
#   severity: low
#   needs:
#     build: [tool, warning_count]
#   parameters:
#     max_warnings: {type: integer, minimum: 0, default: 0, tighten: down}
#   remedy: Mend what the compiler warns of, or say in the source why it is meant.
#   controls: [SSDF-PW.6.2]
package gatekeeper.build.warnings

import rego.v2

deny contains violation if {
	some report in input.build
	report.warning_count > input.parameters.max_warnings
	violation := {
		"message": $"{report.tool} warns {report.warning_count} times, at most {input.parameters.max_warnings} are allowed",
		"source": report.source,
		"expected": input.parameters.max_warnings,
		"actual": report.warning_count,
		"unit": "warnings",
	}
}
