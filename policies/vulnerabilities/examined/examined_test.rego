package gatekeeper.vulnerabilities.examined_test

import rego.v2

import data.gatekeeper.vulnerabilities.examined

report := {"source": {"slot": "scan"}, "scanner": "grype"}

listing := {"component_count": 3, "complete": true}

denied(facts, boms) := answer if {
	answer := examined.deny with input as {"vulnerabilities": [object.union(report, facts)], "sbom": boms}
}

test_deny_names_the_scanner if {
	denied({}, []) == {{
		"message": "grype does not say what it examined, and no bill of materials does",
		"source": {"slot": "scan"},
		"expected": 1,
		"actual": 0,
		"unit": "packages",
	}}
}

test_deny_without_the_kind_itself if {
	count(examined.deny) == 1 with input as {"vulnerabilities": [report]}
}

test_what_was_examined[name] if {
	some name, case in {
		"some packages": {"facts": {"packages_examined": 1}, "boms": [], "violations": 0},
		"no packages": {"facts": {"packages_examined": 0}, "boms": [], "violations": 1},
		"no number, a bill of materials": {"facts": {}, "boms": [listing], "violations": 0},
		"no packages, a bill of materials": {"facts": {"packages_examined": 0}, "boms": [listing], "violations": 0},
		"a bill of materials with one component": {
			"facts": {},
			"boms": [{"component_count": 1, "complete": true}],
			"violations": 0,
		},
		"an empty bill of materials": {
			"facts": {},
			"boms": [{"component_count": 0, "complete": true}],
			"violations": 1,
		},
		"an incomplete bill of materials": {
			"facts": {},
			"boms": [{"component_count": 3, "complete": false}],
			"violations": 1,
		},
	}
	count(denied(case.facts, case.boms)) == case.violations
}
