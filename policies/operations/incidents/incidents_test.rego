package gatekeeper.operations.incidents_test

import rego.v2

import data.gatekeeper.operations.incidents

denied(severity, status) := answer if {
	incident := {"id": "I-1", "title": "pay is down", "severity": severity, "status": status, "locator": "/incidents/0"}
	answer := incidents.deny with input as {
		"incidents": [{"source": {"slot": "incidents"}, "incidents": [incident]}],
		"parameters": {"severities": ["critical", "unknown"]},
	}
}

test_deny_names_the_incident if {
	denied("critical", "open") == {{
		"message": "I-1 is open, severity critical: pay is down",
		"term": "I-1",
		"source": {"slot": "incidents"},
		"locator": "/incidents/0",
	}}
}

test_what_counts[name] if {
	some name, case in {
		"open": {"severity": "critical", "status": "open", "violations": 1},
		"acknowledged": {"severity": "critical", "status": "acknowledged", "violations": 1},
		"resolved": {"severity": "critical", "status": "resolved", "violations": 0},
		"not judged": {"severity": "unknown", "status": "open", "violations": 1},
		"high": {"severity": "high", "status": "open", "violations": 0},
		"medium": {"severity": "medium", "status": "open", "violations": 0},
		"of no matter": {"severity": "low", "status": "open", "violations": 0},
	}
	count(denied(case.severity, case.status)) == case.violations
}
