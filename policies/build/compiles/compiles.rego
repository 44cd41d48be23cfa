# METADATA
# title: The source compiles
# description: >-
#   What does not compile cannot be tested, and a build that stopped half way leaves old parts beside new ones. Some
#   build logs look whole when they are cut between two packages, so units can be asked for by name.
# custom:
#   severity: high
#   needs:
#     build:
#       [tool, succeeded, units, diagnostics.level, diagnostics.message, diagnostics.locator]
#   parameters:
#     units:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: superset
#       description: Crates, packages or modules that each build has to have worked on, as the tool names them.
#   remedy: Mend what the compiler points at, and build all of it again.
#   controls: [SLSA-BUILD-L1, SSDF-PW.6.1]
package gatekeeper.build.compiles

import rego.v2

deny contains violation if {
	some report in input.build
	report.succeeded == false
	violation := {
		"message": $"the build by {report.tool} did not succeed",
		"term": "build",
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.build
	some diagnostic in report.diagnostics
	diagnostic.level == "error"
	violation := {
		"message": diagnostic.message,
		"term": $"{diagnostic.locator}: {diagnostic.message}",
		"source": report.source,
		"locator": diagnostic.locator,
	}
}

deny contains violation if {
	some report in input.build
	some unit in input.parameters.units
	not unit in report.units
	violation := {
		"message": $"{unit} was not built",
		"term": unit,
		"source": report.source,
	}
}
