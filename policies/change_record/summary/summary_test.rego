package gatekeeper.change_record.summary_test

import rego.v2

import data.gatekeeper.change_record.summary

denied(releases) := answer if {
	answer := summary.deny with input as {
		"release_notes": [{"source": {"slot": "notes"}, "releases": releases}],
		"artifact": [{"source": {"slot": "wheel"}, "version": "1.4.0"}],
		"parameters": {"minimum_characters": 5, "prefix": "v"},
	}
}

test_pass_at_the_limit if {
	denied([{"version": "v1.4.0", "locator": "/0", "summary": "12345"}, {"version": "v1.3.0", "locator": "/1"}]) == set()
}

test_deny_too_short if {
	denied([{"version": "v1.4.0", "locator": "/0", "summary": "1234"}]) == {{
		"message": "v1.4.0 is not summed up in 5 characters or more",
		"term": "v1.4.0: summary",
		"source": {"slot": "notes"},
		"locator": "/0",
		"expected": 5,
		"unit": "characters",
	}}
}

test_deny_none if {
	count(denied([{"version": "v1.4.0", "locator": "/0"}])) == 1
}

test_deny_another_version if {
	denied([{"version": "v1.3.0", "locator": "/0", "summary": "12345"}]) == {{
		"message": "there is no summary of version 1.4.0",
		"term": "1.4.0",
		"source": {"slot": "notes"},
	}}
}
