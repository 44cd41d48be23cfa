package gatekeeper.own.enough_test

import rego.v2

import data.gatekeeper.own.enough

test_denies_less_than_the_minimum if {
	some violation in denials(9)
	violation.actual == 9
	violation.expected == 10
}

test_passes_the_minimum if {
	count(denials(10)) == 0
}

denials(examined) := answer if {
	report := {"@fact@": examined, "source": {"name": "report"}}
	answer := enough.deny with input as {"@kind@": [report], "parameters": {"minimum": 10}}
}
