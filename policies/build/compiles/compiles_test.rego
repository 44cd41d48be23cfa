package gatekeeper.build.compiles_test

import rego.v2

import data.gatekeeper.build.compiles

good := {"source": {"slot": "build"}, "tool": "cargo", "succeeded": true, "units": ["scale lib"], "diagnostics": []}

denied(changes, wanted) := answer if {
	answer := compiles.deny with input as {
		"build": [object.union(good, changes)],
		"parameters": {"units": wanted},
	}
}

said(level) := {"diagnostics": [{"level": level, "message": "no such name", "locator": "line 2"}]}

test_deny_a_build_that_did_not_succeed if {
	denied({"succeeded": false}, []) == {{
		"message": "the build by cargo did not succeed",
		"term": "build",
		"source": {"slot": "build"},
	}}
}

test_deny_each_error_at_its_place if {
	denied(said("error"), []) == {{
		"message": "no such name",
		"term": "line 2: no such name",
		"source": {"slot": "build"},
		"locator": "line 2",
	}}
}

test_levels[level] if {
	some level, violations in {"error": 1, "warning": 0, "note": 0}
	count(denied(said(level), [])) == violations
}

test_deny_a_unit_that_is_asked_for if {
	denied({}, ["scale lib", "scale bin"]) == {{
		"message": "scale bin was not built",
		"term": "scale bin",
		"source": {"slot": "build"},
	}}
}

test_pass_when_it_succeeded_and_worked_on_all if {
	denied({}, ["scale lib"]) == set()
}

test_deny_each_report if {
	other := object.union(good, {"source": {"slot": "other"}, "succeeded": false})
	answer := compiles.deny with input as {"build": [good, other], "parameters": {"units": []}}
	{violation.source.slot | some violation in answer} == {"other"}
}
