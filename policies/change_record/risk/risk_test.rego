package gatekeeper.change_record.risk_test

import rego.v2

import data.gatekeeper.change_record.risk

held := {"id": "r-1", "title": "No segmentation", "severity": "high", "status": "open", "locator": "/0"}

denied(changes, severity, statuses) := answer if {
	answer := risk.deny with input as {
		"risk": [{"source": {"slot": "risk"}, "risks": [object.union(held, changes)]}],
		"parameters": {"severity": severity, "statuses": statuses},
	}
}

test_deny_names_the_risk if {
	denied({}, "high", ["open"]) == {{
		"message": "No segmentation (high) is open",
		"term": "r-1",
		"source": {"slot": "risk"},
		"locator": "/0",
		"actual": "open",
	}}
}

test_deny_without_a_title if {
	answer := risk.deny with input as {
		"risk": [{"source": {"slot": "risk"}, "risks": [object.remove(held, {"title"})]}],
		"parameters": {"severity": "high", "statuses": ["open"]},
	}
	{violation.message | some violation in answer} == {"(high) is open"}
}

test_every_severity[name] if {
	some level, rank in {"low": 0, "medium": 1, "high": 2, "critical": 3, "unknown": 3}
	some threshold, from in {"low": 0, "medium": 1, "high": 2, "critical": 3}
	name := $"{level} from {threshold}"
	count(denied({"severity": level}, threshold, ["open"])) == count([1 | rank >= from])
}

test_every_status[status] if {
	some status, violations in {"open": 1, "in_progress": 1, "accepted": 0, "mitigated": 0, "false_positive": 0}
	count(denied({"status": status}, "low", ["open", "in_progress"])) == violations
}
