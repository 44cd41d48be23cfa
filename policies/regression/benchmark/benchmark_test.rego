package gatekeeper.regression.benchmark_test

import rego.v2

import data.gatekeeper.regression.benchmark

denied(now, before) := answer if {
	answer := benchmark.deny with input as {
		"benchmark": [{
			"source": {"slot": "bench"},
			"benchmarks": [{"name": "dumps", "samples_ns": now, "locator": "/benchmarks/0"}],
		}],
		"baseline": {"benchmark": [{
			"source": {"slot": "bench"},
			"benchmarks": [{"name": "dumps", "samples_ns": before, "locator": "/benchmarks/9"}],
		}]},
		"parameters": {"max_slowdown_percent": 10, "z_thousandths": 2326, "minimum_rounds": 5},
	}
}

rounds(value, many) := [value | some _ in numbers.range(1, many)]

test_deny_what_became_slower if {
	denied(rounds(1200, 6), rounds(1000, 6)) == {{
		"message": "dumps is not shown to be at most 10% slower than before (Mann-Whitney U, 6 rounds against 6)",
		"term": "dumps",
		"source": {"slot": "bench"},
		"locator": "/benchmarks/0",
		"actual": -36,
		"unit": "pairs",
	}}
}

test_deny_too_few_rounds if {
	{violation.message | some violation in denied(rounds(1000, 4), rounds(1000, 9))} == {
		"dumps has 4 rounds, and 9 before: 5 of each are needed to compare them",
	}
	denied(rounds(1000, 9), rounds(1000, 4)) == {{
		"message": "dumps has 9 rounds, and 4 before: 5 of each are needed to compare them",
		"term": "dumps",
		"source": {"slot": "bench"},
		"locator": "/benchmarks/0",
		"expected": 5,
		"actual": 4,
		"unit": "rounds",
	}}
}

# six against six are enough when every pair says so: 36 * 36 * 3 = 3888, and 2.326^2 * 36 * 13 = 2532
test_rounds[name] if {
	some name, case in {
		"faster in every pair": {"now": rounds(1000, 6), "before": rounds(1000, 6), "violations": 0},
		"as much slower as is tolerated": {"now": rounds(1100, 6), "before": rounds(1000, 6), "violations": 1},
		"slower": {"now": rounds(1101, 6), "before": rounds(1000, 6), "violations": 1},
		"not in every pair": {
			"now": array.concat(rounds(1000, 5), rounds(2000, 1)),
			"before": rounds(1000, 6),
			"violations": 1,
		},
		"an outlier of many": {
			"now": array.concat(rounds(1000, 19), rounds(9000, 1)),
			"before": rounds(1000, 20),
			"violations": 0,
		},
	}
	count(denied(case.now, case.before)) == case.violations
}

# exactly at the bound: lead 18, 18 * 18 * 3 * 10^6 = 972 * 10^6 = z^2 * 9 * 7 where z^2 = 15428571
test_the_bound[name] if {
	some name, case in {
		"at it": {"z": 3927, "shown": true},
		"past it": {"z": 3928, "shown": false},
	}
	is_it := [1 | benchmark.is_shown(18, 3, 3, case.z)]
	count(is_it) == 1 == case.shown
}

test_the_bound_to_the_last_digit if {
	benchmark.is_shown(1, 1, 1, 1000)
	not benchmark.is_shown(1000000, 1, 2, 612372436)
}

test_as_many_rounds_as_are_needed if {
	denied(rounds(1000, 5), rounds(1000, 5)) == set()
}

test_tolerance[name] if {
	some name, case in {
		"a little less": {"now": 1095, "leads": set()},
		"as much": {"now": 1100, "leads": {0}},
		"a little more": {"now": 1105, "leads": {-36}},
	}
	{violation.actual | some violation in denied(rounds(case.now, 6), rounds(1000, 6))} == case.leads
}

test_the_least_lead_can_be_shown if {
	benchmark.is_shown(1, 1, 1, 0)
}

test_no_lead_is_never_shown if {
	not benchmark.is_shown(0, 1, 1, 0)
	not benchmark.is_shown(-36, 6, 6, 2326)
}

test_deny_what_is_no_longer_measured if {
	answer := benchmark.deny with input as {
		"benchmark": [{"source": {"slot": "bench"}, "benchmarks": []}],
		"baseline": {"benchmark": [{"source": {"slot": "bench"}, "benchmarks": [{"name": "dumps", "samples_ns": [1], "locator": "/9"}]}]},
		"parameters": {"max_slowdown_percent": 10, "z_thousandths": 2326, "minimum_rounds": 5},
	}
	answer == {{
		"message": "dumps was measured before and is not now",
		"term": "dumps",
		"source": {"slot": "bench"},
		"locator": "/9",
	}}
}

test_what_is_new_is_not_compared if {
	answer := benchmark.deny with input as {
		"benchmark": [{"source": {"slot": "bench"}, "benchmarks": [
			{"name": "dumps", "samples_ns": rounds(1000, 6), "locator": "/0"},
			{"name": "loads", "samples_ns": [1], "locator": "/1"},
		]}],
		"baseline": {"benchmark": [{
			"source": {"slot": "bench"},
			"benchmarks": [{"name": "dumps", "samples_ns": rounds(1000, 6)}],
		}]},
		"parameters": {"max_slowdown_percent": 10, "z_thousandths": 2326, "minimum_rounds": 5},
	}
	answer == set()
}
