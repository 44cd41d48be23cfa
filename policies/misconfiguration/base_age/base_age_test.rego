package gatekeeper.misconfiguration.base_age_test

import rego.v2

import data.gatekeeper.misconfiguration.base_age

denied(base, built) := answer if {
	report := {"source": {"slot": "image"}, "file_name": "config.json", "base_created_at": base, "built_at": built}
	answer := base_age.deny with input as {"artifact": [report], "parameters": {"max_base_age": "90d"}}
}

test_deny_a_base_from_the_future if {
	denied("2026-01-02T00:00:01Z", "2026-01-02T00:00:00Z") == {{
		"message": "the oldest layer of config.json is younger than the image",
		"source": {"slot": "image"},
		"locator": "/history",
		"expected": "before 2026-01-02T00:00:00Z",
		"actual": "2026-01-02T00:00:01Z",
	}}
}

test_pass_at_once_and_later if {
	denied("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z") == set()
	denied("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z") == set()
}
