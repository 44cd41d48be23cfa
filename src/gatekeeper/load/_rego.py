"""The tokens of a Rego file.

Not a parser: OPA compiles every rule, strictly. This is what lint needs to look for constructs that compile cleanly
and answer nothing. Follows the scanner of OPA 1.22 (Rego v1, template strings included).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from gatekeeper.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["name", "string", "number", "punct", "part", "comment"]

TEMPLATE_OPEN: Final = "$("
TEMPLATE_CLOSE: Final = "$)"
OPENING: Final = frozenset({"(", "[", "{", TEMPLATE_OPEN})
CLOSING: Final = frozenset({")", "]", "}", TEMPLATE_CLOSE})

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_PLAIN: Final = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z0-9_]))
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<raw>`[^`]*`)
  | (?P<punct>:=|==|!=|<=|>=|[-+*/%&|=<>.,:;()\[\]{}])
    """,
    re.VERBOSE,
)
_TEMPLATE_PART: Final = {
    '"': re.compile(r'((?:[^"\\{\n]|\\.)*)(["{])'),
    "`": re.compile(r"((?:[^`\\{]|\\\{|\\)*)([`{])"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: ``part`` is the literal text between the expressions of a template string, which stands between the
            punctuation ``$(`` and ``$)``. A word after a dot is a ``name`` like any other.
        text: As written; of a string, what it means.
        line, column: From 1.
    """

    kind: Kind
    text: str
    line: int
    column: int

    def is_(self, *texts: str) -> bool:
        """Whether it is this punctuation or this word, and no string that reads like it."""
        return self.kind in {"name", "punct"} and self.text in texts

    def touches(self, following: Token) -> bool:
        """Whether a word or bracket ends where another token begins: ``x[1]`` and ``f(1)``, not ``x [1]``."""
        return self.line == following.line and self.column + len(self.text) == following.column


def tokenize(text: str, *, where: str = "") -> tuple[Token, ...]:
    """All tokens of a Rego file, comments included.

    Raises:
        PolicyError: A character that starts no token, or a string without end.
    """
    return tuple(_Scanner(text, where).scan())


class _Scanner:
    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._at = 0
        self._line = 1
        self._line_start = 0

    def scan(self) -> Iterator[Token]:
        yield from self._until_closed(in_template=False)

    def _until_closed(self, *, in_template: bool) -> Iterator[Token]:
        depth = 0
        while self._skip_space():
            if self._text.startswith(('$"', "$`"), self._at):
                yield from self._template()
                continue
            token = self._plain()
            depth += (token.is_("{")) - (token.is_("}"))
            if in_template and depth < 0:
                return
            yield token
        if in_template:
            raise self._error("a template string without end")

    def _skip_space(self) -> bool:
        space = _SPACE.match(self._text, self._at)
        if space:
            self._move_to(space.end())
        return self._at < len(self._text)

    def _plain(self) -> Token:
        match = _PLAIN.match(self._text, self._at)
        if match is None:
            raise self._error(f"{self._text[self._at]!r} starts nothing that Rego knows")
        kind, text, line, column = match.lastgroup or "", match.group(), self._line, self._column
        self._move_to(match.end())
        if kind == "string":
            return Token("string", self._decode(text), line, column)
        if kind == "raw":
            return Token("string", text[1:-1], line, column)
        return Token(kind, text, line, column)  # type: ignore[arg-type]  # the groups are named after the kinds

    def _template(self) -> Iterator[Token]:
        quote = self._text[self._at + 1]
        yield Token("punct", TEMPLATE_OPEN, self._line, self._column)
        self._move_to(self._at + 2)
        while True:
            part = _TEMPLATE_PART[quote].match(self._text, self._at)
            if part is None:
                raise self._error("a template string without end")
            text = part[1].replace(r"\{", "{")
            line, column = self._line, self._column
            self._move_to(part.end())
            yield Token("part", self._decode(f'"{text}"') if quote == '"' else text, line, column)
            if part[2] != "{":
                yield Token("punct", TEMPLATE_CLOSE, self._line, self._column - 1)
                return
            yield from self._until_closed(in_template=True)

    @property
    def _column(self) -> int:
        return self._at - self._line_start + 1

    def _move_to(self, position: int) -> None:
        newlines = self._text.count("\n", self._at, position)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rindex("\n", self._at, position) + 1
        self._at = position

    def _decode(self, text: str) -> str:
        try:
            return str(json.loads(text, strict=False))
        except ValueError as cause:
            raise self._error(f"a string that cannot be read: {text[:40]}") from cause

    def _error(self, message: str) -> PolicyError:
        return PolicyError(message, where=f"{self._where}:{self._line}", code="policy.rego")
