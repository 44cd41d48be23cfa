# METADATA
# title: Every benchmark stays within its budget
# description: >-
#   What is measured on every build and bounded by nothing gets slower a little each time. A budget for a benchmark that
#   nobody ran is a question without answer, not a pass.
# custom:
#   severity: medium
#   needs:
#     benchmark: [benchmarks.name, benchmarks.median_ns, benchmarks.rounds, benchmarks.locator]
#   parameters:
#     budgets:
#       type: array
#       items:
#         type: object
#         additionalProperties: false
#         required: [benchmark, max_median_ns]
#         properties:
#           benchmark: {type: string, minLength: 1}
#           max_median_ns: {type: integer, minimum: 1}
#       minItems: 1
#       description: The longest median of each benchmark that has one, in nanoseconds.
#     minimum_rounds:
#       type: integer
#       minimum: 1
#       maximum: 1000
#       default: 5
#       tighten: up
#       description: Rounds of which a median says something.
#   remedy: Profile the benchmark, or ask those who own the budget for a waiver.
#   controls: [ISO27001-A.8.6, SOC2-A1.1]
package gatekeeper.benchmark.budget

import rego.v2

deny contains violation if {
	some report in input.benchmark
	some benchmark in report.benchmarks
	some budget in input.parameters.budgets
	budget.benchmark == benchmark.name
	benchmark.median_ns > budget.max_median_ns
	violation := {
		"message": $"the median of {benchmark.name} is {benchmark.median_ns} ns, its budget {budget.max_median_ns} ns",
		"term": benchmark.name,
		"source": report.source,
		"locator": benchmark.locator,
		"expected": budget.max_median_ns,
		"actual": benchmark.median_ns,
		"unit": "ns",
	}
}

deny contains violation if {
	some report in input.benchmark
	some benchmark in report.benchmarks
	some budget in input.parameters.budgets
	budget.benchmark == benchmark.name
	benchmark.rounds < input.parameters.minimum_rounds
	violation := {
		"message": $"{benchmark.name} ran {benchmark.rounds} rounds, {input.parameters.minimum_rounds} are needed",
		"term": benchmark.name,
		"source": report.source,
		"locator": benchmark.locator,
		"expected": input.parameters.minimum_rounds,
		"actual": benchmark.rounds,
		"unit": "rounds",
	}
}

deny contains violation if {
	some report in input.benchmark
	some budget in input.parameters.budgets
	not budget.benchmark in measured
	violation := {
		"message": $"{budget.benchmark} has a budget and was not measured",
		"term": budget.benchmark,
		"source": report.source,
		"expected": budget.max_median_ns,
		"unit": "ns",
	}
}

measured contains benchmark.name if {
	some report in input.benchmark
	some benchmark in report.benchmarks
}
