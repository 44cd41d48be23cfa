# METADATA
# title: The bill of materials can be searched
# description: >-
#   On the day a vulnerability becomes known, a component without version or package URL is one that nobody finds.
#   These are the minimum elements of the NTIA that a machine can check.
# related_resources:
#   - https://www.ntia.gov/report/2021/minimum-elements-software-bill-materials-sbom
# custom:
#   severity: medium
#   needs:
#     sbom: [created_at, dependency_count, component_count, components.name, components.locator]
#   reads:
#     sbom: [components.version, components.purl]
#   parameters:
#     exceptions:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Names of components that may go without version or package URL.
#   remedy: Use a generator that resolves versions, package URLs and dependencies, and let it see the installed packages.
#   controls: [NTIA-SBOM, SSDF-PS.3.2]
package gatekeeper.sbom.complete

import rego.v2

deny contains violation if {
	some report in input.sbom
	some component in report.components
	not component.name in input.parameters.exceptions
	not component.version
	violation := {
		"message": $"{component.name} has no version",
		"term": $"{component.name} version",
		"source": report.source,
		"locator": component.locator,
	}
}

deny contains violation if {
	some report in input.sbom
	some component in report.components
	not component.name in input.parameters.exceptions
	not component.purl
	violation := {
		"message": $"{component.name} has no package URL",
		"term": $"{component.name} purl",
		"source": report.source,
		"locator": component.locator,
	}
}

deny contains violation if {
	some report in input.sbom
	report.component_count > 1
	report.dependency_count == 0
	violation := {
		"message": "the document says of no component what it depends on",
		"source": report.source,
		"expected": 1,
		"actual": 0,
		"unit": "components with dependencies",
	}
}
