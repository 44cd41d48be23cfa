# METADATA
# title: Every dependency is bound by a strong hash
# description: >-
#   A version is a promise of the index; a hash is the thing itself. One file without a hash, or with a weak one, among
#   those that may be installed is enough to be given another.
# custom:
#   severity: high
#   needs:
#     dependencies:
#       [packages.name, packages.origin, packages.algorithms, packages.unhashed_count, packages.locator]
#   reads:
#     dependencies: [packages.version]
#   parameters:
#     algorithms:
#       type: array
#       items: {type: string, enum: [sha256, sha384, sha512, blake2b, h1, gitcommit]}
#       minItems: 1
#       uniqueItems: true
#       default: [sha256, sha384, sha512, blake2b, h1, gitcommit]
#       tighten: subset
#       description: Algorithms that count; h1 is Go's hash of a module, gitcommit the commit of a repository.
#     without_hash:
#       type: array
#       items: {type: string, enum: [path]}
#       uniqueItems: true
#       default: [path]
#       tighten: subset
#       description: Origins that may go without; what lies in the project's own tree is bound by its commit.
#   remedy: Lock dependencies with hashes, for all the files that may be installed.
#   controls: [SLSA-BUILD-L1, SSDF-PS.3.2, SSDF-PW.4.4]
package gatekeeper.dependencies.hashed

import rego.v2

deny contains violation if {
	some report in input.dependencies
	some dependency in report.packages
	dependency.unhashed_count > 0
	not dependency.origin in input.parameters.without_hash
	violation := {
		"message": $"{dependency.name}{concat("", [$" {version}" | version := dependency.version])} can be installed from {dependency.unhashed_count} files without hash",
		"term": $"{dependency.name}: no hash",
		"source": report.source,
		"locator": dependency.locator,
		"expected": 0,
		"actual": dependency.unhashed_count,
		"unit": "files",
	}
}

deny contains violation if {
	some report in input.dependencies
	some dependency in report.packages
	some algorithm in dependency.algorithms
	not algorithm in input.parameters.algorithms
	violation := {
		"message": $"{dependency.name}{concat("", [$" {version}" | version := dependency.version])} is bound by {algorithm}",
		"term": $"{dependency.name}: {algorithm}",
		"source": report.source,
		"locator": dependency.locator,
		"expected": concat(", ", input.parameters.algorithms),
		"actual": algorithm,
	}
}
