package gatekeeper.static_analysis.clean_test

import rego.v2

import data.gatekeeper.static_analysis.clean

finding := {"rule": "E501", "level": "warning", "suppressed": false, "locator": "/runs/0/results/0", "path": "a.py", "line": 3}

answered(findings, level, suppressed) := answer if {
	report := {"source": {"slot": "lint"}, "tool": "ruff", "findings": findings}
	parameters := {"level": level, "suppressed": suppressed}
	answer := {"deny": clean.deny, "warn": clean.warn} with input as {"static_analysis": [report], "parameters": parameters}
}

test_deny_names_rule_and_place if {
	answered([finding], "warning", "warn").deny == {{
		"message": "ruff: warning E501 in a.py:3",
		"term": "E501 in a.py",
		"source": {"slot": "lint"},
		"locator": "/runs/0/results/0",
		"expected": "below warning",
		"actual": "warning",
	}}
}

test_deny_where_no_path_is_known if {
	some violation in answered([object.remove(finding, {"path", "line"})], "warning", "warn").deny
	violation.message == "ruff: warning E501"
	violation.term == "E501"
}

test_every_level[name] if {
	some level, rank in {"none": 0, "note": 1, "warning": 2, "error": 3}
	some threshold, from in {"none": 0, "note": 1, "warning": 2, "error": 3}
	name := $"{level} from {threshold}"
	expected := count([1 | rank >= from])
	count(answered([object.union(finding, {"level": level})], threshold, "warn").deny) == expected
}

test_suppressed[name] if {
	some name, case in {
		"shown": {"suppressed": "warn", "deny": 0, "warn": 1},
		"denied": {"suppressed": "deny", "deny": 1, "warn": 0},
	}
	answer := answered([object.union(finding, {"suppressed": true})], "warning", case.suppressed)
	count(answer.deny) == case.deny
	count(answer.warn) == case.warn
}

test_warn_of_nothing_that_is_denied if {
	answered([finding], "warning", "warn").warn == set()
	answered([finding], "warning", "deny").warn == set()
}

test_warn_only_from_the_level if {
	answered([object.union(finding, {"suppressed": true, "level": "note"})], "warning", "warn").warn == set()
}

test_warn_says_that_it_is_suppressed if {
	answered([object.union(finding, {"suppressed": true})], "warning", "warn").warn == {{
		"message": "ruff: warning E501 in a.py is suppressed",
		"term": "E501 in a.py",
		"source": {"slot": "lint"},
		"locator": "/runs/0/results/0",
	}}
}

test_pass_without_findings if {
	answered([], "none", "deny") == {"deny": set(), "warn": set()}
}
