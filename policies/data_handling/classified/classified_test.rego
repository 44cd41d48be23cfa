package gatekeeper.data_handling.classified_test

import rego.v2

import data.gatekeeper.data_handling.classified

store := {
	"name": "accounts",
	"classification": "confidential",
	"contents": ["email address"],
	"locator": "/stores/0",
}

denied(changed, highest) := answer if {
	report := {"source": {"slot": "data"}, "stores": [changed]}
	answer := classified.deny with input as {"data_handling": [report], "parameters": {"highest": highest}}
}

test_deny_what_is_too_sensitive if {
	denied(store, "internal") == {{
		"message": "accounts is confidential, at most internal is allowed",
		"term": "accounts",
		"source": {"slot": "data"},
		"locator": "/stores/0",
		"expected": "internal",
		"actual": "confidential",
	}}
}

test_every_class[name] if {
	some class, rank in {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}
	some highest, limit in {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}
	name := $"{class} where {highest} is allowed"
	count(denied(object.union(store, {"classification": class}), highest)) == count([1 | rank > limit])
}

test_deny_without_contents if {
	denied(object.union(store, {"contents": []}), "restricted") == {{
		"message": "nobody says what is in accounts",
		"term": "accounts contents",
		"source": {"slot": "data"},
		"locator": "/stores/0",
		"expected": 1,
		"actual": 0,
		"unit": "kinds of data",
	}}
}
