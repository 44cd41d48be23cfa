# METADATA
# title: No more known vulnerabilities of a severity than allowed
# description: >-
#   A known vulnerability is a door whose place is published. One that nobody has rated counts on its own: it is not
#   harmless, it is unknown.
# custom:
#   severity: high
#   needs:
#     vulnerabilities:
#       - findings.id
#       - findings.severity
#       - findings.package
#       - findings.locator
#       - counts.critical
#       - counts.high
#       - counts.medium
#       - counts.low
#       - counts.negligible
#       - counts.unknown
#   reads:
#     vulnerabilities: [findings.version]
#   parameters:
#     max_critical: {type: integer, minimum: 0, default: 0, tighten: down}
#     max_high: {type: integer, minimum: 0, default: 0, tighten: down}
#     max_medium: {type: integer, minimum: 0, default: 10, tighten: down}
#     max_low: {type: integer, minimum: 0, default: 100, tighten: down}
#     max_negligible: {type: integer, minimum: 0, default: 1000, tighten: down}
#     max_unknown: {type: integer, minimum: 0, default: 0, tighten: down}
#   remedy: Update the package, or state in a waiver why the vulnerability does not matter here.
#   controls: [ISO27001-A.8.8, SOC2-CC7.1, SSDF-PW.4.4, SSDF-RV.1.1]
package gatekeeper.vulnerabilities.severity

import rego.v2

limits := {
	"critical": input.parameters.max_critical,
	"high": input.parameters.max_high,
	"medium": input.parameters.max_medium,
	"low": input.parameters.max_low,
	"negligible": input.parameters.max_negligible,
	"unknown": input.parameters.max_unknown,
}

deny contains violation if {
	some report in input.vulnerabilities
	counts := {
		"critical": report.counts.critical,
		"high": report.counts.high,
		"medium": report.counts.medium,
		"low": report.counts.low,
		"negligible": report.counts.negligible,
		"unknown": report.counts.unknown,
	}
	some finding in report.findings
	counts[finding.severity] > limits[finding.severity]
	violation := {
		"message": $"{finding.id} in {finding.package}{concat("", [$" {version}" | version := finding.version])}, severity {finding.severity}",
		"term": $"{finding.id} {finding.package}",
		"source": report.source,
		"locator": finding.locator,
		"expected": limits[finding.severity],
		"actual": counts[finding.severity],
		"unit": finding.severity,
	}
}
