"""Rules: what compiles without a word and would answer nothing, what reads more than it may, what answers badly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bases import GREEN
from harms import all_of, edit, locked, unit
from scenario import DENY, NO_DECISION, Line

from project import ran_tests

if TYPE_CHECKING:
    from scenario import Harm

TESTS = "policies/own/tests/tests.rego"
COVERAGE = "policies/own/coverage/coverage.rego"
BODY = '\tfailing.outcome in {"failed", "errored"}\n'
VIOLATION = "deny contains violation if {\n\tsome report in input.test_results\n\tsome failing in report.cases\n"
NEEDS = "needs: {test_results: [failed, errored, cases.name, cases.suite, cases.outcome, cases.locator]}"
CONFLICT = "".join(f"verdict := {value} if some report in input.test_results\n\n" for value in ("report.failed", "1"))
REMEDY = "#   remedy: Mend the code or the test."


def rule(old: str, new: str) -> Harm:
    """Change the rule on tests, and lock that: its author means it."""
    return locked(edit(TESTS, old, new))


def head(text: str) -> Harm:
    """Another head of the rule on tests."""
    return rule("deny contains violation if", text)


def condition(text: str) -> Harm:
    """One more condition in the rule on tests."""
    return rule(BODY, f"{BODY}\t{text}\n")


def beside(text: str) -> Harm:
    """One more definition beside the rule on tests."""
    return rule(VIOLATION, f"{text}\n\n{VIOLATION}")


def metadata(old: str, new: str) -> Harm:
    """Other METADATA; a rule that does not load cannot be locked."""
    return edit(TESTS, old, new)


def answering(text: str) -> Harm:
    """A rule that makes its answer elsewhere, where lint does not follow it."""
    made = f"made contains answer if {{\n\tsome report in input.test_results\n\tanswer := {text}\n}}\n\n"
    return rule(VIOLATION, f"{made}deny contains given if some given in made\n\n{VIOLATION}")


unloadable = Line(GREEN, NO_DECISION)
denied = Line(GREEN, DENY)

# fmt: off
HEADS = (
    unloadable("a misspelt deny", edit(TESTS, "deny contains", "denny contains"), "nobody asks for denny", "lint.heads"),
    unloadable("an answer as another tool calls it", edit(TESTS, "deny contains", "violation contains"), "nobody asks for violation", "lint.heads"),
    unloadable("a boolean rule", edit(TESTS, "deny contains violation if", "deny if"), "deny is no set of violations", "lint.heads"),
    unloadable("an object for a rule", edit(TESTS, "deny contains violation if", "deny[failing.name] := violation if"), "deny has members defined one by one", "lint.heads"),
    unloadable("a string member", edit(TESTS, "deny contains violation if", 'deny contains "no" if'), "a violation that is no object", "lint.facts"),
    unloadable("a null member", edit(TESTS, "deny contains violation if", "deny contains null if"), "a violation that is no object", "lint.facts"),
    unloadable("an unknown field of a violation", edit(TESTS, '"message": $"', '"msg": $"'), "a violation has no msg", "lint.facts"),
    unloadable("a violation without its source", edit(TESTS, '\t\t"source": report.source,\n', ""), "the violation has no source", "lint.facts"),
    unloadable("violations that would be one: no term", edit(TESTS, '\t\t"term": $"{failing.suite}::{failing.name}",\n', ""), "the violation has no term", "lint.facts"),
    unloadable("a default that is an answer", edit(TESTS, VIOLATION, f"default quiet := true\n\n{VIOLATION}\tquiet\n"), "quiet has a default other than false", "lint.defaults"),
)

READS = (
    unloadable("an undeclared read", rule("failing.locator", "failing.message"), "declare cases.message in needs of test_results", "engine.types"),
    unloadable("a misspelt fact", condition("report.fialed > 0"), "test_results has no fialed", "engine.types"),
    unloadable("a fact of another kind of evidence", edit(TESTS, BODY, f"{BODY}\tsome other in input.coverage\n"), "reads input.coverage, which METADATA does not declare", "lint.input_references"),
    unloadable("a computed key", edit(TESTS, BODY, f'{BODY}\tkey := "failed"\n\treport[key] > 0\n'), "by a name that is not written out", "lint.facts"),
    unloadable("input handed on whole", edit(TESTS, BODY, f"{BODY}\tcount(input) > 0\n"), "input without a kind behind a dot", "lint.input_references"),
    unloadable("a report handed to a function", edit(TESTS, BODY, f"{BODY}\tred(report)\n"), "goes into red whole", "lint.facts"),
    unloadable("a data document", edit(TESTS, BODY, f"{BODY}\tnot data.config.quiet\n"), "refers to data.config.quiet", "lint.data_references"),
    unloadable("another pack's library", edit(TESTS, "import rego.v2", "import rego.v2\n\nimport data.gatekeeper.other.lib"), "imports data.gatekeeper.other.lib", "lint.imports"),
    unloadable("with: a rule that answers about other input", edit(TESTS, BODY, f'{BODY}\tnot failing.name in data.gatekeeper.own.tests.known with input as {{"test_results": []}}\n'), "with replaces what the rule is asked about", "lint.no_with"),
)

SLIPS = (
    unloadable("a value that is never there", edit(TESTS, '"failed", "errored"', '"faild", "errored"'), "test_results.cases.outcome is never 'faild'", "lint.facts"),
    unloadable("texts in an order", edit(TESTS, BODY, f'{BODY}\tfailing.outcome > "a"\n'), "is ordered by > and is no number", "lint.facts"),
    unloadable("= that binds or compares", edit(TESTS, BODY, f'{BODY}\tfailing.suite = "s"\n'), "= binds what is unbound", "lint.unification"),
    unloadable("some without in", edit(TESTS, BODY, f"{BODY}\tsome other\n\tother == 1\n"), "some without in", "lint.declarations"),
    unloadable("not where absence is undefined", all_of(edit(TESTS, "import rego.v2", "import rego.v1"), edit(TESTS, BODY, f'{BODY}\tnot failing.suite == "x"\n')), "not is undefined where what it negates is absent", "lint.negations"),
    unloadable("a last else with a condition", edit(TESTS, VIOLATION, f'rank(word) := 1 if word == "failed" else := 2 if word == "errored"\n\n{VIOLATION}\trank(failing.outcome) > 0\n'), "the last else of rank has a condition", "lint.else_branches"),
    unloadable("a variable called like a builtin", edit(TESTS, BODY, f"{BODY}\tcount := 1\n\tcount == 1\n"), "count is what Rego itself calls something", "lint.names"),
    unloadable("a pattern without anchors", edit(TESTS, BODY, f'{BODY}\tregex.match("acme", failing.suite)\n'), "matches in the middle of a text", "lint.builtin_calls"),
    unloadable("a function that takes its argument apart", edit(TESTS, VIOLATION, f"red(report) if report.failed > 0\n\n{VIOLATION}\tred(report)\n"), "red looks into its argument report", "lint.function_arguments"),
    unloadable("the old language", edit(TESTS, "deny contains violation if {", "deny[violation] {"), "tests.rego:", "lint.heads"),
)

BUILTINS = tuple(
    unloadable(f"a rule that calls {name}", condition(call), f"{name} is not allowed, because it {why}", "engine.capabilities")
    for name, call, why in (
        ("http.send", 'http.send({"method": "get", "url": "http://127.0.0.1:9"}).status_code == 200', "reaches the network"),
        ("time.now_ns", "time.now_ns() > 0", "reads the clock"),
        ("rand.intn", 'rand.intn("x", 2) == 1', "answers differently every time"),
        ("opa.runtime", 'opa.runtime().env.HOME == "x"', "reads the machine's environment"),
        ("object.get", 'object.get(failing, "name", "x") == "x"', "reads facts where the type checker cannot see it"),
        ("numbers.range", "count(numbers.range(1, 3)) > 0", "can make more items than there is memory for"),
    )
)

METADATA = (
    unloadable("METADTA", metadata("# METADATA", "# METADTA"), "did you mean # METADATA?", "metadata.mark"),
    unloadable("no METADATA", lambda project: project.write(TESTS, "package" + (project.folder / TESTS).read_text().partition("package")[2]), "there is no METADATA directly above package", "metadata.mark"),
    unloadable("a misspelt key of METADATA", metadata("#   needs:", "#   neesd:"), "custom.neesd is no part of METADATA", "metadata.keys"),
    unloadable("needs of a kind that nobody knows", metadata("{test_results:", "{test_result:"), "no kind of evidence is called test_result", "metadata.kind"),
    unloadable("needs of a fact that nobody knows", metadata("[failed, errored,", "[fialed, errored,"), "test_results has no fialed", "metadata.facts"),
    unloadable("an unknown severity", metadata("severity: high", "severity: hihg"), "custom.severity: 'hihg' is none of", "metadata.schema"),
    unloadable("30 February", metadata(REMEDY, f'{REMEDY}\n#   effective_on: "2096-02-30"'), "effective_on: 2096-02-30 is no day", "metadata.day"),
    unloadable("a parameter without a type", edit(COVERAGE, "type: integer, ", ""), "minimum_percent: type is None", "metadata.parameters"),
    unloadable("a default out of its own bounds", edit(COVERAGE, "default: 80", "default: 180"), "minimum_percent: default: 180 is above 100", "metadata.parameters"),
    unloadable("an input schema of its own", metadata(REMEDY, f"{REMEDY}\n# schemas:\n#   - input: schema.open"), "schemas is no part of METADATA", "metadata.keys"),
)

ANSWERS = (
    denied("a member that is text", answering('$"{report.failed}"'), "its deny has a member that is not an object", "evaluate.shape"),
    denied("a member that is null", answering("null"), "its deny has a member that is not an object", "evaluate.shape"),
    denied("a violation with a field that nobody knows", answering('{"message": "m", "msg": "m"}'), "its deny has a violation with the unknown field msg", "evaluate.shape"),
    denied("a violation without a message", answering('{"message": " "}'), "its deny has a violation without message", "evaluate.shape"),
    denied("a violation whose term is a number", answering('{"message": "m", "term": report.failed}'), "its deny has a violation whose term is not text", "evaluate.shape"),
    denied("a violation of another report", answering('{"message": "m", "source": {"kind": "test_results"}}'), "its deny has a violation whose source is no document's", "evaluate.shape"),
    denied("a builtin error in one rule", locked(edit(COVERAGE, "\tfile.lines_covered * 100", "\t1 / (file.lines_valid - 100) > 0\n\tfile.lines_covered * 100")), "divide by zero", "engine.strict_errors"),
    denied("a conflict in one rule", locked(edit(TESTS, VIOLATION, CONFLICT + VIOLATION.replace("\tsome failing", "\tverdict >= 0\n\tsome failing"))), "eval_conflict_error", "engine.problem"),
    denied("a fact that is needed and not there", locked(edit("policies/own/coverage/coverage.rego", "lines_covered, files.path", "lines_covered, branches_valid, files.path")), "needs coverage.branches_valid: absent in coverage.json (slot coverage)", "evaluate.absent"),
    denied("a fact that one element of many lacks", all_of(rule("cases.locator]", "cases.locator, cases.message]"), unit(ran_tests(2, "x"))), "needs test_results.cases[0].message: absent in unit.json (slot unit)", "evaluate.absent"),
    denied("a rule that was tightened: no earlier pass is kept", locked(edit(COVERAGE, "default: 80", "default: 95")), "90 of 100 lines of a.py are covered", "evaluate.fail"),
)
# fmt: on

AREA = "rules"
SCENARIOS = (*HEADS, *READS, *SLIPS, *BUILTINS, *METADATA, *ANSWERS)
