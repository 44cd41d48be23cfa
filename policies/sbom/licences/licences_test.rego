package gatekeeper.sbom.licences_test

import rego.v2

import data.gatekeeper.sbom.licences

denied(statements, exceptions) := answer if {
	component := {"name": "left-pad", "version": "1.3.0", "licenses": statements, "locator": "/components/0"}
	answer := licences.deny with input as {
		"sbom": [{"source": {"slot": "sbom"}, "components": [component]}],
		"parameters": {
			"allowed": ["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-2.0-only WITH Classpath-exception-2.0", "Our own (2019)", "xpp"],
			"exceptions": exceptions,
		},
	}
}

test_deny_names_component_and_licence if {
	denied(["GPL-3.0-only"], []) == {{
		"message": "left-pad 1.3.0 is under GPL-3.0-only, which is not allowed",
		"term": "left-pad GPL-3.0-only",
		"source": {"slot": "sbom"},
		"locator": "/components/0",
		"actual": "GPL-3.0-only",
	}}
}

test_deny_without_statement if {
	denied([], []) == {{
		"message": "left-pad 1.3.0 states no licence",
		"term": "left-pad",
		"source": {"slot": "sbom"},
		"locator": "/components/0",
	}}
}

test_deny_each_statement_for_itself if {
	{violation.actual | some violation in denied(["MIT", "GPL-3.0-only", "AGPL-3.0-only"], [])} == {
		"AGPL-3.0-only",
		"GPL-3.0-only",
	}
}

test_pass_exceptions if {
	denied([], ["left-pad"]) == set()
	denied(["GPL-3.0-only"], ["left-pad"]) == set()
	count(denied(["GPL-3.0-only"], ["left"])) == 1
}

test_allowed[statement] if {
	some statement in [
		"MIT",
		"MIT OR GPL-3.0-only",
		"GPL-3.0-only OR MIT",
		"MIT AND Apache-2.0",
		"MIT AND Apache-2.0 OR GPL-3.0-only",
		"GPL-3.0-only OR MIT AND Apache-2.0",
		"(MIT)",
		"((((MIT))))",
		"(xpp)",
		"(MIT) AND (Apache-2.0) AND (BSD-3-Clause)",
		"(GPL-3.0-only OR MIT) AND (Apache-2.0 OR GPL-2.0-only)",
		"(GPL-3.0-only AND MIT) OR BSD-3-Clause",
		"MIT AND (Apache-2.0 OR (GPL-3.0-only AND BSD-3-Clause))",
		"GPL-2.0-only WITH Classpath-exception-2.0",
		"GPL-2.0-only WITH Classpath-exception-2.0 AND MIT",
		"Our own (2019)",
	]
	denied([statement], []) == set()
}

test_denied[statement] if {
	some statement in [
		"GPL-3.0-only",
		"MIT AND GPL-3.0-only",
		"GPL-3.0-only AND MIT",
		"GPL-3.0-only OR AGPL-3.0-only",
		"GPL-3.0-only OR MIT AND AGPL-3.0-only",
		"(MIT OR Apache-2.0) AND GPL-3.0-only",
		"MIT AND (Apache-2.0 AND (GPL-3.0-only OR AGPL-3.0-only))",
		"GPL-2.0-only",
		"GPL-2.0-only WITH GCC-exception-3.1",
		"MIT WITH Classpath-exception-2.0",
		"MIT+",
		"mit",
		"MIT or GPL-3.0-only",
		"MIT/Apache-2.0",
		"MIT, Apache-2.0",
		"MIT;GPL-3.0-only",
		"MIT GPL-3.0-only",
		"MIT AND",
		"AND MIT",
		"MIT OR",
		"OR MIT",
		"()",
		"(MIT",
		"MIT)",
		"MIT) OR (MIT",
		"(((((MIT)))))",
		"GPL-3.0-only (MIT)",
		"GPL-3.0-only(MIT)",
		"(GPL-3.0-only)MIT",
		"MIT(GPL-3.0-only)",
		"(MIT)(MIT)",
		"(MIT) AND (MIT) AND (GPL-3.0-only)",
		"GPL-3.0-only WITH (MIT)",
		"=yes=",
		"GPL-3.0-only AND\tMIT",
		"GPL-3.0-only\nOR MIT",
		"GPL-3.0-only\u00a0OR MIT",
		"MІT",
		"NOASSERTION",
		"",
		" ",
	]
	count(denied([statement], [])) == 1
}
