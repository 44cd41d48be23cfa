package gatekeeper.provenance.source_test

import rego.v2

import data.gatekeeper.provenance.source

denied(source_uri, refs) := answer if {
	report := {"source": {"slot": "provenance"}, "source_uri": source_uri, "source_digest": "gitCommit:fc29ec1"}
	answer := source.deny with input as {
		"provenance": [report],
		"parameters": {"repository": "https://github.com/acme/parcel", "refs": refs},
	}
}

test_deny_names_the_repository if {
	denied("git+https://github.com/evil/parcel@refs/heads/main", ["refs/heads/main"]) == {{
		"message": "the artifact was built from https://github.com/evil/parcel",
		"term": "repository",
		"source": {"slot": "provenance"},
		"expected": "https://github.com/acme/parcel",
		"actual": "https://github.com/evil/parcel",
	}}
}

test_deny_names_the_ref if {
	denied("git+https://github.com/acme/parcel@refs/heads/try", ["refs/heads/main", "refs/tags/*"]) == {{
		"message": "the artifact was built from the ref 'refs/heads/try' at gitCommit:fc29ec1",
		"term": "ref",
		"source": {"slot": "provenance"},
		"expected": "refs/heads/main, refs/tags/*",
		"actual": "refs/heads/try",
	}}
}

test_sources[name] if {
	some name, case in {
		"branch": {"uri": "git+https://github.com/acme/parcel@refs/heads/main", "terms": set()},
		"tag": {"uri": "git+https://github.com/acme/parcel@refs/tags/v1", "terms": set()},
		"without git+": {"uri": "https://github.com/acme/parcel@refs/heads/main", "terms": set()},
		"tag below a tag": {"uri": "https://github.com/acme/parcel@refs/tags/v1/x", "terms": {"ref"}},
		"no ref": {"uri": "https://github.com/acme/parcel", "terms": {"ref"}},
		"longer repository": {"uri": "https://github.com/acme/parcel-evil@refs/tags/v1", "terms": {"repository"}},
		"other host": {"uri": "https://github.com.evil/acme/parcel@refs/tags/v1", "terms": {"repository"}},
		"ours as a user name": {"uri": "https://github.com/acme/parcel@evil.example/x", "terms": {"ref"}},
		"ours as a path": {"uri": "https://evil.example/https://github.com/acme/parcel@refs/tags/v1", "terms": {"repository"}},
		"a second ref": {"uri": "https://github.com/acme/parcel@refs/heads/try@refs/heads/main", "terms": {"ref"}},
		"empty": {"uri": "", "terms": {"ref", "repository"}},
	}
	{violation.term | some violation in denied(case.uri, ["refs/heads/main", "refs/tags/*"])} == case.terms
}

test_deny_shows_all_that_follows_the_repository if {
	{violation.actual | some violation in denied("https://github.com/acme/parcel@a@b@c", ["a"])} == {"a@b@c"}
}

test_pass_any_ref if {
	denied("https://github.com/acme/parcel", ["**"]) == set()
	denied("https://github.com/acme/parcel@refs/pull/7/merge", ["**"]) == set()
}
