package gatekeeper.vulnerabilities.severity_test

import rego.v2

import data.gatekeeper.vulnerabilities.severity

parameters := {
	"max_critical": 0,
	"max_high": 1,
	"max_medium": 2,
	"max_low": 3,
	"max_negligible": 4,
	"max_unknown": 5,
}

denied(severities) := answer if {
	findings := [finding |
		some index, level in severities
		finding := {"id": $"CVE-{index}", "severity": level, "package": "zlib", "version": "1.2", "locator": $"/{index}"}
	]
	counts := {level: count([1 | some other in severities; other == level]) |
		some level in ["critical", "high", "medium", "low", "negligible", "unknown"]
	}
	report := {"source": {"slot": "scan"}, "findings": findings, "counts": counts}
	answer := severity.deny with input as {"vulnerabilities": [report], "parameters": parameters}
}

test_deny_names_the_finding_and_its_place if {
	denied(["critical"]) == {{
		"message": "CVE-0 in zlib 1.2, severity critical",
		"term": "CVE-0 zlib",
		"source": {"slot": "scan"},
		"locator": "/0",
		"expected": 0,
		"actual": 1,
		"unit": "critical",
	}}
}

test_every_severity_at_its_limit[level] if {
	some level, limit in {"critical": 0, "high": 1, "medium": 2, "low": 3, "negligible": 4, "unknown": 5}
	denied(array.slice([level, level, level, level, level], 0, limit)) == set()
}

test_every_severity_above_its_limit[level] if {
	some level, limit in {"critical": 0, "high": 1, "medium": 2, "low": 3, "negligible": 4, "unknown": 5}
	count(denied(array.slice([level, level, level, level, level, level], 0, limit + 1))) == limit + 1
}

test_deny_only_the_severity_that_is_too_many if {
	{violation.term | some violation in denied(["high", "critical", "medium"])} == {"CVE-1 zlib"}
}

test_deny_where_no_version_is_known if {
	report := {
		"source": {"slot": "scan"},
		"findings": [{"id": "CVE-0", "severity": "critical", "package": "zlib", "locator": "/0"}],
		"counts": {"critical": 1, "high": 0, "medium": 0, "low": 0, "negligible": 0, "unknown": 0},
	}
	answer := severity.deny with input as {"vulnerabilities": [report], "parameters": parameters}
	{violation.message | some violation in answer} == {"CVE-0 in zlib, severity critical"}
}

test_pass_without_findings if {
	denied([]) == set()
}
