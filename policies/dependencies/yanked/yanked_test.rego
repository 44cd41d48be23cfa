package gatekeeper.dependencies.yanked_test

import rego.v2

import data.gatekeeper.dependencies.yanked

denied(changes) := answer if {
	dependency := object.union({"name": "left-pad", "yanked": true, "locator": "/install/0"}, changes)
	answer := yanked.deny with input as {"dependencies": [{"source": {"slot": "lock"}, "packages": [dependency]}]}
}

test_deny_names_the_release if {
	denied({"version": "1.3.0"}) == {{
		"message": "left-pad 1.3.0 has been withdrawn by whoever published it",
		"term": "left-pad@1.3.0",
		"source": {"slot": "lock"},
		"locator": "/install/0",
	}}
}

test_deny_without_version if {
	{[violation.message, violation.term] | some violation in denied({})} == {[
		"left-pad has been withdrawn by whoever published it",
		"left-pad",
	]}
}

test_pass_what_was_not_withdrawn if {
	denied({"yanked": false, "version": "1.3.0"}) == set()
}
