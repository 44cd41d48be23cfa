package gatekeeper.artifact.naming_test

import rego.v2

import data.gatekeeper.artifact.naming

denied(name, version, pattern, scheme) := answer if {
	report := {"source": {"slot": "wheel"}, "name": name, "version": version, "file_name": "parcel.whl"}
	parameters := {"name_pattern": pattern, "version_scheme": scheme}
	answer := naming.deny with input as {"artifact": [report], "parameters": parameters}
}

test_deny_says_what_is_wrong_with_the_name if {
	denied("Parcel", "1.0", "[a-z]+", "pep440") == {{
		"message": "the name Parcel of parcel.whl does not follow the convention",
		"term": "Parcel",
		"source": {"slot": "wheel"},
		"expected": "[a-z]+",
		"actual": "Parcel",
	}}
}

test_deny_says_what_is_wrong_with_the_version if {
	denied("parcel", "v1", "[a-z]+", "semver") == {{
		"message": "the version v1 of parcel.whl does not follow the convention",
		"term": "v1",
		"source": {"slot": "wheel"},
		"expected": "semver",
		"actual": "v1",
	}}
}

test_names[name] if {
	some name, case in {
		"whole": {"name": "acme-parcel", "pattern": "acme-[a-z]+", "violations": 0},
		"prefix": {"name": "acme-parcel", "pattern": "acme", "violations": 1},
		"suffix": {"name": "evil/acme-parcel", "pattern": "acme-parcel", "violations": 1},
		"line break": {"name": "acme-parcel\n", "pattern": "acme-parcel", "violations": 1},
		"first alternative": {"name": "acme", "pattern": "acme|parcel", "violations": 0},
		"prefix of an alternative": {"name": "acme-evil", "pattern": "acme|parcel", "violations": 1},
	}
	count(denied(case.name, "1.0.0", case.pattern, "semver")) == case.violations
}

test_versions[name] if {
	some name, case in {
		"pep440 final": {"version": "1.4.0", "scheme": "pep440", "violations": 0},
		"pep440 everything": {"version": "1!2.0.1rc1.post2.dev3+local.7", "scheme": "pep440", "violations": 0},
		"pep440 leading zero": {"version": "01.4", "scheme": "pep440", "violations": 1},
		"pep440 not canonical": {"version": "1.4-alpha", "scheme": "pep440", "violations": 1},
		"pep440 with v": {"version": "v1.4", "scheme": "pep440", "violations": 1},
		"pep440 line break": {"version": "1.4\n", "scheme": "pep440", "violations": 1},
		"semver final": {"version": "1.4.0", "scheme": "semver", "violations": 0},
		"semver everything": {"version": "1.4.0-rc.1+build.5", "scheme": "semver", "violations": 0},
		"semver two parts": {"version": "1.4", "scheme": "semver", "violations": 1},
		"semver with v": {"version": "v1.4.0", "scheme": "semver", "violations": 1},
		"semver other dots": {"version": "1x4x0", "scheme": "semver", "violations": 1},
		"semver leading zero in pre-release": {"version": "1.4.0-01", "scheme": "semver", "violations": 1},
	}
	count(denied("parcel", case.version, "[a-z]+", case.scheme)) == case.violations
}
