package gatekeeper.misconfiguration.root_user_test

import rego.v2

import data.gatekeeper.misconfiguration.root_user

denied(user, names) := answer if {
	report := {"source": {"slot": "image"}, "file_name": "config.json", "user": user}
	answer := root_user.deny with input as {"artifact": [report], "parameters": {"names": names}}
}

test_deny_names_the_user if {
	denied("0:1000", "allow") == {{
		"message": "config.json runs as 0:1000",
		"source": {"slot": "image"},
		"locator": "/config/User",
		"expected": "any user but root",
		"actual": "0:1000",
	}}
}

test_deny_where_no_user_is_named if {
	denied("", "deny") == {{
		"message": "config.json runs as root: it names no user",
		"source": {"slot": "image"},
		"locator": "/config/User",
		"expected": "a number above 0",
		"actual": "",
	}}
}

test_deny[user] if {
	some user in ["", "0", "00", "root", "0:0", "root:app", ":1000", "+0", "-0", "01", " root", "Root", "12345678901", "1a"]
	count(denied(user, "allow")) == 1
}

test_pass_by_number[user] if {
	some user in ["1", "10001", "10001:0", "10001:10001", "4294967294"]
	denied(user, "deny") == set()
	denied(user, "allow") == set()
}

test_by_name_where_allowed[user] if {
	some user in ["app", "_apt", "nobody", "app:root", "root2", "a-b_c9"]
	denied(user, "allow") == set()
	count(denied(user, "deny")) == 1
}
