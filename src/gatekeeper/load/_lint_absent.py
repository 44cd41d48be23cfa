"""Lint of facts that may be absent: they are read where absence denies, or where it is shown.

With ``import rego.v2`` a ``not`` over something absent is true, and a template string writes ``<undefined>``. Anywhere
else an absent fact makes a rule silent. What a helper says may count for a violation or against it, so each helper has
a sign: that of the places it is used in.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gatekeeper.load._bindings import is_word
from gatekeeper.load._module import closing, depths
from gatekeeper.load._problem import Problem
from gatekeeper.load._rego import CLOSING, OPENING, TEMPLATE_OPEN
from gatekeeper.load._types import Fact, names_of, references, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.load._module import Module, Tokens
    from gatekeeper.load._problem import Scope

FOR, _AGAINST = 1, -1


def absent_facts(module: Module, scope: Scope) -> Iterator[Problem]:
    """Facts under ``reads`` stand where their absence denies, or are part of what a violation says."""
    if not scope.reads:
        return
    names, signs = names_of(module, scope), signs_of(module)
    for statement in module.statements:
        tokens = statement.tokens
        below_not, shown, gathered = negations(tokens), _shown(tokens), _gathered(tokens)
        for reference in references(tokens, variables(statement, names, scope), scope):
            optional = next((fact for fact in reference.facts if _may_be_absent(fact, scope)), None)
            if optional is None or reference.start in shown:
                continue
            here = {sign * (-1) ** below_not[reference.start] for sign in signs[statement.name]}
            if here != {_AGAINST} or reference.start in gathered:
                hint = "read it below not, or in the template string of a message; or declare it under needs"
                yield Problem(tokens[reference.start].line, f"{optional} may be absent, and the rule silent then", hint)


def _may_be_absent(fact: Fact, scope: Scope) -> bool:
    if not fact.path or fact.path[0] not in scope.reads:
        return False
    kind, *path = fact.path
    inner = ".".join(path)
    return inner in scope.reads[kind] and inner not in scope.needs.get(kind, ())


def signs_of(module: Module) -> dict[str, set[int]]:
    """Whether a definition holding makes for a violation or against it; both for what is used both ways."""
    signs: dict[str, set[int]] = {name: set() for name in module.names}
    signs.update({answer: {FOR} for answer in ("deny", "warn")})
    for _ in module.names:  # as often as the longest chain of helpers
        for statement in module.statements:
            below_not = negations(statement.tokens)
            for at in range(1, len(statement.tokens)):
                name = statement.tokens[at].text
                if name in module.names and is_word(statement.tokens, at, name):
                    signs[name] |= {sign * (-1) ** below_not[at] for sign in signs[statement.name]}
    return signs


def negations(tokens: Tokens) -> Counter[int]:
    """How often each token stands below ``not``."""
    found: Counter[int] = Counter()
    for at in range(len(tokens)):
        if is_word(tokens, at, "not"):
            found.update(_expression(tokens, at + 1))
    return found


def _expression(tokens: Tokens, start: int) -> Iterator[int]:
    depth = 0
    for at in range(start, len(tokens)):
        bracket = tokens[at].text if tokens[at].kind == "punct" else ""
        depth -= bracket in CLOSING
        next_one = at > start and tokens[at].line > tokens[at - 1].line and bracket not in CLOSING
        if depth < 0 or (depth == 0 and (next_one or bracket == ";")):
            return
        yield at
        depth += bracket in OPENING


def _shown(tokens: Tokens) -> set[int]:
    """The tokens inside template strings that are the value of a member: ``"message": $"..."``."""
    found: set[int] = set()
    for at in range(1, len(tokens)):
        if tokens[at].is_(TEMPLATE_OPEN) and tokens[at - 1].is_(":"):
            found.update(range(at, closing(tokens, at)))
    return found


def _gathered(tokens: Tokens) -> set[int]:
    """The tokens inside comprehensions, whose size may count either way."""
    found: set[int] = set()
    for at in range(len(tokens)):
        if tokens[at].is_("[", "{"):
            end = closing(tokens, at)
            if any(depth == 1 and token.is_("|") for depth, token in depths(tokens[at:end])):
                found.update(range(at, end))
    return found
