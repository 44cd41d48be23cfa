package gatekeeper.release.traced_test

import rego.v2

import data.gatekeeper.release.traced

commit := "0123456789012345678901234567890123456789"

denied(artifact, provenance, change) := answer if {
	answer := traced.deny with input as {
		"subject": {"name": "app.whl", "digest": {"sha256": "aa", "sha512": "ff"}},
		"artifact": [object.union({"source": {"slot": "wheel"}, "file_name": "app.whl", "digest": "sha256:aa"}, artifact)],
		"provenance": [object.union({"source": {"slot": "provenance"}, "builder": "ci"}, provenance)],
		"change": [object.union({"source": {"slot": "change"}, "commit": commit, "authors": ["github:ada"]}, change)],
	}
}

built := {"source_digest": $"gitCommit:{commit}"}

test_pass_when_all_speak_of_one_thing if {
	denied({}, built, {}) == set()
	denied({"digest": "sha512:ff"}, built, {}) == set()
}

test_deny_metadata_of_something_else if {
	denied({"digest": "sha256:bb"}, built, {}) == {{
		"message": "app.whl is sha256:bb, which is not what is judged",
		"term": "sha256:bb",
		"source": {"slot": "wheel"},
		"expected": "sha256:aa, sha512:ff",
		"actual": "sha256:bb",
	}}
}

test_deny_a_build_of_another_commit if {
	denied({}, {"source_digest": "gitCommit:ff"}, {}) == {{
		"message": $"ci did not build the commit {commit}",
		"term": commit,
		"source": {"slot": "provenance"},
		"expected": $"gitCommit:{commit}",
		"actual": "gitCommit:ff",
	}}
}

test_deny_a_build_of_nothing_that_is_named if {
	{violation.actual | some violation in denied({}, {}, {})} == {""}
}

test_deny_a_change_without_authors if {
	denied({}, built, {"authors": []}) == {{
		"message": $"nobody is named as author of {commit}",
		"term": $"{commit}: authors",
		"source": {"slot": "change"},
	}}
}
