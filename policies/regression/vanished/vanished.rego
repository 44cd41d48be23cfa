# METADATA
# title: No test has vanished since the release before
# description: >-
#   Deleting a test is the quietest way to make it pass. Every test of the release before is still there, or its going is
#   allowed by name; and no fewer tests have run than names explain.
# custom:
#   severity: high
#   needs:
#     test_results: [names, total]
#   baseline:
#     test_results: [names, total]
#   parameters:
#     allowed:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Tests that may be gone, as regular expressions (RE2) over the whole `suite::name`.
#   remedy: Bring the test back, or have its removal reviewed and allow it by name.
#   controls: [ISO27001-A.8.29, SOC2-CC8.1, SSDF-PW.8.2]
package gatekeeper.regression.vanished

import rego.v2

there contains name if {
	some report in input.test_results
	some name in report.names
}

gone contains name if {
	some report in input.baseline.test_results
	some name in report.names
	not name in there
}

deny contains violation if {
	some report in input.baseline.test_results
	some name in report.names
	name in gone
	not may_be_gone(name)
	violation := {
		"message": $"{name} was there in the release before and is gone",
		"term": name,
		"source": report.source,
	}
}

deny contains violation if {
	some report in input.test_results
	now := sum([other.total | some other in input.test_results])
	before := sum([other.total | some other in input.baseline.test_results])
	now + count(gone) < before
	violation := {
		"message": $"{now} tests where there were {before}, and {count(gone)} names are gone",
		"term": "total",
		"source": report.source,
		"expected": before - count(gone),
		"actual": now,
		"unit": "tests",
	}
}

may_be_gone(name) if {
	some pattern in input.parameters.allowed
	regex.match($"^(?:{pattern})$", name)
}
