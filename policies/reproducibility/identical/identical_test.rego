package gatekeeper.reproducibility.identical_test

import rego.v2

import data.gatekeeper.reproducibility.identical

build(name, digest) := {"builder": name, "digest": digest, "locator": $"/builds/{name}"}

same := [build("ci", "sha256:aa"), build("rebuilder", "sha256:aa")]

other := [build("ci", "sha256:aa"), build("rebuilder", "sha256:bb")]

differs(path, kind) := {"path": path, "kind": kind, "locator": "/differences/0"}

stated(builds, differences) := {"source": {"slot": "rebuild"}, "builds": builds, "differences": differences}

asked(reports, parameters) := answer if {
	answer := identical.deny with input as {
		"subject": {"name": "app.whl", "digest": {"sha256": "aa"}},
		"reproducibility": reports,
		"parameters": object.union({"minimum_builders": 2, "allowed": [{"path": "build/.*", "kind": "metadata"}]}, parameters),
	}
}

denied(builds, differences) := asked([stated(builds, differences)], {})

test_pass_when_all_made_the_same if {
	denied(same, []) == set()
}

test_deny_too_few_builders if {
	denied([build("ci", "sha256:aa"), build("ci", "sha256:aa")], []) == {{
		"message": "1 of 2 builders have built it",
		"term": "builders",
		"source": {"slot": "rebuild"},
		"expected": 2,
		"actual": 1,
		"unit": "builders",
	}}
}

test_builders[name] if {
	some name, case in {
		"as many as needed": {"least": 2, "violations": 0},
		"one fewer": {"least": 3, "violations": 1},
	}
	count(asked([stated(same, [])], {"minimum_builders": case.least})) == case.violations
}

test_deny_digests_that_differ_and_nobody_says_why if {
	denied(other, []) == {
		{
			"message": "ci made sha256:aa, another build something else, and nobody says what differs",
			"term": "ci: sha256:aa",
			"source": {"slot": "rebuild"},
			"locator": "/builds/ci",
			"actual": "sha256:aa",
		},
		{
			"message": "rebuilder made sha256:bb, another build something else, and nobody says what differs",
			"term": "rebuilder: sha256:bb",
			"source": {"slot": "rebuild"},
			"locator": "/builds/rebuilder",
			"actual": "sha256:bb",
		},
	}
}

test_pass_a_difference_that_is_allowed if {
	denied(other, [differs("build/stamp", "metadata")]) == set()
}

test_deny_a_difference if {
	denied(other, [differs("app/main.py", "content")]) == {{
		"message": "app/main.py differs (content)",
		"term": "app/main.py: content",
		"source": {"slot": "rebuild"},
		"locator": "/differences/0",
	}}
}

test_deny_a_difference_although_the_digests_are_equal if {
	count(denied(same, [differs("app/main.py", "content")])) == 1
}

test_differences[name] if {
	some name, case in {
		"allowed": {"path": "build/stamp", "kind": "metadata", "violations": 0},
		"another path": {"path": "src/build/stamp", "kind": "metadata", "violations": 1},
		"content": {"path": "build/stamp", "kind": "content", "violations": 1},
		"missing": {"path": "build/stamp", "kind": "missing", "violations": 1},
		"unknown": {"path": "build/stamp", "kind": "unknown", "violations": 1},
	}
	count(denied(other, [differs(case.path, case.kind)])) == case.violations
}

test_deny_builds_of_something_else if {
	denied([build("ci", "sha256:bb"), build("rebuilder", "sha256:bb")], []) == {{
		"message": "none of the builds made app.whl",
		"term": "subject",
		"source": {"slot": "rebuild"},
		"expected": "sha256:aa",
		"actual": "sha256:bb",
	}}
}

test_deny_names_all_digests if {
	answer := identical.deny with input as {
		"subject": {"name": "app.whl", "digest": {"sha256": "cc", "sha512": "ff"}},
		"reproducibility": [stated(other, [differs("build/stamp", "metadata")])],
		"parameters": {"minimum_builders": 2, "allowed": [{"path": ".*", "kind": "metadata"}]},
	}
	{[violation.expected, violation.actual] | some violation in answer} == {["sha256:cc, sha512:ff", "sha256:aa, sha256:bb"]}
}

test_deny_a_comparison_without_builds if {
	{violation.term | some violation in denied([], [])} == {"builders", "subject"}
}

test_builds_and_differences_may_be_said_apart if {
	comparison := {"source": {"slot": "diff"}, "builds": [], "differences": [differs("build/stamp", "metadata")]}
	asked([stated(other, []), comparison], {}) == set()
	{violation.source.slot | some violation in asked([stated(other, []), comparison], {"allowed": []})} == {"diff"}
}

test_builds_of_several_statements_are_taken_together if {
	first := stated([build("ci", "sha256:aa")], [])
	asked([first, stated([build("rebuilder", "sha256:aa")], [])], {}) == set()
	count(asked([first, stated([build("rebuilder", "sha256:bb")], [])], {})) == 2
}
