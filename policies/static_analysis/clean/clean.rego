# METADATA
# title: The analyser found nothing at this level or above
# description: >-
#   What an analyser reports is cheapest to mend on the day it is reported. A finding that was suppressed is still there:
#   it is shown as a warning, or denied where nobody may suppress.
# custom:
#   severity: medium
#   needs:
#     static_analysis: [tool, findings.rule, findings.level, findings.suppressed, findings.locator]
#   reads:
#     static_analysis: [findings.path, findings.line]
#   parameters:
#     level:
#       type: string
#       enum: [none, note, warning, error]
#       default: warning
#       tighten: down
#       description: Findings of this level and of those above it are denied.
#     suppressed:
#       type: string
#       enum: [deny, warn]
#       default: warn
#       tighten: down
#       description: What becomes of a finding that was suppressed in the code or in the tool.
#   remedy: Mend what the finding points at, or suppress it with a reason where that is allowed.
#   controls: [ISO27001-A.8.28, SOC2-CC8.1, SSDF-PW.7.2]
package gatekeeper.static_analysis.clean

import rego.v2

# The levels of SARIF 2.1.0, section 3.27.10, from the least to the most.
rank := {"none": 0, "note": 1, "warning": 2, "error": 3}

deny contains violation if {
	some report in input.static_analysis
	some finding in report.findings
	denied(finding.suppressed)
	rank[finding.level] >= rank[input.parameters.level]
	violation := {
		"message": $"{report.tool}: {finding.level} {finding.rule}{concat("", [$" in {path}" | path := finding.path])}{concat("", [$":{line}" | line := finding.line])}",
		"term": $"{finding.rule}{concat("", [$" in {path}" | path := finding.path])}",
		"source": report.source,
		"locator": finding.locator,
		"expected": $"below {input.parameters.level}",
		"actual": finding.level,
	}
}

warn contains violation if {
	some report in input.static_analysis
	some finding in report.findings
	not denied(finding.suppressed)
	rank[finding.level] >= rank[input.parameters.level]
	violation := {
		"message": $"{report.tool}: {finding.level} {finding.rule}{concat("", [$" in {path}" | path := finding.path])} is suppressed",
		"term": $"{finding.rule}{concat("", [$" in {path}" | path := finding.path])}",
		"source": report.source,
		"locator": finding.locator,
	}
}

denied(suppressed) if not suppressed

denied(_) if input.parameters.suppressed == "deny"
