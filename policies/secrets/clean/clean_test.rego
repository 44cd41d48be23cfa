package gatekeeper.secrets.clean_test

import rego.v2

import data.gatekeeper.secrets.clean

finding := {
	"rule": "aws-access-token",
	"path": "app.py",
	"line": 3,
	"commit": "582d2caf",
	"fingerprint": "582d2caf:app.py:aws-access-token:3",
	"verified": true,
	"locator": "/0",
}

asked(found, allowed) := {
	"secrets": [{"source": {"slot": "leaks"}, "tool": "gitleaks", "examined": 2, "findings": found}],
	"parameters": {"allowed": allowed},
}

test_deny_names_the_place_and_never_the_secret if {
	answer := clean.deny with input as asked([finding], [])
	answer == {{
		"message": "gitleaks: aws-access-token in app.py:3 at 582d2caf, and it works",
		"term": "582d2caf:app.py:aws-access-token:3",
		"source": {"slot": "leaks"},
		"locator": "/0",
	}}
}

test_deny_with_less_known if {
	answer := clean.deny with input as asked([object.remove(finding, {"line", "commit", "verified"})], [])
	{violation.message | some violation in answer} == {"gitleaks: aws-access-token in app.py"}
}

test_deny_what_was_tried_in_vain if {
	answer := clean.deny with input as asked([object.union(finding, {"verified": false})], [])
	{violation.message | some violation in answer} == {"gitleaks: aws-access-token in app.py:3 at 582d2caf"}
}

test_allowed_by_its_whole_fingerprint[name] if {
	some name, case in {
		"itself": {"allowed": ["x", "582d2caf:app.py:aws-access-token:3"], "violations": 0},
		"another line": {"allowed": ["582d2caf:app.py:aws-access-token:4"], "violations": 1},
		"a part": {"allowed": ["582d2caf:app.py", "app.py"], "violations": 1},
		"nothing": {"allowed": [], "violations": 1},
	}
	count(clean.deny) == case.violations with input as asked([finding], case.allowed)
	count(clean.warn) == 1 - case.violations with input as asked([finding], case.allowed)
}

test_warn_says_what_is_allowed if {
	answer := clean.warn with input as asked([finding], [finding.fingerprint])
	answer == {{
		"message": "gitleaks: aws-access-token in app.py is allowed by its fingerprint",
		"term": "582d2caf:app.py:aws-access-token:3",
		"source": {"slot": "leaks"},
		"locator": "/0",
	}}
}

test_pass_without_findings if {
	clean.deny == set() with input as asked([], [])
	clean.warn == set() with input as asked([], [])
}
