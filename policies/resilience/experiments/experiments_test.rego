package gatekeeper.resilience.experiments_test

import rego.v2

import data.gatekeeper.resilience.experiments

denied(verdict, percent, minimum) := answer if {
	experiment := {"name": "lost node", "verdict": verdict, "probe_success_percent": percent, "locator": "/status"}
	answer := experiments.deny with input as {
		"chaos": [{"source": {"slot": "chaos"}, "experiments": [experiment]}],
		"parameters": {"minimum_probe_percent": minimum},
	}
}

test_deny_names_the_verdict if {
	denied("failed", 100, 100) == {{
		"message": "the experiment lost node failed",
		"term": "lost node: verdict",
		"source": {"slot": "chaos"},
		"locator": "/status",
		"expected": "passed",
		"actual": "failed",
	}}
}

test_deny_names_the_probes if {
	denied("passed", 89, 90) == {{
		"message": "89% of the probes of lost node passed, 90% are needed",
		"term": "lost node: probes",
		"source": {"slot": "chaos"},
		"locator": "/status",
		"expected": 90,
		"actual": 89,
		"unit": "%",
	}}
}

test_verdicts[verdict] if {
	some verdict, violations in {"passed": 0, "failed": 1, "stopped": 1, "unfinished": 1}
	count(denied(verdict, 100, 100)) == violations
}

test_pass_at_the_limit if {
	denied("passed", 90, 90) == set()
}
