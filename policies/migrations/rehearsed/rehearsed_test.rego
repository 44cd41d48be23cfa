package gatekeeper.migrations.rehearsed_test

import rego.v2

import data.gatekeeper.migrations.rehearsed

denied(way) := answer if {
	answer := rehearsed.deny with input as {"migration": [{
		"source": {"slot": "migration"},
		"migrations": [{
			"name": "V2 prices",
			"way_back": way,
			"tested_at": "2026-01-01T00:00:00Z",
			"locator": "/migrations/1",
		}],
	}]}
}

test_deny_names_the_migration if {
	denied("none") == {{
		"message": "V2 prices was tried at 2026-01-01T00:00:00Z, and there is no way back to try",
		"term": "V2 prices",
		"source": {"slot": "migration"},
		"locator": "/migrations/1",
	}}
}

test_pass[way] if {
	some way in ["reversible", "forward_fix"]
	denied(way) == set()
}
