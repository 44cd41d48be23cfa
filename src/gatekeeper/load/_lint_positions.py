"""Lint of what may not be there: an element by its position, the greatest and least of a list, a pattern of a list.

In a list that is shorter they are undefined, and a condition with them is silent. Below ``not`` absence denies, and a
chain with ``else`` says what happens then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.load._bindings import is_word
from gatekeeper.load._lint_absent import FOR, negations, signs_of
from gatekeeper.load._lint_calls import calls
from gatekeeper.load._module import closing
from gatekeeper.load._problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.load._module import Module, Statement, Tokens
    from gatekeeper.load._problem import Scope

_HINT: Final = "write some x in ..., or read it below not, where absence denies"


def positions(module: Module, _scope: Scope) -> Iterator[Problem]:
    """What depends on how long a list is stands where its absence denies, or has an ``else``."""
    found = [(statement, places) for statement in module.statements if (places := [*_in(statement)])]
    signs = signs_of(module) if found else {}
    for statement, places in found:
        below_not = negations(statement.tokens)
        for at, message in places:
            here = {sign * (-1) ** below_not[at] for sign in signs[statement.name] or {FOR}}
            if FOR in here:
                yield Problem(statement.tokens[at].line, f"{message}, and the rule silent then", _HINT)


def _in(statement: Statement) -> Iterator[tuple[int, str]]:
    tokens = statement.tokens
    if not any(is_word(tokens, at, "else") for at in range(1, len(tokens))):
        yield from _elements(tokens)
        yield from _extremes(statement)
        yield from _patterns(tokens)


def _elements(tokens: Tokens) -> Iterator[tuple[int, str]]:
    """``cases[3]``; the first part of ``split`` is always there."""
    for at in range(1, len(tokens) - 2):
        element = tokens[at].is_("[") and tokens[at + 1].kind == "number" and tokens[at + 2].is_("]")
        if element and tokens[at - 1].touches(tokens[at]) and not _is_first_part(tokens, at):
            yield at, f"the element [{tokens[at + 1].text}] may be absent"


def _is_first_part(tokens: Tokens, at: int) -> bool:
    if not (tokens[at - 1].is_(")") and tokens[at + 1].text == "0"):
        return False
    opened = next(
        start for start in range(at - 2, -1, -1) if tokens[start].is_("(") and closing(tokens, start) == at - 1
    )
    return tokens[opened - 1].text == "split"


def _extremes(statement: Statement) -> Iterator[tuple[int, str]]:
    """``max`` and ``min`` of anything but elements that are written out."""
    for call in calls(statement):
        if call.name in {"max", "min"} and not (call.arguments and _is_written_out(call.arguments[0])):
            yield call.start, f"the {call.name} of an empty list is absent"


def _patterns(tokens: Tokens) -> Iterator[tuple[int, str]]:
    """``[name, version] := split(...)``."""
    for at in range(1, len(tokens) - 1):
        is_pattern = tokens[at].is_(":=") and tokens[at - 1].is_("]") and not _is_index(tokens, at - 1)
        if is_pattern and not _is_written_out(tokens[at + 1 :]):
            yield at, "a list of another length does not fit the pattern"


def _is_index(tokens: Tokens, end: int) -> bool:
    """``deny[name] := ...`` defines a member; it takes nothing apart."""
    opened = next(start for start in range(end - 1, -1, -1) if tokens[start].is_("[") and closing(tokens, start) == end)
    return opened > 0 and tokens[opened - 1].touches(tokens[opened])


def _is_written_out(tokens: Tokens) -> bool:
    """A list whose elements stand here: not empty, and no comprehension."""
    if len(tokens) < 2 or not tokens[0].is_("[", "{") or tokens[1].is_("]", "}"):  # noqa: PLR2004 - brackets
        return False
    depth = 0
    for token in tokens[: closing(tokens, 0)]:
        depth += token.is_("[", "{", "(") - token.is_("]", "}", ")")
        if depth == 1 and token.is_("|"):
            return False
    return True
