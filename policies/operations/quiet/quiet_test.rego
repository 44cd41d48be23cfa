package gatekeeper.operations.quiet_test

import rego.v2

import data.gatekeeper.operations.quiet

denied(rules) := answer if {
	answer := quiet.deny with input as {
		"alerts": [{"source": {"slot": "alerts"}, "rules": rules}],
		"parameters": {"severities": ["critical", "unknown"]},
	}
}

rule(name, severity, state, healthy) := {
	"name": name,
	"severity": severity,
	"state": state,
	"healthy": healthy,
	"locator": "/data/groups/0/rules/0",
}

test_deny_names_the_alert_and_its_place if {
	denied([rule("Down", "critical", "firing", true)]) == {{
		"message": "the alert Down fires, severity critical",
		"term": "Down",
		"source": {"slot": "alerts"},
		"locator": "/data/groups/0/rules/0",
	}}
}

test_deny_a_rule_that_could_not_be_evaluated if {
	denied([rule("Down", "low", "inactive", false)]) == {{
		"message": "the alerting rule Down could not be evaluated",
		"term": "Down",
		"source": {"slot": "alerts"},
		"locator": "/data/groups/0/rules/0",
	}}
}

test_what_fires[name] if {
	some name, case in {
		"critical, inactive": {"severity": "critical", "state": "inactive", "violations": 0},
		"critical, pending": {"severity": "critical", "state": "pending", "violations": 0},
		"critical, firing": {"severity": "critical", "state": "firing", "violations": 1},
		"unknown, firing": {"severity": "unknown", "state": "firing", "violations": 1},
		"high, firing": {"severity": "high", "state": "firing", "violations": 0},
		"medium, firing": {"severity": "medium", "state": "firing", "violations": 0},
		"low, firing": {"severity": "low", "state": "firing", "violations": 0},
	}
	count(denied([rule("Down", case.severity, case.state, true)])) == case.violations
}
