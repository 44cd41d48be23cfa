package gatekeeper.vulnerabilities.fixable_test

import rego.v2

import data.gatekeeper.vulnerabilities.fixable

finding := {
	"id": "CVE-1",
	"severity": "high",
	"package": "zlib",
	"version": "1.2",
	"fixed_versions": ["1.3", "2.0"],
	"locator": "/0",
}

denied(changes, from) := answer if {
	report := {"source": {"slot": "scan"}, "findings": [object.union(finding, changes)]}
	answer := fixable.deny with input as {"vulnerabilities": [report], "parameters": {"severity": from}}
}

test_deny_names_the_update if {
	denied({}, "high") == {{
		"message": "CVE-1 (high) in zlib 1.2 is mended in 1.3, 2.0",
		"term": "CVE-1 zlib",
		"source": {"slot": "scan"},
		"locator": "/0",
		"expected": "1.3, 2.0",
		"actual": "1.2",
	}}
}

test_deny_where_no_version_is_known if {
	report := {"source": {"slot": "scan"}, "findings": [object.remove(finding, {"version"})]}
	answer := fixable.deny with input as {"vulnerabilities": [report], "parameters": {"severity": "high"}}
	{[violation.message, violation.actual] | some violation in answer} == {["CVE-1 (high) in zlib is mended in 1.3, 2.0", ""]}
}

test_every_severity[name] if {
	some level, rank in {"negligible": 0, "low": 1, "medium": 2, "high": 3, "critical": 4, "unknown": 4}
	some threshold, from in {"negligible": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
	name := $"{level} from {threshold}"
	count(denied({"severity": level}, threshold)) == count([1 | rank >= from])
}

test_deny_with_one_fix if {
	count(denied({"fixed_versions": ["1.3"]}, "high")) == 1
}

test_pass_without_fix if {
	denied({"severity": "critical", "fixed_versions": []}, "negligible") == set()
}
