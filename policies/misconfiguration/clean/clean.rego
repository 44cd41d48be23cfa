# METADATA
# title: No more misconfigurations of a severity than allowed
# description: >-
#   A Dockerfile or manifest that grants too much is an open door that no patch closes. A check that nobody has rated
#   counts on its own: hardly any scanner rates without an account. A check that the project skipped is still not met: it
#   is shown as a warning, or denied where nobody may skip.
# custom:
#   severity: high
#   needs:
#     misconfiguration:
#       - checks_examined
#       - findings.id
#       - findings.severity
#       - findings.message
#       - findings.suppressed
#       - findings.locator
#   reads:
#     misconfiguration: [findings.path, findings.line, findings.resource]
#   parameters:
#     max_critical: {type: integer, minimum: 0, default: 0, tighten: down}
#     max_high: {type: integer, minimum: 0, default: 0, tighten: down}
#     max_medium: {type: integer, minimum: 0, default: 0, tighten: down}
#     max_low: {type: integer, minimum: 0, default: 20, tighten: down}
#     max_negligible: {type: integer, minimum: 0, default: 100, tighten: down}
#     max_unknown: {type: integer, minimum: 0, default: 0, tighten: down}
#     suppressed:
#       type: string
#       enum: [deny, warn]
#       default: warn
#       tighten: down
#       description: What becomes of a check that a comment or an ignore file of the project skips.
#   remedy: Mend the file that the finding names, or state in a waiver why it does not matter here.
#   controls: [CIS-DOCKER-4, ISO27001-A.8.9, SOC2-CC6.6, SSDF-PW.9.1]
package gatekeeper.misconfiguration.clean

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
	some report in input.misconfiguration
	some finding in report.findings
	counted(finding.suppressed)
	alike := [other.id | some other in report.findings; other.severity == finding.severity; counted(other.suppressed)]
	count(alike) > limits[finding.severity]
	violation := {
		"message": $"{finding.id} ({finding.severity}){concat("", [$" in {path}" | path := finding.path])}{concat("", [$":{line}" | line := finding.line])}: {finding.message}",
		"term": $"{finding.id}{concat("", [$" {path}" | path := finding.path])}{concat("", [$" {resource}" | resource := finding.resource])}",
		"source": report.source,
		"locator": finding.locator,
		"expected": limits[finding.severity],
		"actual": count(alike),
		"unit": finding.severity,
	}
}

warn contains violation if {
	some report in input.misconfiguration
	some finding in report.findings
	not counted(finding.suppressed)
	violation := {
		"message": $"{finding.id} ({finding.severity}){concat("", [$" in {path}" | path := finding.path])} is skipped: {finding.message}",
		"term": $"{finding.id}{concat("", [$" {path}" | path := finding.path])}{concat("", [$" {resource}" | resource := finding.resource])}",
		"source": report.source,
		"locator": finding.locator,
	}
}

counted(suppressed) if not suppressed

counted(_) if input.parameters.suppressed == "deny"
