package gatekeeper.artifact.metadata_test

import rego.v2

import data.gatekeeper.artifact.metadata

full := {
	"source": {"slot": "wheel"},
	"file_name": "parcel.whl",
	"version": "1.4.0",
	"licenses": ["MIT"],
	"contributors": ["Ada"],
	"urls": ["https://parcel.example"],
}

denied(changes) := answer if {
	answer := metadata.deny with input as {"artifact": [object.union(full, changes)]}
}

test_deny_names_what_is_missing if {
	denied({"licenses": []}) == {{
		"message": "parcel.whl names no licenses",
		"term": "licenses",
		"source": {"slot": "wheel"},
		"expected": 1,
		"actual": 0,
	}}
}

test_deny_each_member[member] if {
	some member in ["licenses", "contributors", "urls"]
	{violation.term | some violation in denied({member: []})} == {member}
}

test_deny_versions_that_nobody_set[version] if {
	some version in ["0", "0.0", "0.0.0", "0.0.0.dev0", "0+unknown", "unknown"]
	denied({"version": version}) == {{
		"message": $"the version of parcel.whl is {version}, which nobody has set",
		"term": "version",
		"source": {"slot": "wheel"},
		"actual": version,
	}}
}

test_pass_when_all_is_there if {
	denied({}) == set()
}
