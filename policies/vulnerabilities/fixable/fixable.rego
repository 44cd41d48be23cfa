# METADATA
# title: What can be mended by an update has been
# description: >-
#   A vulnerability with a published fix is one that attackers read about in release notes. From the severity given,
#   not having updated is the defect. An unknown severity counts as the worst.
# custom:
#   severity: high
#   needs:
#     vulnerabilities: [findings.id, findings.severity, findings.package, findings.fixed_versions, findings.locator]
#   reads:
#     vulnerabilities: [findings.version]
#   parameters:
#     severity:
#       type: string
#       enum: [negligible, low, medium, high, critical]
#       default: high
#       tighten: down
#       description: The lowest severity that is denied.
#   remedy: Update the package to one of the versions that mend it.
#   controls: [ISO27001-A.8.8, SOC2-CC7.1, SSDF-RV.2.2]
package gatekeeper.vulnerabilities.fixable

import rego.v2

rank := {"negligible": 0, "low": 1, "medium": 2, "high": 3, "critical": 4, "unknown": 4}

deny contains violation if {
	some report in input.vulnerabilities
	some finding in report.findings
	count(finding.fixed_versions) > 0
	rank[finding.severity] >= rank[input.parameters.severity]
	violation := {
		"message": $"{finding.id} ({finding.severity}) in {finding.package}{concat("", [$" {version}" | version := finding.version])} is mended in {concat(", ", finding.fixed_versions)}",
		"term": $"{finding.id} {finding.package}",
		"source": report.source,
		"locator": finding.locator,
		"expected": concat(", ", finding.fixed_versions),
		"actual": $"{concat("", [version | version := finding.version])}",
	}
}
