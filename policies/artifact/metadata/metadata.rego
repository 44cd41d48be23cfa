# METADATA
# title: The artifact says what it is
# description: >-
#   Whoever gets an artifact without its repository needs to know under which terms it may be used, who made it and
#   where to report a fault.
# custom:
#   severity: low
#   needs:
#     artifact: [file_name, licenses, contributors, urls, version]
#   remedy: Fill in licence, authors and addresses in the project's own metadata and build again.
#   controls: [NTIA-SBOM, SSDF-PS.3.2]
package gatekeeper.artifact.metadata

import rego.v2

deny contains violation if {
	some report in input.artifact
	some term, given in {
		"contributors": report.contributors,
		"licenses": report.licenses,
		"urls": report.urls,
	}
	count(given) == 0
	violation := {
		"message": $"{report.file_name} names no {term}",
		"term": term,
		"source": report.source,
		"expected": 1,
		"actual": 0,
	}
}

# What version numbers are called that nobody has set.
deny contains violation if {
	some report in input.artifact
	report.version in {"0", "0.0", "0.0.0", "0.0.0.dev0", "0+unknown", "unknown"}
	violation := {
		"message": $"the version of {report.file_name} is {report.version}, which nobody has set",
		"term": "version",
		"source": report.source,
		"actual": report.version,
	}
}
