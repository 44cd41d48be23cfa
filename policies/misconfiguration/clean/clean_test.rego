package gatekeeper.misconfiguration.clean_test

import rego.v2

import data.gatekeeper.misconfiguration.clean

parameters := {
	"max_critical": 0,
	"max_high": 1,
	"max_medium": 2,
	"max_low": 3,
	"max_negligible": 4,
	"max_unknown": 5,
	"suppressed": "warn",
}

finding := {
	"id": "DL3002",
	"severity": "critical",
	"message": "last USER is root",
	"path": "Dockerfile",
	"line": 4,
	"resource": "USER",
	"suppressed": false,
	"locator": "/0",
}

asked(findings, changes) := {
	"misconfiguration": [{"source": {"slot": "iac"}, "checks_examined": 9, "findings": findings}],
	"parameters": object.union(parameters, changes),
}

denied(severities) := answer if {
	findings := [object.union(finding, {"severity": level, "locator": $"/{index}"}) | some index, level in severities]
	answer := clean.deny with input as asked(findings, {})
}

test_deny_names_the_finding_and_its_place if {
	answer := clean.deny with input as asked([finding], {})
	answer == {{
		"message": "DL3002 (critical) in Dockerfile:4: last USER is root",
		"term": "DL3002 Dockerfile USER",
		"source": {"slot": "iac"},
		"locator": "/0",
		"expected": 0,
		"actual": 1,
		"unit": "critical",
	}}
}

test_deny_without_path_line_and_resource if {
	answer := clean.deny with input as asked([object.remove(finding, {"path", "line", "resource"})], {})
	{[violation.message, violation.term] | some violation in answer} == {["DL3002 (critical): last USER is root", "DL3002"]}
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
	{violation.unit | some violation in denied(["high", "critical", "medium"])} == {"critical"}
}

skipped := object.union(finding, {"suppressed": true})

test_skipped_is_a_warning if {
	clean.deny == set() with input as asked([skipped], {})
	answer := clean.warn with input as asked([skipped], {})
	answer == {{
		"message": "DL3002 (critical) in Dockerfile is skipped: last USER is root",
		"term": "DL3002 Dockerfile USER",
		"source": {"slot": "iac"},
		"locator": "/0",
	}}
}

test_skipped_without_path_and_resource if {
	answer := clean.warn with input as asked([object.remove(skipped, {"path", "resource"})], {})
	{[violation.message, violation.term] | some violation in answer} == {["DL3002 (critical) is skipped: last USER is root", "DL3002"]}
}

test_skipped_is_denied_where_nobody_may_skip if {
	count(clean.deny) == 1 with input as asked([skipped], {"suppressed": "deny"})
	clean.warn == set() with input as asked([skipped], {"suppressed": "deny"})
}

test_skipped_does_not_count_for_the_limit if {
	high := object.union(finding, {"severity": "high"})
	clean.deny == set() with input as asked([high, object.union(skipped, {"severity": "high"})], {})
}

test_what_is_skipped_is_not_denied_beside_what_is_not if {
	answer := clean.deny with input as asked([finding, object.union(skipped, {"locator": "/1"})], {})
	{violation.locator | some violation in answer} == {"/0"}
}

test_what_is_not_skipped_is_no_warning if {
	clean.warn == set() with input as asked([finding], {})
}

test_pass_without_findings if {
	denied([]) == set()
}
