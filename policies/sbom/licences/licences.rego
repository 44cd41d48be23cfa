# METADATA
# title: Every component is under an allowed licence
# description: >-
#   A licence is an obligation that the whole product inherits. Each statement of a component is read as an SPDX
#   expression: every part of an AND has to be allowed, and one part of an OR.
# related_resources:
#   - https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
# custom:
#   severity: medium
#   needs:
#     sbom: [components.name, components.licenses, components.locator]
#   reads:
#     sbom: [components.version]
#   parameters:
#     allowed:
#       type: array
#       items: {type: string, minLength: 1}
#       minItems: 1
#       default:
#         - 0BSD
#         - Apache-2.0
#         - BSD-2-Clause
#         - BSD-3-Clause
#         - BSL-1.0
#         - CC0-1.0
#         - ISC
#         - MIT
#         - MIT-0
#         - PSF-2.0
#         - Python-2.0
#         - Unlicense
#         - Zlib
#       tighten: subset
#       description: >-
#         SPDX identifiers as SPDX writes them, exceptions included (GPL-2.0-only WITH Classpath-exception-2.0), or
#         whole statements as the bill of materials has them.
#     exceptions:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Names of components whose licence was looked at by people.
#   remedy: Replace the component, have its licence allowed, or add it to the exceptions once it was looked at.
#   controls: [ISO5230-3.3, SSDF-PW.4.1]
package gatekeeper.sbom.licences

import rego.v2

import data.gatekeeper.sbom.lib

deny contains violation if {
	some report in input.sbom
	some component in report.components
	not component.name in input.parameters.exceptions
	some statement in component.licenses
	not lib.allows(statement, input.parameters.allowed)
	violation := {
		"message": $"{component.name}{concat("", [$" {version}" | version := component.version])} is under {statement}, which is not allowed",
		"term": $"{component.name} {statement}",
		"source": report.source,
		"locator": component.locator,
		"actual": statement,
	}
}

deny contains violation if {
	some report in input.sbom
	some component in report.components
	not component.name in input.parameters.exceptions
	count(component.licenses) == 0
	violation := {
		"message": $"{component.name}{concat("", [$" {version}" | version := component.version])} states no licence",
		"term": component.name,
		"source": report.source,
		"locator": component.locator,
	}
}
