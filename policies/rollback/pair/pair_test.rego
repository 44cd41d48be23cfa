package gatekeeper.rollback.pair_test

import rego.v2

import data.gatekeeper.rollback.pair

denied(targets) := answer if {
	report := {"source": {"slot": "rollback"}, "rehearsals": [{"to_digest": target} | some target in targets]}
	answer := pair.deny with input as {
		"rollback": [report],
		"baseline": {"artifact": [{"digest": "sha256:aa", "source": {"slot": "artifact"}}]},
	}
}

test_deny_another_version if {
	denied(["sha256:bb", "sha256:cc"]) == {{
		"message": "no rehearsal goes back to sha256:aa, which was released before",
		"term": "sha256:aa",
		"source": {"slot": "rollback"},
		"expected": "sha256:aa",
		"actual": "sha256:bb, sha256:cc",
	}}
}

test_deny_no_rehearsal if {
	count(denied([])) == 1
}

test_pass_among_others if {
	denied(["sha256:bb", "sha256:aa"]) == set()
}
