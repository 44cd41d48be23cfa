package gatekeeper.dependencies.confusion_test

import rego.v2

import data.gatekeeper.dependencies.confusion

ours := "https://packages.acme.example/simple"

theirs := "https://index.example.org/simple"

denied(changes) := answer if {
	dependency := object.union({"name": "acme-labels", "origin": "registry", "locator": "/packages/0"}, changes)
	answer := confusion.deny with input as {
		"dependencies": [{"source": {"slot": "lock"}, "packages": [dependency]}],
		"parameters": {"internal": [{"names": "acme-.*|parcel", "index": ours}]},
	}
}

test_deny_another_index if {
	denied({"index": theirs}) == {{
		"message": "acme-labels has an internal name and does not come from https://packages.acme.example/simple",
		"term": "acme-labels",
		"source": {"slot": "lock"},
		"locator": "/packages/0",
		"expected": ours,
		"actual": theirs,
	}}
}

test_deny_an_index_that_is_not_known if {
	{violation.actual | some violation in denied({})} == {""}
}

test_names[name] if {
	some name, violations in {"acme-labels": 1, "parcel": 1, "parcels": 0, "not-acme-labels": 0, "acme": 0}
	count(denied({"name": name, "index": theirs})) == violations
}

test_indexes[index] if {
	some index, violations in {ours: 0, theirs: 1, $"{ours}/": 1, "https://packages.acme.example": 1}
	count(denied({"index": index})) == violations
}

test_origins[origin] if {
	some origin, violations in {"registry": 1, "url": 1, "git": 1, "unknown": 1, "path": 0}
	count(denied({"origin": origin})) == violations
}

test_pass_a_public_name_from_anywhere if {
	denied({"name": "left-pad", "index": theirs}) == set()
}
