# METADATA
# title: No secret was found
# description: >-
#   A secret in a repository or an image is everybody's who can read it, and stays so in its history. One that was found
#   is spent: it has to be revoked, and taking it out of the file mends nothing. What is no secret after all (the
#   example of a manual) is allowed by its fingerprint, one by one.
# custom:
#   severity: critical
#   needs:
#     secrets: [tool, examined, findings.rule, findings.path, findings.fingerprint, findings.locator]
#   reads:
#     secrets: [findings.line, findings.commit, findings.verified]
#   parameters:
#     allowed:
#       type: array
#       items: {type: string, minLength: 1}
#       uniqueItems: true
#       default: []
#       tighten: subset
#       description: Fingerprints of findings that people have looked at and that are no secrets.
#   remedy: Revoke the secret, then remove it; if it never was one, have its fingerprint allowed.
#   controls: [ISO27001-A.8.12, SOC2-CC6.1, SSDF-PS.1.1]
package gatekeeper.secrets.clean

import rego.v2

deny contains violation if {
	some report in input.secrets
	some finding in report.findings
	not finding.fingerprint in input.parameters.allowed
	violation := {
		"message": $"{report.tool}: {finding.rule} in {finding.path}{concat("", [$":{line}" | line := finding.line])}{concat("", [$" at {commit}" | commit := finding.commit])}{concat("", [", and it works" | verified := finding.verified; verified])}",
		"term": finding.fingerprint,
		"source": report.source,
		"locator": finding.locator,
	}
}

warn contains violation if {
	some report in input.secrets
	some finding in report.findings
	finding.fingerprint in input.parameters.allowed
	violation := {
		"message": $"{report.tool}: {finding.rule} in {finding.path} is allowed by its fingerprint",
		"term": finding.fingerprint,
		"source": report.source,
		"locator": finding.locator,
	}
}
