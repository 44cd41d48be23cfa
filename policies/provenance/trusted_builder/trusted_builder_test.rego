package gatekeeper.provenance.trusted_builder_test

import rego.v2

import data.gatekeeper.provenance.trusted_builder

denied(builder, builders) := answer if {
	report := {"source": {"slot": "provenance"}, "builder": builder}
	answer := trusted_builder.deny with input as {"provenance": [report], "parameters": {"builders": builders}}
}

test_deny_names_the_builder if {
	denied("https://laptop.example", ["https://ci.example@v1", "https://ci.example@v2"]) == {{
		"message": "the artifact was built by https://laptop.example",
		"term": "https://laptop.example",
		"source": {"slot": "provenance"},
		"expected": "https://ci.example@v1, https://ci.example@v2",
		"actual": "https://laptop.example",
	}}
}

test_whole_names_only[name] if {
	some name, case in {
		"equal": {"builder": "https://ci.example@v1", "violations": 0},
		"prefix": {"builder": "https://ci.example", "violations": 1},
		"longer": {"builder": "https://ci.example@v10", "violations": 1},
		"other case": {"builder": "https://CI.example@v1", "violations": 1},
		"line break": {"builder": "https://ci.example@v1\n", "violations": 1},
		"empty": {"builder": "", "violations": 1},
	}
	count(denied(case.builder, ["https://ci.example@v1"])) == case.violations
}

test_deny_each_statement if {
	trusted := {"source": {"shard": "1/2"}, "builder": "https://ci.example"}
	other := {"source": {"shard": "2/2"}, "builder": "https://laptop.example"}
	answer := trusted_builder.deny with input as {
		"provenance": [trusted, other],
		"parameters": {"builders": ["https://ci.example"]},
	}
	{violation.source.shard | some violation in answer} == {"2/2"}
}
