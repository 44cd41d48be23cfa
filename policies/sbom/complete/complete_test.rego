package gatekeeper.sbom.complete_test

import rego.v2

import data.gatekeeper.sbom.complete

full := {"name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0", "locator": "/components/0"}

denied(components, dependencies, exceptions) := answer if {
	report := {
		"source": {"slot": "sbom"},
		"component_count": count(components),
		"dependency_count": dependencies,
		"components": components,
	}
	answer := complete.deny with input as {"sbom": [report], "parameters": {"exceptions": exceptions}}
}

test_deny_without_version if {
	denied([object.remove(full, {"version"})], 1, []) == {{
		"message": "left-pad has no version",
		"term": "left-pad version",
		"source": {"slot": "sbom"},
		"locator": "/components/0",
	}}
}

test_deny_without_package_url if {
	denied([object.remove(full, {"purl"})], 1, []) == {{
		"message": "left-pad has no package URL",
		"term": "left-pad purl",
		"source": {"slot": "sbom"},
		"locator": "/components/0",
	}}
}

test_deny_without_any_dependency if {
	denied([full, object.union(full, {"name": "right-pad"})], 0, []) == {{
		"message": "the document says of no component what it depends on",
		"source": {"slot": "sbom"},
		"expected": 1,
		"actual": 0,
		"unit": "components with dependencies",
	}}
}

test_pass[name] if {
	some name, case in {
		"complete": {"components": [full, full], "dependencies": 1, "exceptions": []},
		"alone and without dependencies": {"components": [full], "dependencies": 0, "exceptions": []},
		"excepted": {
			"components": [object.remove(full, {"version", "purl"})],
			"dependencies": 1,
			"exceptions": ["left-pad"],
		},
	}
	denied(case.components, case.dependencies, case.exceptions) == set()
}
