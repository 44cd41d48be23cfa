package gatekeeper.change_record.reviewed_test

import rego.v2

import data.gatekeeper.change_record.reviewed

denied(version, readers) := answer if {
	release := {"version": version, "author": "github:ada", "reviewed_by": readers, "locator": "/releases/0"}
	answer := reviewed.deny with input as {
		"release_notes": [{"source": {"slot": "notes"}, "releases": [release]}],
		"artifact": [{"source": {"slot": "wheel"}, "version": "1.4.0"}],
		"parameters": {"minimum_reviewers": 2, "prefix": "v"},
	}
}

test_pass_at_the_limit if {
	denied("v1.4.0", ["github:ben", "github:cy"]) == set()
}

test_pass_whoever_read_the_notes_of_another_version if {
	releases := [
		{"version": "v1.4.0", "author": "github:ada", "reviewed_by": ["github:ben", "github:cy"], "locator": "/0"},
		{"version": "v1.3.0", "author": "github:ada", "reviewed_by": [], "locator": "/1"},
	]
	answer := reviewed.deny with input as {
		"release_notes": [{"source": {"slot": "notes"}, "releases": releases}],
		"artifact": [{"source": {"slot": "wheel"}, "version": "1.4.0"}],
		"parameters": {"minimum_reviewers": 2, "prefix": "v"},
	}
	answer == set()
}

test_deny_too_few[name] if {
	some name, readers in {
		"the author reads": ["github:ada", "github:ben"],
		"one reads twice": ["github:ben", "github:ben"],
	}
	denied("v1.4.0", readers) == {{
		"message": "1 others have read the notes of v1.4.0, 2 are needed",
		"term": "v1.4.0: readers",
		"source": {"slot": "notes"},
		"locator": "/releases/0",
		"expected": 2,
		"actual": 1,
		"unit": "people",
	}}
}

test_deny_another_version if {
	denied("v1.3.0", ["github:ben", "github:cy"]) == {{
		"message": "nobody speaks of the notes of version 1.4.0",
		"term": "1.4.0",
		"source": {"slot": "notes"},
	}}
}
