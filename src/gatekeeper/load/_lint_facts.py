"""Lint of facts: comparisons and accesses that OPA's type checker lets pass and that never hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.load._bindings import is_word
from gatekeeper.load._lint_calls import calls
from gatekeeper.load._module import closing, depths, split_at
from gatekeeper.load._names import BUILTINS, IDENTITY_FACTS
from gatekeeper.load._problem import Problem
from gatekeeper.load._types import Fact, Names, Reference, follow, names_of, references, variables
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.load._lint_calls import Call
    from gatekeeper.load._module import Module, Statement, Tokens
    from gatekeeper.load._problem import Scope
    from gatekeeper.load._rego import Token

_ORDER: Final = ("<", "<=", ">", ">=")
_EQUALITY: Final = ("==", "!=")
_NUMBERS: Final = frozenset({"integer", "number"})
_FIELDS: Final = frozenset({"message", "term", "source", "locator", "expected", "actual", "unit", "remedy"})
_PARTIAL: Final = frozenset(
    {"startswith", "endswith", "contains", "strings.any_prefix_match", "strings.any_suffix_match"}
)


def facts(module: Module, scope: Scope) -> Iterator[Problem]:
    """Everything that needs to know which fact an expression is."""
    if not scope.rule:
        return
    names = names_of(module, scope)
    for statement in module.statements:
        known = variables(statement, names, scope)
        found = tuple(references(statement.tokens, known, scope))
        yield from _computed(statement, found)
        yield from _comparisons(statement, found)
        yield from _memberships(statement, found)
        for call in calls(statement):
            yield from _call(call, module, scope, known)
        yield from _lookups(statement, module, scope, known)
        yield from _violation(statement, known, scope)


def _computed(statement: Statement, found: tuple[Reference, ...]) -> Iterator[Problem]:
    for reference in found:
        if reference.computed is not None:
            hint = "write the name behind a dot: report.counts.high"
            line = statement.tokens[reference.start].line
            yield Problem(
                line,
                f"a member of {'.'.join(reference.computed.path) or 'input'} by a name that is not written out",
                hint,
            )


def _comparisons(statement: Statement, found: tuple[Reference, ...]) -> Iterator[Problem]:
    tokens = statement.tokens
    for at, token in enumerate(tokens):
        if not token.is_(*_ORDER, *_EQUALITY) or not 0 < at < len(tokens) - 1:
            continue
        sides = [fact for reference in found if at in {reference.end, reference.start - 1} for fact in reference.facts]
        literals = [side.text for side in _literals_beside(tokens, at)]
        if token.is_(*_ORDER):
            yield from _order(token, sides, literals)
        else:
            yield from (_no_value(token.line, fact, text) for fact in sides for text in literals if _never(fact, text))


def _order(token: Token, sides: list[Fact], literals: list[str]) -> Iterator[Problem]:
    wrong = [fact for fact in sides if fact.type not in _NUMBERS]
    for fact in wrong:
        hint = "versions: semver.compare; times: ages in METADATA; levels: list the values"
        yield Problem(token.line, f"{fact} is ordered by {token.text} and is no number", hint)
    if literals and not wrong:
        yield Problem(token.line, f"the text {literals[0]!r} is ordered by {token.text}", "only numbers are in order")


def _literals_beside(tokens: Tokens, at: int) -> Iterator[Token]:
    if tokens[at - 1].kind == "string":
        yield tokens[at - 1]
    if tokens[at + 1].kind == "string":
        yield tokens[at + 1]


def _memberships(statement: Statement, found: tuple[Reference, ...]) -> Iterator[Problem]:
    tokens = statement.tokens
    for at in range(1, len(tokens) - 1):
        if not is_word(tokens, at, "in"):
            continue
        left = [fact for reference in found if reference.end == at for fact in reference.facts]
        right = [fact for reference in found if reference.start == at + 1 for fact in reference.facts]
        for fact in right:
            if fact.type != "array":
                yield Problem(tokens[at].line, f"{fact} is no list to be in", "compare with ==")
            elif tokens[at - 1].kind == "string" and (item := fact.item()) and _never(item, tokens[at - 1].text):
                yield _no_value(tokens[at].line, item, tokens[at - 1].text)
        for fact in left if tokens[at + 1].is_("{", "[") else ():
            for member in split_at(tokens[at + 2 : closing(tokens, at + 1)], ","):
                if member[0].kind == "string" and _never(fact, member[0].text):
                    yield _no_value(tokens[at].line, fact, member[0].text)


def _never(fact: Fact, text: str) -> bool:
    return bool(fact.values) and text not in fact.values


def _no_value(line: int, fact: Fact, text: str) -> Problem:
    return Problem(line, f"{fact} is never {text!r}", suggestion(text, fact.values))


def _call(call: Call, module: Module, scope: Scope, known: Names) -> Iterator[Problem]:
    builtin = call.name.partition(".")[0] in BUILTINS
    name = call.name.removeprefix(f"data.gatekeeper.{scope.pack}.")
    definitions = scope.library.get(name.removeprefix("lib."), ()) if name.startswith("lib.") else ()
    definitions = definitions or tuple(item for item in module.statements if item.name == name)
    for index, argument in enumerate(call.arguments):
        reference = follow(argument, 0, known, scope)
        alone = reference is not None and reference.end == len(argument)
        for fact in reference.facts if reference and alone else ():
            if not builtin and fact.path and _holds_objects(fact):
                hint = "the type checker is blind there: pass the facts one by one"
                yield Problem(call.line, f"{fact} goes into {call.name} whole", hint)
            if call.name in _PARTIAL and fact.in_kind in IDENTITY_FACTS and index == 0:
                hint = "compare it whole, or with a regex from ^ to $"
                yield Problem(call.line, f"{call.name} judges {fact} by a part of it", hint)
            yield from _uncovered_argument(call, index, fact, definitions)


def _holds_objects(fact: Fact) -> bool:
    item = fact.item()
    return fact.type == "object" or (item is not None and item.type == "object")


def _uncovered_argument(call: Call, index: int, fact: Fact, definitions: tuple[Statement, ...]) -> Iterator[Problem]:
    patterns = [item.arguments[index] for item in definitions if len(item.arguments) > index]
    if not patterns or not all(len(pattern) == 1 and pattern[0].kind == "string" for pattern in patterns):
        return
    yield from _uncovered(call.line, call.name, fact, {pattern[0].text for pattern in patterns})


def _lookups(statement: Statement, module: Module, scope: Scope, known: Names) -> Iterator[Problem]:
    tokens = statement.tokens
    for at in range(len(tokens) - 1):
        table, name = _table(tokens, at, module, scope)
        if table is None:
            continue
        key = follow(tokens, at + 2, known, scope)
        if key and key.end == closing(tokens, at + 1):
            for fact in key.facts:
                yield from _uncovered(tokens[at].line, name, fact, table)


def _table(tokens: Tokens, at: int, module: Module, scope: Scope) -> tuple[set[str] | None, str]:
    """The keys of the table of constants that is looked up at ``at``."""
    if tokens[at].kind != "name" or not tokens[at + 1].is_("["):
        return None, ""
    name = tokens[at].text
    from_library = at > 1 and tokens[at - 1].is_(".") and tokens[at - 2].is_("lib")
    definitions = scope.library.get(name, ()) if from_library else module.statements
    for item in definitions:
        if item.name == name and item.shape == "value" and len(item.rest) > 1 and item.rest[1].is_("{"):
            members = split_at(item.rest[2 : closing(item.rest, 1)], ",")
            return {member[0].text for member in members if member[0].kind == "string"}, name
    return None, ""


def _uncovered(line: int, name: str, fact: Fact, covered: set[str]) -> Iterator[Problem]:
    missing = [value for value in fact.values if value not in covered]
    if missing:
        hint = "what is not listed is undefined, and the rule silent"
        yield Problem(line, f"{name} says nothing for {fact} {', '.join(missing)}", hint)


def _violation(statement: Statement, known: Names, scope: Scope) -> Iterator[Problem]:
    if statement.name not in {"deny", "warn"} or statement.shape != "set":
        return
    literal = _violation_literal(statement)
    if literal is None:
        return
    if not literal or not literal[0].is_("{"):
        yield Problem(
            statement.line, "a violation that is no object", 'write {"message": ..., "source": report.source}'
        )
        return
    keys = {member[0].text for member in split_at(literal[1:-1], ",") if member[0].kind == "string"}
    for key in sorted(keys - _FIELDS):
        yield Problem(literal[0].line, f"a violation has no {key}", suggestion(key, _FIELDS))
    reads_documents = bool(scope.needs or scope.reads or scope.baseline)
    wanted = (
        {"message"}
        | ({"source"} if reads_documents else set())
        | ({"term", "locator"} if _iterates(statement, known) else set())
    )
    for key in sorted(wanted - keys):
        hint = "equal violations would be one, and a waiver of it cover all" if key in {"term", "locator"} else ""
        yield Problem(literal[0].line, f"the violation has no {key}", hint)


def _violation_literal(statement: Statement) -> Tokens | None:
    """The tokens of the violation; None where it is made elsewhere."""
    rest = statement.rest[1:]
    end = next((at for at, (depth, token) in enumerate(depths(rest)) if depth == 0 and token.is_("if")), len(rest))
    head = rest[:end]
    if not head or head[0].kind != "name" or len(head) > 1:
        return head if not head or head[0].kind != "name" or head[0].text in _NO_OBJECTS else None
    for at in range(1, len(rest) - 1):
        if rest[at].is_(":=") and rest[at - 1].text == head[0].text and rest[at + 1].is_("{"):
            return rest[at + 1 : closing(rest, at + 1) + 1]
    return head if head[0].text in _NO_OBJECTS else None


_NO_OBJECTS: Final = frozenset({"null", "true", "false", "sprintf", "concat"})


def _iterates(statement: Statement, known: Names) -> bool:
    """Whether the body goes through findings, cases or whatever else a report tells the place of."""
    tokens = statement.tokens
    for at, (depth, _) in enumerate(depths(tokens)):
        if depth == 1 and is_word(tokens, at, "some"):
            names = known.get(tokens[_before_in(tokens, at)].text, ())
            if any(fact.member("locator") for fact in names):
                return True
    return False


def _before_in(tokens: Tokens, at: int) -> int:
    while at + 1 < len(tokens) and not tokens[at + 1].is_("in"):
        at += 1
    return at
