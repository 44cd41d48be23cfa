# METADATA
# title: Every component is pinned by a strong digest
# description: >-
#   A name and a version are a promise of the registry; a digest is the thing itself. A component without one can be
#   exchanged after it was looked at, and MD5 and SHA-1 no longer prevent that.
# custom:
#   severity: high
#   needs:
#     sbom: [components.name, components.hashes, components.locator]
#   reads:
#     sbom: [components.version]
#   parameters:
#     algorithms:
#       type: array
#       items: {type: string, enum: [sha256, sha384, sha512, sha3256, sha3384, sha3512, blake2b256, blake2b384, blake2b512, blake3]}
#       minItems: 1
#       uniqueItems: true
#       default: [sha256, sha384, sha512, sha3256, sha3384, sha3512, blake2b256, blake2b384, blake2b512, blake3]
#       tighten: subset
#       description: Algorithms that count; one of them is enough.
#     exceptions:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Names of components that may go without.
#   remedy: Lock dependencies with hashes, and make the bill of materials from the lock.
#   controls: [NTIA-SBOM, SLSA-BUILD-L1, SSDF-PS.3.2, SSDF-PW.4.4]
package gatekeeper.sbom.pinned

import rego.v2

deny contains violation if {
	some report in input.sbom
	some component in report.components
	not component.name in input.parameters.exceptions
	strong := [hash | some hash in component.hashes; split(hash, ":")[0] in input.parameters.algorithms]
	count(strong) == 0
	violation := {
		"message": $"{component.name}{concat("", [$" {version}" | version := component.version])} has no strong digest",
		"term": $"{component.name}{concat("", [$"@{version}" | version := component.version])}",
		"source": report.source,
		"locator": component.locator,
		"expected": concat(", ", input.parameters.algorithms),
		"actual": concat(", ", [split(hash, ":")[0] | some hash in component.hashes]),
	}
}
