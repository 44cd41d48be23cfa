# METADATA
# title: The environment is the one that was declared
# description: >-
#   What was tested with one compiler and shipped with another was not tested. Tools are compared by their exact versions
#   and base images by digest, both ways: what is missing differs as much as what nobody declared.
# custom:
#   severity: high
#   needs:
#     environment: [tools.name, tools.version, tools.locator, images.name, images.digest, images.locator]
#   parameters:
#     tools:
#       type: array
#       items:
#         type: object
#         additionalProperties: false
#         required: [name, version]
#         properties:
#           name: {type: string, minLength: 1}
#           version: {type: string, minLength: 1}
#       minItems: 1
#       description: The tools of each environment, with their exact versions; of two versions of one name either will do.
#     images:
#       type: array
#       items:
#         type: object
#         additionalProperties: false
#         required: [name, digest]
#         properties:
#           name: {type: string, minLength: 1}
#           digest: {type: string, minLength: 1}
#       default: []
#       description: The base images of each environment, without tag, with their digests.
#     undeclared:
#       type: array
#       items: {type: string, minLength: 1}
#       default: []
#       tighten: subset
#       description: Names of further tools and images that may be there, as regular expressions (RE2) over the whole name.
#   remedy: Rebuild the environment from its declaration, or have the change to the declaration approved.
#   controls: [SLSA-BUILD-L3, SOC2-CC8.1, SSDF-PO.5.1]
package gatekeeper.environment.parity

import rego.v2

deny contains violation if {
	some report in input.environment
	some tool in report.tools
	declared := [wanted.version | some wanted in input.parameters.tools; wanted.name == tool.name]
	count(declared) > 0
	not tool.version in declared
	violation := {
		"message": $"{tool.name} is {tool.version}, declared is {concat(" or ", declared)}",
		"term": $"{tool.name} {tool.version}",
		"source": report.source,
		"locator": tool.locator,
		"expected": concat(" or ", declared),
		"actual": tool.version,
	}
}

deny contains violation if {
	some report in input.environment
	some image in report.images
	declared := [wanted.digest | some wanted in input.parameters.images; wanted.name == image.name]
	count(declared) > 0
	not image.digest in declared
	violation := {
		"message": $"the image {image.name} is {image.digest}, declared is {concat(" or ", declared)}",
		"term": $"{image.name}@{image.digest}",
		"source": report.source,
		"locator": image.locator,
		"expected": concat(" or ", declared),
		"actual": image.digest,
	}
}

deny contains violation if {
	some report in input.environment
	some wanted in input.parameters.tools
	not wanted.name in [tool.name | some tool in report.tools]
	violation := {
		"message": $"{wanted.name} {wanted.version} is declared and not there",
		"term": wanted.name,
		"source": report.source,
		"expected": wanted.version,
	}
}

deny contains violation if {
	some report in input.environment
	some wanted in input.parameters.images
	not wanted.name in [image.name | some image in report.images]
	violation := {
		"message": $"the image {wanted.name} is declared and not there",
		"term": wanted.name,
		"source": report.source,
		"expected": wanted.digest,
	}
}

deny contains violation if {
	some report in input.environment
	some tool in report.tools
	not tool.name in [wanted.name | some wanted in input.parameters.tools]
	not may_be_there(tool.name)
	violation := {
		"message": $"{tool.name} {tool.version} is there and nobody declared it",
		"term": $"{tool.name} {tool.version}",
		"source": report.source,
		"locator": tool.locator,
		"actual": tool.version,
	}
}

deny contains violation if {
	some report in input.environment
	some image in report.images
	not image.name in [wanted.name | some wanted in input.parameters.images]
	not may_be_there(image.name)
	violation := {
		"message": $"the image {image.name} is there and nobody declared it",
		"term": $"{image.name}@{image.digest}",
		"source": report.source,
		"locator": image.locator,
		"actual": image.digest,
	}
}

may_be_there(name) if {
	some pattern in input.parameters.undeclared
	regex.match($"^(?:{pattern})$", name)
}
