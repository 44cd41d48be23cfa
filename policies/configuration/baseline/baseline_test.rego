package gatekeeper.configuration.baseline_test

import rego.v2

import data.gatekeeper.configuration.baseline

approved := [{"path": "Deployment.web/spec/replicas", "value": "2"}, {"path": "Deployment.web/kind", "value": `"Deployment"`}]

replicas(value) := [{"path": "Deployment.web/spec/replicas", "value": value}, approved[1]]

denied(running, allowed, refused) := answer if {
	answer := baseline.deny with input as {
		"configuration": array.concat(
			[{"source": {"slot": "approved"}, "settings": approved}],
			[{"source": {"slot": "live"}, "settings": settings} | some settings in running],
		),
		"parameters": {"baseline_slot": "approved", "allowed": allowed, "denied": refused},
	}
}

test_pass[name] if {
	some name, running in {
		"equal": [approved],
		"in two parts": [[approved[0]], [approved[1]]],
		"in two places": [approved, approved],
	}
	denied(running, [], []) == set()
}

test_deny_another_value if {
	denied([replicas("3")], [], []) == {{
		"message": "Deployment.web/spec/replicas is set to something else than approved",
		"term": "Deployment.web/spec/replicas",
		"source": {"slot": "live"},
		"expected": "2",
		"actual": "3",
	}}
}

test_deny_another_value_in_one_of_two_places if {
	count(denied([approved, replicas("3")], [], [])) == 1
}

test_deny_what_is_not_there if {
	denied([[approved[1]]], [], []) == {{
		"message": "Deployment.web/spec/replicas was approved and is not there",
		"term": "Deployment.web/spec/replicas",
		"source": {"slot": "approved"},
		"expected": "2",
	}}
}

test_deny_what_was_not_approved if {
	extra := {"path": "Deployment.web/spec/hostNetwork", "value": "true"}
	denied([array.concat(approved, [extra])], [], []) == {{
		"message": "Deployment.web/spec/hostNetwork is there and was not approved",
		"term": "Deployment.web/spec/hostNetwork",
		"source": {"slot": "live"},
		"actual": "true",
	}}
}

test_deny_nothing_to_compare_with[name] if {
	some name, documents in {
		"no baseline": [{"source": {"slot": "live"}, "settings": approved}],
		"nothing that runs": [{"source": {"slot": "approved"}, "settings": approved}],
		"an empty baseline": [{"source": {"slot": "approved"}, "settings": []}, {"source": {"slot": "live"}, "settings": approved}],
	}
	answer := baseline.deny with input as {
		"configuration": documents,
		"parameters": {"baseline_slot": "approved", "allowed": ["**"], "denied": []},
	}
	{violation.message | some violation in answer} == {"there is nothing to compare with: settings are needed in the slot of the baseline and in another"}
	{violation.source | some violation in answer} == {document.source | some document in documents}
}

test_a_document_without_a_slot_is_what_runs if {
	answer := baseline.deny with input as {
		"configuration": [{"source": {"slot": "approved"}, "settings": approved}, {"source": {}, "settings": replicas("3")}],
		"parameters": {"baseline_slot": "approved", "allowed": [], "denied": []},
	}
	count(answer) == 1
}

test_paths[name] if {
	some name, case in {
		"by itself": {"allowed": ["Deployment.web/spec/replicas"], "denied": [], "violations": 0},
		"by a pattern": {"allowed": ["Deployment.*/spec/*"], "denied": [], "violations": 0},
		"by a wide pattern": {"allowed": ["**"], "denied": [], "violations": 0},
		"not as deep": {"allowed": ["Deployment.web/*"], "denied": [], "violations": 1},
		"denied by itself": {"allowed": ["**"], "denied": ["Deployment.web/spec/replicas"], "violations": 1},
		"denied by a pattern": {"allowed": ["**"], "denied": ["**/replicas"], "violations": 1},
		"another is denied": {"allowed": ["**"], "denied": ["Deployment.web/kind"], "violations": 0},
	}
	count(denied([replicas("3")], case.allowed, case.denied)) == case.violations
	count(denied([[approved[1]]], case.allowed, case.denied)) == case.violations
	count(denied([array.concat(replicas("3"), [])], case.allowed, case.denied)) == case.violations
}

test_what_was_not_approved_may_deviate_by_its_path if {
	extra := array.concat(approved, [{"path": "Deployment.web/spec/strategy", "value": "{}"}])
	denied([extra], ["Deployment.web/spec/strategy"], []) == set()
	count(denied([extra], ["Deployment.web/spec/*"], ["**/strategy"])) == 1
}

test_a_path_with_brackets_is_allowed_by_itself if {
	extra := array.concat(approved, [{"path": "list[0]", "value": "1"}])
	denied([extra], ["list[0]"], []) == set()
	count(denied([extra], [], [])) == 1
}

test_deny_shows_every_value_that_was_approved if {
	answer := baseline.deny with input as {
		"configuration": [
			{"source": {"slot": "approved"}, "settings": [{"path": "a", "value": "1"}]},
			{"source": {"slot": "approved"}, "settings": [{"path": "a", "value": "2"}]},
			{"source": {"slot": "live"}, "settings": [{"path": "a", "value": "3"}]},
		],
		"parameters": {"baseline_slot": "approved", "allowed": [], "denied": []},
	}
	{violation.expected | some violation in answer} == {"1 or 2"}
}
