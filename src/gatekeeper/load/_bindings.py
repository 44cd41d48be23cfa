"""Which names a definition introduces, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.load._module import KEYWORDS, closing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.load._module import Statement, Tokens
    from gatekeeper.load._rego import Token


def bound_names(statement: Statement) -> Iterator[Token]:
    """Every argument and variable that a definition introduces."""
    for argument in statement.arguments:
        yield from _names(argument)
    tokens = statement.tokens
    head = 1 if statement.shape == "default" else 0
    for at, token in enumerate(tokens):
        if token.is_(":="):
            yield from _names(_target(tokens, at) if at > head + 1 else ())
        elif is_word(tokens, at, "some", "every"):
            yield from _names(declared(tokens, at))


def declared(tokens: Tokens, at: int) -> Tokens:
    """The tokens between ``some`` or ``every`` and its ``in``; those up to the end of the line where there is none."""
    end = at + 1
    while end < len(tokens) and not tokens[end].is_("in", ";", "}") and tokens[end].line == tokens[at].line:
        end += 1
    return tokens[at + 1 : end]


def is_word(tokens: Sequence[Token], at: int, *words: str) -> bool:
    """Whether the token is one of these words and not the member of something (``x.some``)."""
    return tokens[at].kind == "name" and tokens[at].text in words and not (at and tokens[at - 1].is_("."))


def _names(tokens: Tokens) -> Iterator[Token]:
    for at, token in enumerate(tokens):
        if token.kind == "name" and token.text not in KEYWORDS and not (at and tokens[at - 1].is_(".")):
            yield token


def _target(tokens: Tokens, assignment: int) -> Tokens:
    if not tokens[assignment - 1].is_("]", "}"):
        return tokens[assignment - 1 : assignment] if not tokens[assignment - 1].is_(")") else ()
    openings = (at for at in range(assignment) if tokens[at].is_("[", "{") and closing(tokens, at) == assignment - 1)
    return tokens[next(openings, assignment) : assignment]
