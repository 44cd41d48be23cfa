package gatekeeper.sbom.pinned_test

import rego.v2

import data.gatekeeper.sbom.pinned

denied(component, parameters) := answer if {
	named := object.union({"name": "left-pad", "locator": "/components/0", "hashes": []}, component)
	answer := pinned.deny with input as {
		"sbom": [{"source": {"slot": "sbom"}, "components": [named]}],
		"parameters": object.union({"algorithms": ["sha256", "sha512"], "exceptions": []}, parameters),
	}
}

test_deny_names_the_component_and_its_place if {
	denied({"version": "1.3.0", "hashes": ["md5:00", "sha1:00"]}, {}) == {{
		"message": "left-pad 1.3.0 has no strong digest",
		"term": "left-pad@1.3.0",
		"source": {"slot": "sbom"},
		"locator": "/components/0",
		"expected": "sha256, sha512",
		"actual": "md5, sha1",
	}}
}

test_deny_without_version if {
	some violation in denied({}, {})
	violation.message == "left-pad has no strong digest"
	violation.term == "left-pad"
}

test_digests[name] if {
	some name, case in {
		"none": {"hashes": [], "violations": 1},
		"weak": {"hashes": ["sha1:00"], "violations": 1},
		"strong": {"hashes": ["sha256:00"], "violations": 0},
		"weak and strong": {"hashes": ["md5:00", "sha512:00"], "violations": 0},
		"strong, not allowed here": {"hashes": ["sha384:00"], "violations": 1},
		"name of an algorithm as the digest": {"hashes": ["md5:sha256"], "violations": 1},
	}
	count(denied({"hashes": case.hashes}, {})) == case.violations
}

test_exceptions[name] if {
	some name, case in {
		"listed": {"exceptions": ["left-pad"], "violations": 0},
		"another": {"exceptions": ["left", "right-pad"], "violations": 1},
	}
	count(denied({}, {"exceptions": case.exceptions})) == case.violations
}
