package gatekeeper.configuration.no_destroy_test

import rego.v2

import data.gatekeeper.configuration.no_destroy

denied(path, action, allowed) := answer if {
	deviation := {"path": path, "action": action, "locator": "/0"}
	answer := no_destroy.deny with input as {
		"configuration": [{"source": {"slot": "plan"}, "deviations": [deviation]}],
		"parameters": {"allowed": allowed},
	}
}

test_deny_names_the_resource if {
	denied("aws_db_instance.orders", "replace", []) == {{
		"message": "aws_db_instance.orders would be destroyed (replace)",
		"term": "aws_db_instance.orders",
		"source": {"slot": "plan"},
		"locator": "/0",
		"actual": "replace",
	}}
}

test_actions[action] if {
	some action, violations in {"create": 0, "update": 0, "delete": 1, "replace": 1, "drift": 0}
	count(denied("a", action, [])) == violations
}

test_allowed[name] if {
	some name, case in {
		"by itself": {"path": "aws_eip.nat[0]", "allowed": ["aws_eip.nat[0]"], "violations": 0},
		"by a pattern": {"path": "aws_eip.nat", "allowed": ["aws_eip.*"], "violations": 0},
		"another": {"path": "aws_eip.nat", "allowed": ["aws_eip.na"], "violations": 1},
	}
	count(denied(case.path, "delete", case.allowed)) == case.violations
}
