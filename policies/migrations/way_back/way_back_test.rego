package gatekeeper.migrations.way_back_test

import rego.v2

import data.gatekeeper.migrations.way_back

denied(state, way, ways) := answer if {
	migration := {"name": "V2 prices", "state": state, "way_back": way, "locator": "/migrations/1"}
	answer := way_back.deny with input as {
		"migration": [{"source": {"slot": "migration"}, "migrations": [migration]}],
		"parameters": {"ways": ways},
	}
}

test_deny_names_the_migration if {
	denied("pending", "none", ["reversible", "forward_fix"]) == {{
		"message": "there is no way back from V2 prices (none)",
		"term": "V2 prices",
		"source": {"slot": "migration"},
		"locator": "/migrations/1",
	}}
}

test_deny_what_failed if {
	denied("failed", "reversible", ["reversible"]) == {{
		"message": "V2 prices has failed and left the database in between",
		"term": "V2 prices",
		"source": {"slot": "migration"},
		"locator": "/migrations/1",
	}}
}

test_ways[name] if {
	some name, case in {
		"reversible": {"state": "pending", "way": "reversible", "violations": 0},
		"a plan, where it has to be reversible": {"state": "pending", "way": "forward_fix", "violations": 1},
		"applied before this release": {"state": "applied", "way": "none", "violations": 0},
		"undone": {"state": "undone", "way": "none", "violations": 0},
	}
	count(denied(case.state, case.way, ["reversible"])) == case.violations
}
