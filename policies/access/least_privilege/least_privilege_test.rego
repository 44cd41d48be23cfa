package gatekeeper.access.least_privilege_test

import rego.v2

import data.gatekeeper.access.least_privilege

denied(verbs, resources, exceptions) := answer if {
	grant := {"subject": "User ada", "role": "operator", "verbs": verbs, "resources": resources, "locator": "/rules/0"}
	answer := least_privilege.deny with input as {
		"privileges": [{"source": {"slot": "rbac"}, "grants": [grant]}],
		"parameters": {
			"denied_verbs": ["*", "escalate", "iam:passrole", "pods/exec"],
			"denied_resources": ["*", "secrets", "pods/exec"],
			"exceptions": exceptions,
		},
	}
}

test_deny_names_the_verb if {
	denied(["get", "escalate"], ["pods"], []) == {{
		"message": "User ada may escalate as operator",
		"term": "User ada operator verb escalate",
		"source": {"slot": "rbac"},
		"locator": "/rules/0",
	}}
}

test_deny_names_the_resource if {
	denied(["get"], ["pods", "secrets"], []) == {{
		"message": "User ada has rights on secrets as operator",
		"term": "User ada operator resource secrets",
		"source": {"slot": "rbac"},
		"locator": "/rules/0",
	}}
}

test_grants[name] if {
	some name, case in {
		"plain": {"verbs": ["get"], "resources": ["pods"], "violations": 0},
		"all verbs": {"verbs": ["*"], "resources": ["pods"], "violations": 1},
		"all resources": {"verbs": ["get"], "resources": ["*"], "violations": 1},
		"both": {"verbs": ["*"], "resources": ["*"], "violations": 2},
		"a pattern over a denied action": {"verbs": ["iam:pass*"], "resources": ["pods"], "violations": 1},
		"a pattern over all of them": {"verbs": ["iam:*"], "resources": ["pods"], "violations": 1},
		"a pattern over others": {"verbs": ["s3:get*"], "resources": ["arn:aws:s3:::labels/*"], "violations": 0},
		"a star in other words": {"verbs": ["**"], "resources": ["pods"], "violations": 1},
		"what only begins like it": {"verbs": ["escalated"], "resources": ["secretstores"], "violations": 0},
		"a subresource": {"verbs": ["create"], "resources": ["pods/exec"], "violations": 1},
		"all subresources of it": {"verbs": ["create"], "resources": ["pods/*"], "violations": 1},
	}
	count(denied(case.verbs, case.resources, [])) == case.violations
}

test_everything_covers_what_has_a_slash if {
	grant := {"subject": "User ada", "role": "operator", "verbs": [], "resources": ["*"], "locator": "/rules/0"}
	answer := least_privilege.deny with input as {
		"privileges": [{"source": {"slot": "rbac"}, "grants": [grant]}],
		"parameters": {"denied_verbs": [], "denied_resources": ["pods/exec"], "exceptions": []},
	}
	count(answer) == 1
}

test_exceptions[name] if {
	some name, case in {
		"this one": {"exceptions": ["User ada / operator"], "violations": 0},
		"another role": {"exceptions": ["User ada / admin"], "violations": 2},
		"another subject": {"exceptions": ["User bo / operator"], "violations": 2},
	}
	count(denied(["*"], ["*"], case.exceptions)) == case.violations
}
