package gatekeeper.release.pinned_together_test

import rego.v2

import data.gatekeeper.release.pinned_together

member(name, role) := {
	"name": name,
	"role": role,
	"version": "1.4.0",
	"digest": {"alg": "sha256", "value": "aa"},
	"locator": $"/members/{name}",
}

whole := [member("app", "source"), member("app", "image"), member("app", "configuration"), member("app.whl", "artifact")]

denied(members, parameters) := answer if {
	answer := pinned_together.deny with input as {
		"subject": {"name": "app.whl", "digest": {"sha256": "aa", "sha512": "ff"}},
		"release_manifest": [{"source": {"slot": "release"}, "name": "app", "version": "1.4.0", "members": members}],
		"parameters": object.union({"roles": ["source", "image", "configuration"], "one_version": ["image"]}, parameters),
	}
}

test_pass_a_whole_release if {
	denied(whole, {"roles": ["source", "image", "configuration", "artifact"]}) == set()
}

test_deny_each_role_that_is_missing[role] if {
	some role in ["source", "artifact", "image", "configuration"]
	denied([one | some one in whole; one.role != role], {"roles": [role]}) == {{
		"message": $"app 1.4.0 has no {role}",
		"term": role,
		"source": {"slot": "release"},
	}}
}

test_deny_another_version if {
	other := object.union(member("app", "image"), {"version": "latest"})
	denied([other], {"roles": ["image"]}) == {{
		"message": "app has the version latest, the release 1.4.0",
		"term": "app: version",
		"source": {"slot": "release"},
		"locator": "/members/app",
		"expected": "1.4.0",
		"actual": "latest",
	}}
}

test_roles_of_one_version[role] if {
	some role, violations in {"image": 1, "configuration": 0}
	count(denied([object.union(member("app", role), {"version": "7"})], {"roles": [role]})) == violations
}

test_deny_a_member_with_two_digests if {
	other := object.union(member("app", "image"), {"digest": {"alg": "sha256", "value": "bb"}, "locator": "/members/9"})
	denied([member("app", "image"), other], {"roles": []}) == {
		{
			"message": "app is there with more than one digest",
			"term": "app: digest",
			"source": {"slot": "release"},
			"locator": "/members/app",
			"actual": "sha256:aa",
		},
		{
			"message": "app is there with more than one digest",
			"term": "app: digest",
			"source": {"slot": "release"},
			"locator": "/members/9",
			"actual": "sha256:bb",
		},
	}
}

test_digests_of_others[name] if {
	some name, change in {
		"another name": {"name": "side", "digest": {"alg": "sha256", "value": "bb"}},
		"another role": {"role": "source", "digest": {"alg": "sha256", "value": "bb"}},
		"another algorithm": {"digest": {"alg": "sha512", "value": "bb"}},
		"the same": {},
	}
	denied([member("app", "image"), object.union(member("app", "image"), change)], {"roles": []}) == set()
}

test_deny_a_release_of_something_else if {
	other := object.union(member("app", "image"), {"digest": {"alg": "sha256", "value": "bb"}})
	denied([other], {"roles": []}) == {{
		"message": "app.whl is no member of app 1.4.0",
		"term": "subject",
		"source": {"slot": "release"},
		"expected": "sha256:aa, sha512:ff",
	}}
}

test_a_subject_is_known_by_any_of_its_digests[algorithm] if {
	some algorithm in ["sha256", "sha512", "gitCommit", "gitTree"]
	own := object.union(member("app", "image"), {"digest": {"alg": algorithm, "value": "ab"}})
	answer := pinned_together.deny with input as {
		"subject": {"name": "app", "digest": {"sha1": "cd", algorithm: "ab"}},
		"release_manifest": [{"source": {}, "name": "app", "version": "1.4.0", "members": [own]}],
		"parameters": {"roles": ["image"], "one_version": []},
	}
	answer == set()
}

test_deny_the_digest_of_another_algorithm if {
	other := object.union(member("app", "image"), {"digest": {"alg": "sha512", "value": "aa"}})
	{violation.term | some violation in denied([other], {"roles": []})} == {"subject"}
}
