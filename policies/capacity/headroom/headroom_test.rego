package gatekeeper.capacity.headroom_test

import rego.v2

import data.gatekeeper.capacity.headroom

denied(left, wanted) := answer if {
	held := [{"name": "cpu", "headroom_percent": left, "locator": "/resources/0"}]
	answer := headroom.deny with input as {
		"capacity": [{"source": {"slot": "capacity"}, "resources": held}],
		"parameters": {"min_headroom_percent": 20, "resources": wanted},
	}
}

test_deny_too_little if {
	denied(19, []) == {{
		"message": "19% of cpu is left, 20% are needed",
		"term": "cpu",
		"source": {"slot": "capacity"},
		"locator": "/resources/0",
		"expected": 20,
		"actual": 19,
		"unit": "percent",
	}}
}

test_deny_a_resource_that_nobody_measured if {
	denied(50, ["cpu", "memory"]) == {{
		"message": "the resource memory was not measured",
		"term": "memory",
		"source": {"slot": "capacity"},
		"locator": "resources",
	}}
}

test_bounds[name] if {
	some name, case in {"at the bound": {"left": 20, "violations": 0}, "more used than there is": {"left": -5, "violations": 1}}
	count(denied(case.left, ["cpu"])) == case.violations
}

test_resources_may_be_in_several_reports if {
	one := {"source": {"shard": "1/2"}, "resources": [{"name": "a", "headroom_percent": 50, "locator": "/0"}]}
	two := {"source": {"shard": "2/2"}, "resources": [{"name": "b", "headroom_percent": 50, "locator": "/0"}]}
	parameters := {"min_headroom_percent": 20, "resources": ["a", "b"]}
	denied := headroom.deny with input as {"capacity": [one, two], "parameters": parameters}
	denied == set()
}
