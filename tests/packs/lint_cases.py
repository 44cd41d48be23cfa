"""Rules that lint refuses or accepts, each with one thing in it."""

from __future__ import annotations

NEEDS = """{
#     test_results: [failed, flaky, cases.name, cases.suite, cases.outcome, cases.locator],
#     vulnerabilities: [counts.high, findings.id, findings.severity, findings.fixed_versions, findings.locator],
#     provenance: [builder, materials.uri]}"""
READS = "{vulnerabilities: [packages_examined, findings.score, findings.version], sbom: [component_count]}"
PARAMETERS = """{
#     limit: {type: integer, default: 0},
#     level: {type: string, enum: [low, high], default: high},
#     names: {type: array, items: {type: string}, default: []},
#     budgets: {type: array, default: [], items: {type: object, additionalProperties: false, required: [name, limit],
#       properties: {name: {type: string}, limit: {type: integer}}}}}"""


def rule(*conditions: str, more: str = "", member: str = "") -> str:
    """A deny over findings of reports of vulnerabilities."""
    lines = "".join(f"\t{condition}\n" for condition in conditions)
    return (
        "\ndeny contains violation if {\n\tsome report in input.vulnerabilities\n\tsome item in report.findings\n"
        f'{lines}\tviolation := {{"message": item.id, "source": report.source, "term": item.id,'
        f' "locator": item.locator{member}}}\n}}\n\n{more}\n'
    )


