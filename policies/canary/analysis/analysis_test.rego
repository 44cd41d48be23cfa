package gatekeeper.canary.analysis_test

import rego.v2

import data.gatekeeper.canary.analysis

metric(name, outcome, dry_run) := {"name": name, "outcome": outcome, "dry_run": dry_run}

denied(outcome, metrics) := answer if {
	answer := analysis.deny with input as {"analysis": [{
		"source": {"slot": "analysis"},
		"name": "parcel",
		"outcome": outcome,
		"metrics": metrics,
	}]}
}

test_deny_names_the_metrics_that_failed if {
	metrics := [
		metric("slow", "fail", false),
		metric("fine", "pass", false),
		metric("errors", "fail", false),
		metric("tried", "fail", true),
	]
	denied("fail", metrics) == {{
		"message": "the analysis parcel ended with fail; metrics that failed: errors, slow",
		"source": {"slot": "analysis"},
		"locator": "outcome",
		"expected": "pass",
		"actual": "fail",
	}}
}

test_only_a_pass_passes[outcome] if {
	some outcome, violations in {"pass": 0, "fail": 1, "inconclusive": 1, "error": 1, "running": 1}
	count(denied(outcome, [])) == violations
}

test_a_metric_that_the_judge_outweighed if denied("pass", [metric("slow", "fail", false)]) == set()
