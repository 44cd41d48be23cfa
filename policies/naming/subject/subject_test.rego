package gatekeeper.naming.subject_test

import rego.v2

import data.gatekeeper.naming.subject

denied(name, pattern) := answer if {
	given := {"subject": {"name": name, "digest": {}}, "parameters": {"name_pattern": pattern}}
	answer := subject.deny with input as given
}

test_deny_says_what_is_wrong_with_the_name if {
	denied("parcel.exe", `parcel-[0-9.]+\.whl`) == {{
		"message": "the name parcel.exe does not follow the convention",
		"expected": `parcel-[0-9.]+\.whl`,
		"actual": "parcel.exe",
	}}
}

test_names[name] if {
	some name, case in {
		"whole": {"name": "acme-parcel", "pattern": "acme-[a-z]+", "violations": 0},
		"prefix": {"name": "acme-parcel", "pattern": "acme", "violations": 1},
		"suffix": {"name": "evil/acme-parcel", "pattern": "acme-parcel", "violations": 1},
		"line break": {"name": "acme-parcel\n", "pattern": "acme-parcel", "violations": 1},
		"prefix of an alternative": {"name": "acme-evil", "pattern": "acme|parcel", "violations": 1},
	}
	count(denied(case.name, case.pattern)) == case.violations
}
