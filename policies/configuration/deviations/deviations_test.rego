package gatekeeper.configuration.deviations_test

import rego.v2

import data.gatekeeper.configuration.deviations

denied(path, allowed, refused) := answer if {
	deviation := {
		"path": path,
		"action": "update",
		"expected": `"t3.large"`,
		"actual": `"t3.small"`,
		"locator": "/resource_changes/0/change",
	}
	answer := deviations.deny with input as {
		"configuration": [{"source": {"slot": "plan"}, "deviations": [deviation]}],
		"parameters": {"allowed": allowed, "denied": refused},
	}
}

test_deny_names_the_path_and_both_values if {
	denied("aws_instance.web/instance_type", [], []) == {{
		"message": "aws_instance.web/instance_type deviates (update)",
		"term": "aws_instance.web/instance_type",
		"source": {"slot": "plan"},
		"locator": "/resource_changes/0/change",
		"expected": `"t3.large"`,
		"actual": `"t3.small"`,
	}}
}

test_paths[name] if {
	some name, case in {
		"by itself": {"path": "a/b", "allowed": ["a/b"], "denied": [], "violations": 0},
		"by a pattern": {"path": "a/b", "allowed": ["a/*"], "denied": [], "violations": 0},
		"below a pattern": {"path": "a/b/c", "allowed": ["a/*"], "denied": [], "violations": 1},
		"below a wide pattern": {"path": "a/b/c", "allowed": ["a/**"], "denied": [], "violations": 0},
		"with brackets, by itself": {"path": "a[0]/b", "allowed": ["a[0]/b"], "denied": [], "violations": 0},
		"longer": {"path": "a/bc", "allowed": ["a/b"], "denied": [], "violations": 1},
		"denied by itself": {"path": "a/b", "allowed": ["a/*"], "denied": ["a/b"], "violations": 1},
		"denied by a pattern": {"path": "a/b", "allowed": ["a/b"], "denied": ["a/*"], "violations": 1},
		"another is denied": {"path": "a/b", "allowed": ["a/b"], "denied": ["a/c"], "violations": 0},
	}
	count(denied(case.path, case.allowed, case.denied)) == case.violations
}

test_every_action_is_a_deviation[action] if {
	some action in ["create", "update", "delete", "replace", "drift"]
	deviation := {"path": "a", "action": action, "expected": "absent", "actual": "present", "locator": "/0"}
	answer := deviations.deny with input as {
		"configuration": [{"source": {"slot": "plan"}, "deviations": [deviation]}],
		"parameters": {"allowed": [], "denied": []},
	}
	count(answer) == 1
}

test_pass_without_deviations if {
	answer := deviations.deny with input as {
		"configuration": [{"source": {"slot": "plan"}, "deviations": []}],
		"parameters": {"allowed": [], "denied": []},
	}
	answer == set()
}
