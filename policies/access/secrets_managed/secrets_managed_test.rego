package gatekeeper.access.secrets_managed_test

import rego.v2

import data.gatekeeper.access.secrets_managed

denied(held, ways) := answer if {
	secret := {"owner": "Deployment shop/web", "name": "DB_PASSWORD", "held": held, "locator": "/spec/env/0"}
	answer := secrets_managed.deny with input as {
		"secret_management": [{"source": {"slot": "manifests"}, "secrets": [secret]}],
		"parameters": {"denied": ways},
	}
}

test_deny_names_the_secret if {
	denied("literal", ["inline", "literal"]) == {{
		"message": "DB_PASSWORD of Deployment shop/web is held as literal",
		"term": "Deployment shop/web DB_PASSWORD",
		"source": {"slot": "manifests"},
		"locator": "/spec/env/0",
		"actual": "literal",
	}}
}

test_ways[held] if {
	some held, violations in {"manager": 0, "encrypted": 0, "reference": 0, "inline": 1, "literal": 1}
	count(denied(held, ["inline", "literal"])) == violations
}

test_deny_what_the_gate_adds if {
	count(denied("reference", ["inline", "literal", "reference"])) == 1
}
