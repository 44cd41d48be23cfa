# METADATA
# title: The scanner looked at something
# description: >-
#   A scan of nothing finds nothing. Many reports do not say how many packages were looked at; then a bill of materials
#   of the same subject has to show that there was something to look at.
# custom:
#   severity: high
#   needs:
#     vulnerabilities: [scanner]
#   reads:
#     vulnerabilities: [packages_examined]
#     sbom: [component_count]
#   remedy: Let the scanner list the packages it examined, or attest a bill of materials of the same subject.
#   controls: [ISO27001-A.8.8, SSDF-RV.1.1]
package gatekeeper.vulnerabilities.examined

import rego.v2

deny contains violation if {
	some report in input.vulnerabilities
	not report.packages_examined > 0
	not listed
	violation := {
		"message": $"{report.scanner} does not say what it examined, and no bill of materials does",
		"source": report.source,
		"expected": 1,
		"actual": 0,
		"unit": "packages",
	}
}

# A verified bill of materials of this subject has components.
listed if {
	some report in input.sbom
	report.complete
	report.component_count > 0
}
