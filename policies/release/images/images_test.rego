package gatekeeper.release.images_test

import rego.v2

import data.gatekeeper.release.images

denied(changes) := answer if {
	member := object.union(
		{"name": "registry.example.org/acme/app", "role": "image", "version": "1.4.0", "locator": "/members/0"},
		changes,
	)
	answer := images.deny with input as {
		"release_manifest": [{"source": {"slot": "release"}, "members": [member]}],
		"parameters": {"name_pattern": "registry\\.example\\.org/acme/[a-z]+", "moving_tags": ["latest"]},
	}
}

test_pass_a_name_and_tag_as_agreed if {
	denied({}) == set()
}

test_deny_another_name if {
	denied({"name": "registry.example.org/acne/app"}) == {{
		"message": "the image name registry.example.org/acne/app does not follow the convention",
		"term": "registry.example.org/acne/app",
		"source": {"slot": "release"},
		"locator": "/members/0",
		"expected": "registry\\.example\\.org/acme/[a-z]+",
		"actual": "registry.example.org/acne/app",
	}}
}

test_deny_a_tag_that_moves if {
	denied({"version": "latest"}) == {{
		"message": "the tag latest of registry.example.org/acme/app moves",
		"term": "registry.example.org/acme/app:latest",
		"source": {"slot": "release"},
		"locator": "/members/0",
		"actual": "latest",
	}}
}

test_names[name] if {
	some name in ["registry.example.org/acme/app:1", "evil/registry.example.org/acme/app", "registry-example.org/acme/app"]
	count(denied({"name": name})) == 1
}

test_roles[role] if {
	some role, violations in {"image": 2, "source": 0, "artifact": 0, "configuration": 0}
	count(denied({"role": role, "name": "App", "version": "latest"})) == violations
}
