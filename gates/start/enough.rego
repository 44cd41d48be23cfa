# METADATA
# title: Enough was examined
# description: A report about next to nothing says next to nothing. Make of this rule what matters to you.
# custom:
#   severity: low
#   needs: {@kind@: [@fact@]}
#   parameters: {minimum: {type: integer, minimum: 1, default: 1, tighten: up}}
#   remedy: Let the tool examine all of it, or lower the minimum in gate.toml and say why.
package gatekeeper.own.enough

import rego.v2

deny contains violation if {
	some report in input.@kind@
	report.@fact@ < input.parameters.minimum
	violation := {
		"message": $"@fact@ is {report.@fact@}, at least {input.parameters.minimum} is needed",
		"source": report.source,
		"actual": report.@fact@,
		"expected": input.parameters.minimum,
	}
}
