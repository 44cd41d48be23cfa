package gatekeeper.provenance.branch_test

import rego.v2

import data.gatekeeper.provenance.branch

denied(source_uri) := answer if {
	answer := branch.deny with input as {
		"provenance": [{"source": {"slot": "provenance"}, "source_uri": source_uri}],
		"parameters": {"branch_pattern": "main|release/[0-9.]+", "tag_pattern": "v[0-9.]+"},
	}
}

test_deny_says_what_was_expected if {
	denied("git+https://example.org/app@refs/heads/realease/1.4") == {{
		"message": "the ref 'refs/heads/realease/1.4' that was built does not follow the convention",
		"source": {"slot": "provenance"},
		"expected": "refs/heads/main|release/[0-9.]+ or refs/tags/v[0-9.]+",
		"actual": "refs/heads/realease/1.4",
	}}
}

test_deny_says_all_of_the_ref if {
	{violation.actual | some violation in denied("git+https://example.org/app@refs/heads/main@x")} == {"refs/heads/main@x"}
}

test_refs[ref] if {
	some ref, violations in {
		"@refs/heads/main": 0,
		"@refs/heads/release/1.4": 0,
		"@refs/tags/v1.4": 0,
		"@refs/tags/main": 1,
		"@refs/heads/v1.4": 1,
		"@refs/heads/main2": 1,
		"@refs/heads/not-main": 1,
		"@refs/heads/main@x": 1,
		"@refs/pull/1/merge": 1,
		"@main": 1,
		"": 1,
	}
	count(denied($"git+https://example.org/app{ref}")) == violations
}
