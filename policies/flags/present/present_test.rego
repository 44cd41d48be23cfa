package gatekeeper.flags.present_test

import rego.v2

import data.gatekeeper.flags.present

flag := {"name": "express", "enabled": true, "off_variants": ["off"], "locator": "/flags/express"}

denied(flags, wanted) := answer if {
	answer := present.deny with input as {
		"feature_flags": [{"source": {"slot": "flags"}, "flags": flags}],
		"parameters": {"flags": wanted},
	}
}

test_deny_a_flag_that_nobody_defined if {
	denied([flag], ["express", "labels"]) == {{
		"message": "there is no flag labels",
		"term": "labels",
		"source": {"slot": "flags"},
		"locator": "flags",
	}}
}

test_deny_a_flag_that_is_not_evaluated if {
	denied([object.union(flag, {"enabled": false})], ["express"]) == {{
		"message": "the flag express is not evaluated",
		"term": "express: state",
		"source": {"slot": "flags"},
		"locator": "/flags/express",
		"expected": "enabled",
		"actual": "disabled",
	}}
}

test_deny_a_flag_that_cannot_be_off if {
	denied([object.union(flag, {"off_variants": []})], ["express"]) == {{
		"message": "the flag express has no variant that is off",
		"term": "express: off",
		"source": {"slot": "flags"},
		"locator": "/flags/express",
	}}
}

test_other_flags_are_nobodys_business if {
	denied([flag, {"name": "old", "enabled": false, "off_variants": [], "locator": "/flags/old"}], ["express"]) == set()
}

test_flags_may_be_in_several_files if {
	one := {"source": {"shard": "1/2"}, "flags": [flag]}
	two := {"source": {"shard": "2/2"}, "flags": [object.union(flag, {"name": "labels"})]}
	denied := present.deny with input as {"feature_flags": [one, two], "parameters": {"flags": ["express", "labels"]}}
	denied == set()
}
