# METADATA
# title: A builder that we trust made the artifact
# description: >-
#   An artifact built on a laptop holds whatever was on the laptop. Provenance is worth as much as the builder that
#   states it, so the builder is compared whole: name, workflow and version.
# related_resources:
#   - https://slsa.dev/spec/v1.0/verifying-artifacts
# custom:
#   severity: critical
#   needs:
#     provenance: [builder]
#   parameters:
#     builders:
#       type: array
#       items: {type: string, minLength: 1}
#       minItems: 1
#       tighten: subset
#       description: Builder ids, exactly as provenance states them.
#   remedy: Build with one of the trusted builders; a new builder is a matter for the base gate.
#   controls: [SLSA-BUILD-L2, SSDF-PO.3.2, SSDF-PS.2.1]
#   waivable: false
package gatekeeper.provenance.trusted_builder

import rego.v2

deny contains violation if {
	some report in input.provenance
	not report.builder in input.parameters.builders
	violation := {
		"message": $"the artifact was built by {report.builder}",
		"term": report.builder,
		"source": report.source,
		"expected": concat(", ", input.parameters.builders),
		"actual": report.builder,
	}
}
