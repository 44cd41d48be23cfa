package gatekeeper.access.cluster_admin_test

import rego.v2

import data.gatekeeper.access.cluster_admin

held := {
	"subject": "User ada",
	"role": "root",
	"verbs": ["get", "*"],
	"resources": ["*"],
	"scope": "cluster",
	"locator": "/rules/0",
}

denied(changes, administrators) := answer if {
	answer := cluster_admin.deny with input as {
		"privileges": [{"source": {"slot": "rbac"}, "grants": [object.union(held, changes)]}],
		"parameters": {"administrators": administrators},
	}
}

test_deny_names_who if {
	denied({}, []) == {{
		"message": "User ada may do everything as root (cluster)",
		"term": "User ada root",
		"source": {"slot": "rbac"},
		"locator": "/rules/0",
	}}
}

test_grants[name] if {
	some name, case in {
		"in an account": {"changes": {"scope": "account"}, "administrators": [], "violations": 1},
		"in a namespace": {"changes": {"scope": "namespace shop"}, "administrators": [], "violations": 0},
		"by name": {
			"changes": {"role": "cluster-admin", "verbs": ["get"], "resources": ["pods"], "scope": "namespace shop"},
			"administrators": [],
			"violations": 1,
		},
		"a name that is longer": {
			"changes": {"role": "my-cluster-admin", "verbs": ["get"]},
			"administrators": [],
			"violations": 0,
		},
		"some verbs": {"changes": {"verbs": ["get"]}, "administrators": [], "violations": 0},
		"some resources": {"changes": {"resources": ["pods"]}, "administrators": [], "violations": 0},
		"named": {"changes": {}, "administrators": ["User ada"], "violations": 0},
		"another is named": {"changes": {}, "administrators": ["User bo"], "violations": 1},
	}
	count(denied(case.changes, case.administrators)) == case.violations
}
