# METADATA
# title: Every benchmark is shown to be no slower than before
# description: >-
#   Two medians differ by chance. So each round is compared with each of the release before, made slower by as much as is
#   tolerated (Mann-Whitney U, one-sided, by the normal approximation without correction for ties, which errs on the safe
#   side; a test of ranks, for durations are skewed and have outliers). Passed is what is shown to be within the tolerance, not what
#   is not shown to be outside of it: few rounds show nothing, and never pass by luck.
# custom:
#   severity: medium
#   needs:
#     benchmark: [benchmarks.name, benchmarks.samples_ns, benchmarks.locator]
#   baseline:
#     benchmark: [benchmarks.name, benchmarks.samples_ns, benchmarks.locator]
#   parameters:
#     max_slowdown_percent:
#       type: integer
#       minimum: 0
#       maximum: 1000
#       default: 10
#       tighten: down
#       description: How much slower than before is tolerated.
#     z_thousandths:
#       type: integer
#       minimum: 1645
#       maximum: 6000
#       default: 2326
#       tighten: up
#       description: The quantile of the normal distribution that the statistic has to reach; 2326 is one in a hundred by chance.
#     minimum_rounds:
#       type: integer
#       minimum: 5
#       maximum: 50
#       default: 10
#       tighten: up
#       description: Rounds of either release below which the approximation does not hold.
#   remedy: Run more rounds on a quiet machine; where it stays so, profile what became slower.
#   controls: [ISO27001-A.8.6, SOC2-A1.1]
package gatekeeper.regression.benchmark

import rego.v2

deny contains violation if {
	some report in input.benchmark
	some benchmark in report.benchmarks
	some before in input.baseline.benchmark
	some old in before.benchmarks
	old.name == benchmark.name
	n := count(benchmark.samples_ns)
	m := count(old.samples_ns)
	least := min({n, m})
	least < input.parameters.minimum_rounds
	violation := {
		"message": $"{benchmark.name} has {n} rounds, and {m} before: {input.parameters.minimum_rounds} of each are needed to compare them",
		"term": benchmark.name,
		"source": report.source,
		"locator": benchmark.locator,
		"expected": input.parameters.minimum_rounds,
		"actual": least,
		"unit": "rounds",
	}
}

deny contains violation if {
	some report in input.benchmark
	some benchmark in report.benchmarks
	some before in input.baseline.benchmark
	some old in before.benchmarks
	old.name == benchmark.name
	n := count(benchmark.samples_ns)
	m := count(old.samples_ns)
	lead := lead_of(benchmark.samples_ns, old.samples_ns, 100 + input.parameters.max_slowdown_percent)
	not is_shown(lead, n, m, input.parameters.z_thousandths)
	violation := {
		"message": $"{benchmark.name} is not shown to be at most {input.parameters.max_slowdown_percent}% slower than before (Mann-Whitney U, {n} rounds against {m})",
		"term": benchmark.name,
		"source": report.source,
		"locator": benchmark.locator,
		"actual": lead,
		"unit": "pairs",
	}
}

deny contains violation if {
	some before in input.baseline.benchmark
	some old in before.benchmarks
	not old.name in measured
	violation := {
		"message": $"{old.name} was measured before and is not now",
		"term": old.name,
		"source": before.source,
		"locator": old.locator,
	}
}

measured contains benchmark.name if {
	some report in input.benchmark
	some benchmark in report.benchmarks
}

# Twice the statistic U above its mean: pairs in which now is faster than before with its tolerance, less those in which it is slower.
lead_of(now, before, percent) := faster - slower if {
	faster := count([1 | some a in now; some b in before; a * 100 < b * percent])
	slower := count([1 | some a in now; some b in before; a * 100 > b * percent])
}

# (lead / 2)^2 >= z^2 n m (n + m + 1) / 12, in whole numbers
is_shown(lead, n, m, z) if {
	lead > 0
	((lead * lead) * 3) * 1000000 >= (((z * z) * n) * m) * ((n + m) + 1)
}
