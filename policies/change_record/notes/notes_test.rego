package gatekeeper.change_record.notes_test

import rego.v2

import data.gatekeeper.change_record.notes

release := {"version": "v1.4.0", "state": "published", "prerelease": false, "entries": 2, "locator": "/0"}

denied(releases, prereleases) := answer if {
	answer := notes.deny with input as {
		"release_notes": [{"source": {"slot": "notes"}, "releases": releases}],
		"artifact": [{"source": {"slot": "wheel"}, "version": "1.4.0"}],
		"parameters": {"minimum_entries": 2, "prefix": "v", "prereleases": prereleases},
	}
}

test_pass[name] if {
	some name, releases in {
		"at the limit": [release],
		"without a prefix": [object.union(release, {"version": "1.4.0"})],
		"among others": [release, object.union(release, {"version": "v1.3.0", "state": "draft", "entries": 0, "prerelease": true})],
	}
	denied(releases, "deny") == set()
}

test_deny_another_version if {
	denied([object.union(release, {"version": "v1.3.0"}), object.union(release, {"version": "1.4.0.1"})], "deny") == {{
		"message": "there are no notes of version 1.4.0",
		"term": "1.4.0",
		"source": {"slot": "notes"},
		"expected": "1.4.0",
		"actual": "1.3.0, 1.4.0.1",
	}}
}

test_deny_no_release_at_all if {
	count(denied([], "deny")) == 1
}

test_deny_what_is_not_published[state] if {
	some state in ["draft", "yanked"]
	denied([object.union(release, {"state": state})], "deny") == {{
		"message": $"the notes of v1.4.0 are {state}",
		"term": "v1.4.0: state",
		"source": {"slot": "notes"},
		"locator": "/0",
		"expected": "published",
		"actual": state,
	}}
}

test_deny_a_prerelease if {
	denied([object.union(release, {"prerelease": true})], "deny") == {{
		"message": "v1.4.0 is a prerelease",
		"term": "v1.4.0: prerelease",
		"source": {"slot": "notes"},
		"locator": "/0",
	}}
}

test_pass_a_prerelease_where_it_is_allowed if {
	denied([object.union(release, {"prerelease": true})], "allow") == set()
}

test_deny_too_few_entries if {
	denied([object.union(release, {"entries": 1})], "deny") == {{
		"message": "the notes of v1.4.0 have 1 entries, 2 are needed",
		"term": "v1.4.0: entries",
		"source": {"slot": "notes"},
		"locator": "/0",
		"expected": 2,
		"actual": 1,
		"unit": "entries",
	}}
}
