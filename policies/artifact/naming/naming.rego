# METADATA
# title: Name and version follow the convention
# description: >-
#   People and tools order releases by their versions and find them by their names. A version that does not parse is
#   sorted by accident, and a name that is nearly another is an attack.
# related_resources:
#   - https://packaging.python.org/en/latest/specifications/version-specifiers/
#   - https://semver.org/spec/v2.0.0.html
# custom:
#   severity: medium
#   needs:
#     artifact: [name, version, file_name]
#   parameters:
#     name_pattern:
#       type: string
#       minLength: 1
#       default: "[A-Za-z0-9]+([._-][A-Za-z0-9]+)*"
#       description: A regular expression (RE2) that a whole name matches.
#     version_scheme: {type: string, enum: [pep440, semver], default: pep440}
#   remedy: Build the artifact again with a name and version that follow the convention.
#   controls: [SSDF-PS.3.1]
package gatekeeper.artifact.naming

import rego.v2

deny contains violation if {
	some report in input.artifact
	not regex.match($"^(?:{input.parameters.name_pattern})$", report.name)
	violation := {
		"message": $"the name {report.name} of {report.file_name} does not follow the convention",
		"term": report.name,
		"source": report.source,
		"expected": input.parameters.name_pattern,
		"actual": report.name,
	}
}

deny contains violation if {
	some report in input.artifact
	not well_formed(input.parameters.version_scheme, report.version)
	violation := {
		"message": $"the version {report.version} of {report.file_name} does not follow the convention",
		"term": report.version,
		"source": report.source,
		"expected": input.parameters.version_scheme,
		"actual": report.version,
	}
}

# Canonical versions of PEP 440, appendix B: what installers compare.
pep440 := `^([1-9][0-9]*!)?(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*((a|b|rc)(0|[1-9][0-9]*))?(\.post(0|[1-9][0-9]*))?(\.dev(0|[1-9][0-9]*))?(\+[a-z0-9]+(\.[a-z0-9]+)*)?$`

# Semantic Versioning 2.0.0, as its appendix suggests. The builtin semver.is_valid also takes v1.2.3.
semver2 := `^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`

well_formed("pep440", version) if regex.match(pep440, version)

well_formed("semver", version) if regex.match(semver2, version)
