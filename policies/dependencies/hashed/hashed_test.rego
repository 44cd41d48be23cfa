package gatekeeper.dependencies.hashed_test

import rego.v2

import data.gatekeeper.dependencies.hashed

denied(changes, parameters) := answer if {
	dependency := object.union(
		{"name": "left-pad", "origin": "registry", "algorithms": ["sha256"], "unhashed_count": 0, "locator": "/packages/0"},
		changes,
	)
	answer := hashed.deny with input as {
		"dependencies": [{"source": {"slot": "lock"}, "packages": [dependency]}],
		"parameters": object.union({"algorithms": ["sha256", "sha512"], "without_hash": ["path"]}, parameters),
	}
}

test_deny_files_without_hash if {
	denied({"version": "1.3.0", "unhashed_count": 2}, {}) == {{
		"message": "left-pad 1.3.0 can be installed from 2 files without hash",
		"term": "left-pad: no hash",
		"source": {"slot": "lock"},
		"locator": "/packages/0",
		"expected": 0,
		"actual": 2,
		"unit": "files",
	}}
}

test_deny_a_weak_algorithm_among_strong_ones if {
	denied({"version": "1.3.0", "algorithms": ["md5", "sha256"]}, {}) == {{
		"message": "left-pad 1.3.0 is bound by md5",
		"term": "left-pad: md5",
		"source": {"slot": "lock"},
		"locator": "/packages/0",
		"expected": "sha256, sha512",
		"actual": "md5",
	}}
}

test_deny_without_version if {
	answers := denied({"unhashed_count": 1, "algorithms": ["md5"]}, {})
	{violation.message | some violation in answers} == {
		"left-pad can be installed from 1 files without hash",
		"left-pad is bound by md5",
	}
}

test_origins_without_hash[origin] if {
	some origin, violations in {"registry": 1, "url": 1, "git": 1, "unknown": 1, "path": 0}
	count(denied({"origin": origin, "unhashed_count": 1}, {})) == violations
}

test_deny_a_path_where_none_may_go_without if {
	count(denied({"origin": "path", "unhashed_count": 1}, {"without_hash": []})) == 1
}

test_algorithms[algorithm] if {
	some algorithm, violations in {"sha256": 0, "sha512": 0, "sha1": 1, "sha384": 1, "sha": 1}
	count(denied({"algorithms": [algorithm]}, {})) == violations
}

test_pass_what_is_bound_by_what_it_is_bundled_in if {
	denied({"origin": "unknown", "algorithms": []}, {}) == set()
}