REFUSED = [
    # names
    ("sum := 3", rule("item.id != sum", more="sum := 3"), "sum is what Rego itself calls something"),
    ("some time", rule("some time in item.fixed_versions"), "time is what Rego itself calls something"),
    ("every data", rule("every data in item.fixed_versions { data != item.id }"), "data is what Rego itself calls something"),
    ("variable input", rule("input := item.id"), "input is what Rego itself calls something"),
    ("argument count", rule("f(item.id)", more="f(count) if count != item"), "count is what Rego itself calls something"),
    ("key json", rule("some json, _ in item.fixed_versions"), "json is what Rego itself calls something"),
    ("in an array", rule("[max, _] := [1, 2]"), "max is what Rego itself calls something"),
    ("in a comprehension", rule("count([x | some x in report.findings; min := x.id]) > 0"), "min is what Rego itself calls something"),
    ("hides a rule", rule("limit := 3", "limit > 2", more="limit := 5"), "the variable limit hides what is called so"),
    ("hides the library", rule("lib := 3"), "the variable lib hides what is called so"),
    # what is imported, and what is referred to
    ("import of a fact", rule(), "imports input.vulnerabilities"),
    ("another pack's library", rule("data.gatekeeper.other.lib.x"), "refers to data.gatekeeper.other.lib.x"),
    ("another rule", rule("count(data.gatekeeper.demo.other.deny) > 0"), "refers to data.gatekeeper.demo.other.deny"),
    ("all of data", rule("count(data) > 0"), "refers to data"),
    ("data by a key", rule('data["limits"].x > 0'), "refers to data"),
    ("a kind that is not declared", rule("count(input.coverage) > 0"), "reads input.coverage, which METADATA does not declare"),
    ("a kind misspelt", rule("count(input.vulnerabilties) > 0"), "reads input.vulnerabilties, which METADATA does not declare"),
    ("input as a whole", rule("x := input", "x.vulnerabilities[0].x"), "input without a kind behind a dot"),
    # answers
    ("warn as a boolean", rule() + "\nwarn if true\n", "warn is no set of violations"),
    ("deny as a value", rule().replace("deny contains violation if", "deny := violation if"), "deny is no set of violations"),
    ("deny as a function", rule() + "\ndeny(x) if x\n", "deny is no set of violations"),
    ("deny with a default", rule() + "\ndefault deny := false\n", "deny is no set of violations"),
    ("denies", rule() + "\ndenies contains 1\n", "nobody asks for denies"),
    ("deny_high", rule() + '\ndeny_high contains "x" if true\n', "nobody asks for deny_high"),
    ("violation", rule().replace("deny contains", "violation contains").replace("violation", "v", 0), "nobody asks for violation"),
    ("allow", rule() + "\nallow if true\n", "nobody asks for allow"),
    ("only a helper", "\nred if {\n\tsome report in input.test_results\n\treport.failed > 0\n}\n", "nobody asks for red"),
    ("nothing at all", "", "the rule defines no deny"),
    ("a text by sprintf", '\ndeny contains sprintf("%d", [1])\n', "a violation that is no object"),
    ("a template", '\ndeny contains $"{1}"\n', "a violation that is no object"),
    ("an unknown field", rule(member=', "msg": item.id'), "a violation has no msg"),
    ("no message", rule().replace('"message": item.id, ', ""), "the violation has no message"),
    ("no source", rule().replace('"source": report.source, ', ""), "the violation has no source"),
    ("no term", rule().replace('"term": item.id, ', ""), "the violation has no term"),
    ("an object in the head", '\ndeny contains {"message": "x", "sourc": 1} if true\n', "a violation has no sourc"),
    # types
    ("ordered by a parameter of words", rule("item.severity >= input.parameters.level"), "parameters.level is ordered by >= and is no number"),
    ("ordered the other way round", rule('"2" > item.id'), "vulnerabilities.findings.id is ordered by > and is no number"),
    ("a list ordered", rule("item.fixed_versions > 0"), "vulnerabilities.findings.fixed_versions is ordered by > and is no number"),
    ("through a variable", rule("level := item.severity", 'level == "hihg"'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("through a set of the rule's own", rule("some bad in worst", 'bad.severity == "hihg"', more="worst contains item if {\n\tsome report in input.vulnerabilities\n\tsome item in report.findings\n}"), "vulnerabilities.findings.severity is never 'hihg'"),
    ("through a comprehension", rule("worst := [x | some x in report.findings]", "some bad in worst", 'bad.severity == "hihg"'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("in the head of a comprehension", rule('count([1 | some x in report.findings; x.severity == "hihg"]) > 0'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("the other way round", rule('"hihg" == item.severity'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("unequal", rule('item.severity != "hihg"'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("in an array", rule('item.severity in ["high", "hihg"]'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("without some", rule('input.vulnerabilities[_].findings[_].severity == "hihg"'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("by a key written out", rule('item["severity"] == "hihg"'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("every", rule('every x in report.findings { x.severity == "hihg" }'), "vulnerabilities.findings.severity is never 'hihg'"),
    ("a parameter", rule('input.parameters.level == "hgih"'), "parameters.level is never 'hgih'"),
    ("counts by a computed key", rule("report.counts[item.severity] > 0"), "a member of vulnerabilities.counts by a name that is not written out"),
    ("parameters by a computed key", rule('some name in ["limit"]', "input.parameters[name] > 0"), "a member of parameters by a name that is not written out"),
    ("a document goes into a function", rule("f(report)", more="f(x) if x"), "vulnerabilities goes into f whole"),
    ("a list of objects goes into the library", rule("lib.f(report.findings)"), "vulnerabilities.findings goes into lib.f whole"),
    ("budgets go into a function", rule("f(input.parameters.budgets)", more="f(x) if x"), "parameters.budgets goes into f whole"),
    ("a table for a parameter", rule("rank[input.parameters.level] > 0", more='rank := {"high": 1}'), "rank says nothing for parameters.level low"),
    ("a table in the library", rule("lib.rank[item.severity] > 0"), "rank says nothing for vulnerabilities.findings.severity critical, medium, negligible, unknown"),
    ("a function of the library", rule("lib.weight(item.severity) > 0"), "lib.weight says nothing for vulnerabilities.findings.severity critical, medium, low, negligible, unknown"),
    # functions
    ("looks into an argument", rule("f(item.id)", more="f(x) if x.y"), "f looks into its argument x"),
    ("looks into an argument by a key", rule("f(item.id)", more='f(x) if x["y"]'), "f looks into its argument x"),
    ("looks into what an argument holds", rule("f(item.fixed_versions)", more="f(x) if {\n\tsome y in x\n\ty.z\n}"), "f looks into its argument y"),
    ("looks into an alias of an argument", rule("f(item.id)", more="f(x) if {\n\ty := x\n\ty.z\n}"), "f looks into its argument y"),
    ("takes an argument apart", rule("f(item.id)", more='f({"a": a}) if a'), "f takes its argument apart"),
    ("the pattern of a parameter, bare", rule("regex.match(input.parameters.level, item.id)"), "regex.match with a pattern made elsewhere"),
    ("a template with one anchor", rule('regex.match($"^{input.parameters.level}", item.id)'), "the pattern '^...' matches in the middle of a text"),
    ("an escaped dollar", rule("regex.match(`^a\\$`, item.id)"), "the pattern '^a\\\\$' matches in the middle of a text"),
    ("a constant without anchors", rule("regex.match(pattern, item.id)", more="pattern := `a+`"), "the pattern 'a+' matches in the middle of a text"),
    ("endswith", rule('endswith(input.provenance[0].builder, "/acme")'), "endswith judges provenance.builder by a part of it"),
    ("contains, nested", rule('contains(input.provenance[0].materials[0].uri, "acme")'), "contains judges provenance.materials.uri by a part of it"),
    ("sprintf without list", rule('sprintf("%d", item.fixed_versions) != ""'), "sprintf with a format or list that is not written out"),
    ("sprintf with another format", rule('sprintf(item.id, [1]) != ""'), "sprintf with a format or list that is not written out"),
    ("glob without any", rule('glob.match("a", [], item.id)'), "glob.match without delimiters"),
    ("count over an object", rule("count({x.id: x | some x in report.findings}) > 0"), "count over a set counts equal members once"),
    # absent facts
    ("a condition", rule("item.score > 9"), "vulnerabilities.findings.score may be absent, and the rule silent then"),
    ("a bare violation", rule(member=', "actual": item.score'), "vulnerabilities.findings.score may be absent, and the rule silent then"),
    ("a comprehension", rule("not count([x | some x in report.findings; x.score > 9]) < 1"), "vulnerabilities.findings.score may be absent, and the rule silent then"),
    ("a template that is compared", rule('$"{item.version}" == "1"'), "vulnerabilities.findings.version may be absent, and the rule silent then"),
    ("after not", rule("not item.id == item.version", "item.score > 9"), "vulnerabilities.findings.score may be absent, and the rule silent then"),
    ("a helper", rule("hot(item.id)", more="hot(id) if {\n\tsome report in input.vulnerabilities\n\tsome x in report.findings\n\tx.score > 9\n}"), "vulnerabilities.findings.score may be absent, and the rule silent then"),
    ("not below not", rule("not cold", more="cold if {\n\tsome report in input.vulnerabilities\n\tnot report.packages_examined > 0\n}"), "vulnerabilities.packages_examined may be absent, and the rule silent then"),
    ("a helper of a helper", rule("not warm", more="warm if {\n\tcold\n}\n\ncold if {\n\tsome report in input.vulnerabilities\n\tnot report.packages_examined > 0\n}"), "vulnerabilities.packages_examined may be absent, and the rule silent then"),
    ("a helper used both ways", rule("not some_listed", more="some_listed if {\n\tinput.sbom[_].component_count > 0\n}") + '\nwarn contains {"message": "x", "source": 1} if some_listed\n', "sbom.component_count may be absent, and the rule silent then"),
    # what may not be there
    ("an element by position", rule('item.fixed_versions[0] != "1"'), "the element [0] may be absent, and the rule silent then"),
    ("a report by position", rule("input.vulnerabilities[0].counts.high > 0"), "the element [0] may be absent, and the rule silent then"),
    ("the second part of a text", rule('split(item.id, "-")[1] != "2026"'), "the element [1] may be absent, and the rule silent then"),
    ("the first of a comprehension", rule("[x.id | some x in report.findings][0] != item.id"), "the element [0] may be absent, and the rule silent then"),
    ("an element in a helper", rule("old(item.id)", more='old(id) if split(id, "-")[1] == "1999"'), "the element [1] may be absent, and the rule silent then"),
    ("an element below not twice", rule("not fine(item.id)", more='fine(id) if not split(id, "-")[1] == "x"'), "the element [1] may be absent, and the rule silent then"),
    ("the greatest of a comprehension", rule("max([own.limit | some own in input.parameters.budgets]) < 3"), "the max of an empty list is absent, and the rule silent then"),
    ("the least of a list", rule("min(item.fixed_versions) == item.id"), "the min of an empty list is absent, and the rule silent then"),
    ("the greatest of nothing", rule("max([]) < 3"), "the max of an empty list is absent, and the rule silent then"),
    ("a pattern of a list", rule('[_, year] := split(item.id, "-")', 'year != "x"'), "a list of another length does not fit the pattern, and the rule silent then"),
]  # fmt: skip

LIBRARY = 'rank := {"low": 0, "high": 1}\n\nweight("high") := 1\n\nf(x) if x\n'
WITH_LIBRARY = "import rego.v2\n\nimport data.gatekeeper.demo.lib\n"


ACCEPTED = [
    ("members called like builtins", rule("report.counts.high > 0", 'x := {"count": 1, "time": 2}', "x.count > 0")),
    ("words in texts and comments", rule('item.id != "with input as data.x = 5"', more="# not with some = data.x")),
    ("a member called like a keyword", rule('x := {"with": 1, "not": 2}', "x.with > 0", "x.not > 0")),
    ("own package", rule("data.gatekeeper.demo.probe.bad(item.id)", more='bad(id) if id == "x"')),
    ("the subject", rule("input.subject.name != item.id")),
    ("known words", rule('item.severity in {"high", "critical"}', 'item.severity != "low"')),
    ("words of a fact without enumeration", rule('item.id == "hihg"')),
    ("a list by position", rule("some at, _ in report.findings", "report.findings[at].id")),
    ("an element below not", rule('not item.fixed_versions[0] == "1"')),
    ("an element in a helper below not", rule("not mended(item.id)", more='mended(id) if split(id, ":")[1] == "x"')),
    ("the first part of a text", rule('split(item.id, ":")[0] == "x"')),
    ("the greatest of two", rule("max([report.counts.high, input.parameters.limit]) > 3")),
    ("the greatest, and what holds for none", rule("most > 3", more="most := max([own.limit | some own in input.parameters.budgets]) if true\nelse := 0")),
    ("a pattern of a list that is written out", rule("[one, two] := [item.id, report.counts.high]", "two > 3", 'one != "x"')),
    ("numbers in order", rule("report.counts.high > input.parameters.limit", "3 < report.counts.high")),
    ("a length in order", rule("count(item.fixed_versions) > 0", "count(item.id) < 5")),
    ("scalars into functions", rule("f(item.id, item.severity)", more='f(a, b) if a != b\n\nf(_, "high") if true')),
    ("lists of texts into functions", rule("f(item.fixed_versions)", more='f(list) if "1" in list')),
    ("builtins over lists", rule("count(report.findings) > 0")),
    ("a named set", rule("ids := {x.id | some x in report.findings}", "count(ids) > 1")),
    ("an else without condition", rule("f(item.id) > 1", more="f(x) := 1 if {\n\tx == 2\n} else := 2")),
    ("an else chain over lines", rule("f(item.id) > 1", more="f(x) := 1 if x == 2\n\nelse := 2 if x == 3\n\nelse := 3")),
    ("a table that is whole", rule("rank[input.parameters.level] > 0", more='rank := {"low": 0, "high": 1}')),
    ("an anchored constant", rule("regex.match(pattern, item.id)", more="pattern := `^(a|b)+[.a-z]\\.com$`")),
    ("an anchored template", rule('regex.match($"^(?:{input.parameters.level})$", item.id)')),
    ("an anchored variable", rule('pattern := "^a$"', "regex.match(pattern, item.id)")),
    ("an alternative in brackets", rule("regex.match(`^(?:a|[|]|\\|)$`, item.id)")),
    ("part of what is no identity", rule('startswith(item.id, "CVE-")')),
    ("sprintf", rule('sprintf("%d%% of %s", [1, item.id]) != ""')),
    ("a number that must be a version", rule("not semver.is_valid(item.id)")),
    ("an absent fact below not", rule("not item.score < 9", "not report.packages_examined > 0")),
    ("an absent fact in a template", rule(member=', "actual": $"{item.version} {item.score}"')),
    ("an absent fact gathered in a template", rule(member=', "actual": $"{concat("", [v | v := item.version])}"')),
    ("an absent fact in a helper that is negated", rule("not listed", more="listed if {\n\tsome bom in input.sbom\n\tbom.component_count > 0\n}")),
    ("an absent fact below not over lines", rule("not [\n\t\titem.score,\n\t] == [1]")),
    ("warn beside deny", rule() + '\nwarn contains {"message": "x", "source": s} if {\n\tsome r in input.test_results\n\ts := r.source\n}\n'),
    ("a violation made by a function", '\ndeny contains made(report.failed) if some report in input.test_results\n\nmade(n) := {"message": $"{n}"}\n'),
    ("an object in the head", '\ndeny contains {"message": "x", "source": r.source} if some r in input.test_results\n'),
]  # fmt: skip
