"""A Rego file as package, imports and rules: as much structure as lint needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from gatekeeper.errors import PolicyError
from gatekeeper.load import _rego
from gatekeeper.load._rego import CLOSING, OPENING, Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Tokens = tuple[Token, ...]
Shape = Literal["default", "set", "function", "value", "condition", "reference"]
"""``default x := ..``, ``x contains ..``, ``x(..)``, ``x := ..``, ``x if ..``, and heads like ``x.y`` or ``x[y]``."""

KEYWORDS: Final = frozenset(
    {
        *("as", "contains", "default", "else", "every", "false", "if", "import", "in", "not"),
        *("null", "package", "some", "true", "with", "and", "or"),
    }
)
_FIRST_COLUMN: Final = 1
_CLOSED_BY: Final = {"(": ")", "[": "]", "{": "}", _rego.TEMPLATE_OPEN: _rego.TEMPLATE_CLOSE}


@dataclass(frozen=True, slots=True)
class Import:
    """One import: ``rego.v2``; ``alias`` is empty when it has none."""

    path: str
    alias: str
    line: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One definition of a rule or function, ``else`` branches included.

    Attributes:
        name: The name it defines.
        shape: How its head is written.
        arguments: The tokens of each argument of a function.
        tokens: All of it.
        rest: What follows the head's name and arguments.
    """

    name: str
    shape: Shape
    arguments: tuple[Tokens, ...]
    tokens: Tokens
    rest: Tokens

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.tokens[0].line


@dataclass(frozen=True, slots=True)
class Module:
    """One Rego file.

    Attributes:
        path: What errors call it.
        package: Its package, ``gatekeeper.coverage.lines``.
        package_line: Where that stands.
        imports, statements: In file order.
        comments: Text of each comment by line, with ``#``; only those that have a line to themselves.
    """

    path: str
    package: str
    package_line: int
    imports: tuple[Import, ...]
    statements: tuple[Statement, ...]
    comments: dict[int, str]

    @property
    def names(self) -> frozenset[str]:
        """What its rules and functions are called."""
        return frozenset(statement.name for statement in self.statements)


def parse_module(text: str, path: str) -> Module:
    """Read the structure of a Rego file that is laid out as ``opa fmt`` does.

    Raises:
        PolicyError: It has no package, or a rule does not begin in the first column.
    """
    tokens = _rego.tokenize(text, where=path)
    code = tuple(token for token in tokens if token.kind != "comment")
    package, *others = _split(code, path)
    if not package[0].is_("package"):
        raise PolicyError("the file does not begin with its package", where=f"{path}:{package[0].line}")
    imports = [_import(tokens) for tokens in others if tokens[0].is_("import")]
    return Module(
        path=path,
        package=_joined(package[1:]),
        package_line=package[0].line,
        imports=tuple(imports),
        statements=tuple(_statement(tokens, path) for tokens in others if not tokens[0].is_("import")),
        comments=_own_line_comments(tokens),
    )


def depths(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Each token with the number of brackets it stands in; a bracket counts as outside of itself."""
    depth = 0
    for token in tokens:
        if token.kind == "punct" and token.text in CLOSING:
            depth -= 1
        yield depth, token
        if token.kind == "punct" and token.text in OPENING:
            depth += 1


def closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the bracket that closes the one at ``opening``."""
    inner = depths(tokens[opening:])
    return next((opening + at for at, (depth, _) in enumerate(inner) if at and depth == 0), len(tokens))


def split_at(tokens: Tokens, separator: str) -> Iterator[Tokens]:
    """The parts of ``tokens`` between ``separator`` outside of brackets; empty parts are left out."""
    parts: list[list[Token]] = [[]]
    for depth, token in depths(tokens):
        if depth == 0 and token.is_(separator):
            parts.append([])
        else:
            parts[-1].append(token)
    yield from (tuple(part) for part in parts if part)


def _split(code: Tokens, path: str) -> list[Tokens]:
    if not code:
        raise PolicyError("the file is empty", where=path, code="policy.empty")
    _check_brackets(code, path)
    parts: list[list[Token]] = []
    line = 0
    for depth, token in depths(code):
        first_on_line, line = token.line != line, token.line
        continues = token.is_("else") or (token.kind == "punct" and token.text in CLOSING)
        if parts and (depth or not first_on_line or continues):
            parts[-1].append(token)
        elif token.column == _FIRST_COLUMN:
            parts.append([token])
        else:
            raise PolicyError(
                "a rule begins in the first column, and whatever else belongs into brackets or on the same line",
                where=f"{path}:{token.line}",
                hint="lay the file out with: opa fmt --write",
                code="policy.layout",
            )
    return [tuple(part) for part in parts]


def _check_brackets(code: Tokens, path: str) -> None:
    open_ones: list[Token] = []
    for token in code:
        if token.kind == "punct" and token.text in OPENING:
            open_ones.append(token)
        elif token.kind == "punct" and token.text in CLOSING:
            if not open_ones or _CLOSED_BY[open_ones[-1].text] != token.text:
                message = f"{token.text!r} closes nothing"
                raise PolicyError(message, where=f"{path}:{token.line}", code="policy.rego")
            open_ones.pop()
    if open_ones:
        message = f"{open_ones[-1].text!r} is not closed"
        raise PolicyError(message, where=f"{path}:{open_ones[-1].line}", code="policy.rego")


def _joined(tokens: Tokens) -> str:
    return "".join(token.text for token in tokens)


def _import(tokens: Tokens) -> Import:
    path, alias = (*split_at(tokens[1:], "as"), (), ())[:2]
    return Import(_joined(path), _joined(alias), tokens[0].line)


def _statement(tokens: Tokens, path: str) -> Statement:
    at = 1 if tokens[0].is_("default") else 0
    if at >= len(tokens) or tokens[at].kind != "name":
        raise PolicyError("not a rule", where=f"{path}:{tokens[0].line}", code="policy.rego")
    rest = tokens[at + 1 :]
    arguments: tuple[Tokens, ...] = ()
    shape = "default" if at else _shape(rest)
    if rest and rest[0].is_("("):
        end = closing(rest, 0)
        arguments, rest = tuple(split_at(rest[1:end], ",")), rest[end + 1 :]
    return Statement(tokens[at].text, shape, arguments, tokens, rest)


def _shape(rest: Tokens) -> Shape:
    if not rest:
        return "condition"
    shapes: dict[str, Shape] = {
        "contains": "set",
        "(": "function",
        "if": "condition",
        ".": "reference",
        "[": "reference",
    }
    return shapes.get(rest[0].text, "value")


def _own_line_comments(tokens: Tokens) -> dict[int, str]:
    lines_with_code = {token.line for token in tokens if token.kind != "comment"}
    return {token.line: token.text for token in tokens if token.kind == "comment" and token.line not in lines_with_code}
