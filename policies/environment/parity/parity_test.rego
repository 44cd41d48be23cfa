package gatekeeper.environment.parity_test

import rego.v2

import data.gatekeeper.environment.parity

python := {"name": "python", "version": "3.11.7", "locator": "/tools/0"}

base := {"name": "base", "digest": "sha256:aa", "locator": "/images/0"}

denied(tools, images, undeclared) := answer if {
	answer := parity.deny with input as {
		"environment": [{"source": {"slot": "ci"}, "tools": tools, "images": images}],
		"parameters": {
			"tools": [{"name": "python", "version": "3.11.7"}],
			"images": [{"name": "base", "digest": "sha256:aa"}],
			"undeclared": undeclared,
		},
	}
}

test_pass_when_both_are_equal if {
	denied([python], [base], []) == set()
}

test_deny_another_version if {
	denied([object.union(python, {"version": "3.11.8"})], [base], [".*"]) == {{
		"message": "python is 3.11.8, declared is 3.11.7",
		"term": "python 3.11.8",
		"source": {"slot": "ci"},
		"locator": "/tools/0",
		"expected": "3.11.7",
		"actual": "3.11.8",
	}}
}

test_deny_another_digest if {
	denied([python], [object.union(base, {"digest": "sha256:bb"})], [".*"]) == {{
		"message": "the image base is sha256:bb, declared is sha256:aa",
		"term": "base@sha256:bb",
		"source": {"slot": "ci"},
		"locator": "/images/0",
		"expected": "sha256:aa",
		"actual": "sha256:bb",
	}}
}

test_deny_a_tool_that_is_not_there if {
	denied([], [base], [".*"]) == {{
		"message": "python 3.11.7 is declared and not there",
		"term": "python",
		"source": {"slot": "ci"},
		"expected": "3.11.7",
	}}
}

test_deny_an_image_that_is_not_there if {
	denied([python], [], [".*"]) == {{
		"message": "the image base is declared and not there",
		"term": "base",
		"source": {"slot": "ci"},
		"expected": "sha256:aa",
	}}
}

test_deny_a_tool_that_nobody_declared if {
	denied([python, {"name": "gcc", "version": "13", "locator": "/tools/1"}], [base], ["gc", "cc"]) == {{
		"message": "gcc 13 is there and nobody declared it",
		"term": "gcc 13",
		"source": {"slot": "ci"},
		"locator": "/tools/1",
		"actual": "13",
	}}
}

test_deny_an_image_that_nobody_declared if {
	denied([python], [base, {"name": "side", "digest": "sha256:cc", "locator": "/images/1"}], []) == {{
		"message": "the image side is there and nobody declared it",
		"term": "side@sha256:cc",
		"source": {"slot": "ci"},
		"locator": "/images/1",
		"actual": "sha256:cc",
	}}
}

test_pass_what_may_be_there if {
	gcc := {"name": "gcc", "version": "13", "locator": "/tools/1"}
	side := {"name": "side", "digest": "sha256:cc", "locator": "/images/1"}
	denied([python, gcc], [base, side], ["g[a-z]+", "side"]) == set()
}

test_deny_one_of_two_that_differs if {
	second := {"name": "python", "version": "3.12.1", "locator": "/tools/1"}
	{violation.term | some violation in denied([python, second], [base], [])} == {"python 3.12.1"}
}

either(tools, images) := answer if {
	answer := parity.deny with input as {
		"environment": [{"source": {}, "tools": tools, "images": images}],
		"parameters": {
			"tools": [{"name": "python", "version": version} | some version in ["3.11.7", "3.12.1"]],
			"images": [{"name": "base", "digest": digest} | some digest in ["sha256:aa", "sha256:bb"]],
			"undeclared": [],
		},
	}
}

test_either_of_two_declared_will_do if {
	second := {"name": "python", "version": "3.12.1", "locator": "/tools/0"}
	either([python], [base]) == set()
	either([second], [object.union(base, {"digest": "sha256:bb"})]) == set()
}

test_deny_names_all_that_would_do if {
	third := object.union(python, {"version": "3"})
	both := "python is 3, declared is 3.11.7 or 3.12.1"
	{[violation.message, violation.expected] | some violation in either([third], [base])} == {[both, "3.11.7 or 3.12.1"]}
	other := object.union(base, {"digest": "sha256:cc"})
	{[violation.message, violation.expected] | some violation in either([python], [other])} == {[
		"the image base is sha256:cc, declared is sha256:aa or sha256:bb",
		"sha256:aa or sha256:bb",
	]}
}

test_deny_each_environment_on_its_own if {
	answer := parity.deny with input as {
		"environment": [
			{"source": {"slot": "ci"}, "tools": [python], "images": []},
			{"source": {"slot": "production"}, "tools": [], "images": []},
		],
		"parameters": {"tools": [{"name": "python", "version": "3.11.7"}], "images": [], "undeclared": []},
	}
	{violation.source.slot | some violation in answer} == {"production"}
}
