package gatekeeper.rollback.rehearsed_test

import rego.v2

import data.gatekeeper.rollback.rehearsed

held := {
	"from_digest": "sha256:bb",
	"to_digest": "sha256:aa",
	"outcome": "succeeded",
	"data_intact": true,
	"locator": "/rehearsals/0",
}

denied(rehearsals) := answer if {
	answer := rehearsed.deny with input as {
		"rollback": [{"source": {"slot": "rollback"}, "rehearsals": rehearsals}],
		"subject": {"name": "app.whl", "digest": {"sha256": "bb", "sha512": "cc"}},
		"parameters": {"max_age": "30d"},
	}
}

test_pass[name] if {
	some name, rehearsals in {
		"one": [held],
		"by the other digest": [object.union(held, {"from_digest": "sha512:cc"})],
		"two pairs": [object.union(held, {"from_digest": "sha256:dd"}), held],
	}
	denied(rehearsals) == set()
}

test_deny_another_version if {
	others := [object.union(held, {"from_digest": digest}) | some digest in ["sha256:dd", "sha256:ee"]]
	denied(others) == {{
		"message": "no rehearsal goes back from app.whl as it is here",
		"source": {"slot": "rollback"},
		"expected": "sha256:bb, sha512:cc",
		"actual": "sha256:dd, sha256:ee",
	}}
}

test_deny_none_at_all if {
	count(denied([])) == 1
}

test_deny_an_outcome if {
	denied([object.union(held, {"outcome": "failed"})]) == {{
		"message": "the rehearsal of going back to sha256:aa: failed",
		"term": "sha256:aa: outcome",
		"source": {"slot": "rollback"},
		"locator": "/rehearsals/0",
		"expected": "succeeded",
		"actual": "failed",
	}}
	count(denied([object.union(held, {"outcome": "unfinished"})])) == 1
}

test_deny_broken_data if {
	denied([object.union(held, {"data_intact": false})]) == {{
		"message": "data was not whole after going back to sha256:aa",
		"term": "sha256:aa: data",
		"source": {"slot": "rollback"},
		"locator": "/rehearsals/0",
	}}
}

test_deny_a_pair_of_one if {
	denied([object.union(held, {"to_digest": "sha256:bb"})]) == {{
		"message": "the rehearsal goes back from sha256:bb to itself",
		"term": "sha256:bb: pair",
		"source": {"slot": "rollback"},
		"locator": "/rehearsals/0",
	}}
}
