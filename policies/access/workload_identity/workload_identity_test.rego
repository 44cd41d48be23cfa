package gatekeeper.access.workload_identity_test

import rego.v2

import data.gatekeeper.access.workload_identity

held := {
	"name": "Deployment shop/web",
	"account": "web",
	"token_mounted": false,
	"static_credentials": [],
	"locator": "/spec",
}

denied(changes, mounting) := answer if {
	answer := workload_identity.deny with input as {
		"workload_identity": [{"source": {"slot": "manifests"}, "workloads": [object.union(held, changes)]}],
		"parameters": {"shared_accounts": ["default", "legacy"], "mounting": mounting},
	}
}

test_pass_what_has_an_account_and_no_token if {
	denied({}, []) == set()
}

test_deny_a_shared_account if {
	denied({"account": "default"}, []) == {{
		"message": "Deployment shop/web runs as default",
		"term": "Deployment shop/web account",
		"source": {"slot": "manifests"},
		"locator": "/spec",
		"actual": "default",
	}}
	count(denied({"account": "legacy"}, [])) == 1
}

test_deny_a_token if {
	denied({"token_mounted": true}, ["operator"]) == {{
		"message": "a token of web is mounted into Deployment shop/web",
		"term": "Deployment shop/web token",
		"source": {"slot": "manifests"},
		"locator": "/spec",
		"actual": "web",
	}}
}

test_pass_a_token_that_is_needed if {
	denied({"token_mounted": true}, ["web"]) == set()
}

test_deny_credentials if {
	denied({"static_credentials": ["AWS_ACCESS_KEY_ID"]}, []) == {{
		"message": "Deployment shop/web holds credentials that do not expire in AWS_ACCESS_KEY_ID",
		"term": "Deployment shop/web AWS_ACCESS_KEY_ID",
		"source": {"slot": "manifests"},
		"locator": "/spec",
		"actual": "AWS_ACCESS_KEY_ID",
	}}
	count(denied({"static_credentials": ["A", "B"]}, [])) == 2
}
