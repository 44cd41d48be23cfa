package gatekeeper.benchmark.budget_test

import rego.v2

import data.gatekeeper.benchmark.budget

denied(name, median, rounds) := answer if {
	benchmark := {"name": name, "median_ns": median, "rounds": rounds, "locator": "/benchmarks/0"}
	answer := budget.deny with input as {
		"benchmark": [{"source": {"slot": "bench"}, "benchmarks": [benchmark]}],
		"parameters": {"budgets": [{"benchmark": "dumps", "max_median_ns": 900}], "minimum_rounds": 5},
	}
}

test_deny_what_is_slower_than_its_budget if {
	denied("dumps", 901, 5) == {{
		"message": "the median of dumps is 901 ns, its budget 900 ns",
		"term": "dumps",
		"source": {"slot": "bench"},
		"locator": "/benchmarks/0",
		"expected": 900,
		"actual": 901,
		"unit": "ns",
	}}
}

test_deny_too_few_rounds if {
	denied("dumps", 900, 4) == {{
		"message": "dumps ran 4 rounds, 5 are needed",
		"term": "dumps",
		"source": {"slot": "bench"},
		"locator": "/benchmarks/0",
		"expected": 5,
		"actual": 4,
		"unit": "rounds",
	}}
}

test_deny_what_was_not_measured if {
	denied("loads", 1, 5) == {{
		"message": "dumps has a budget and was not measured",
		"term": "dumps",
		"source": {"slot": "bench"},
		"expected": 900,
		"unit": "ns",
	}}
}

test_at_the_budget if denied("dumps", 900, 5) == set()

# one without a budget is not bounded by that of another
test_others_are_free if {
	answer := budget.deny with input as {
		"benchmark": [{"source": {"slot": "bench"}, "benchmarks": [
			{"name": "dumps", "median_ns": 900, "rounds": 5, "locator": "/0"},
			{"name": "loads", "median_ns": 9000, "rounds": 1, "locator": "/1"},
		]}],
		"parameters": {"budgets": [{"benchmark": "dumps", "max_median_ns": 900}], "minimum_rounds": 5},
	}
	answer == set()
}
