"""Lint of functions: those of the pack, which take scalars, and builtins whose slips are silent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper.load._bindings import declared, is_word
from gatekeeper.load._module import closing, depths, split_at
from gatekeeper.load._problem import Problem
from gatekeeper.load._rego import TEMPLATE_OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.load._module import Module, Statement, Tokens
    from gatekeeper.load._problem import Scope

_VERB: Final = re.compile(r"%(?:%|[-+# 0]*\d*(?:\.\d+)?[a-zA-Z])")
_CLASS: Final = r"\[(?:\\.|[^\]])*\]"
_NAKED_DOT: Final = re.compile(_CLASS + r"|((?<=[A-Za-z0-9])\.(?=[A-Za-z]{2}))")
_ALTERNATIVE: Final = re.compile(r"\\.|" + _CLASS + r"|[()|]")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: its dotted name, the tokens of each argument, and where its name begins."""

    name: str
    arguments: tuple[Tokens, ...]
    tokens: Tokens
    start: int

    @property
    def line(self) -> int:
        """Where it is."""
        return self.tokens[self.start].line


def calls(statement: Statement) -> Iterator[Call]:
    """Every call in a definition."""
    tokens = statement.tokens
    head = 1 if statement.shape == "default" else 0
    for at, token in enumerate(tokens[:-1]):
        called = token.kind == "name" and tokens[at + 1].is_("(") and token.touches(tokens[at + 1])
        if not called or (at == head and statement.arguments):
            continue
        start = at
        while start >= 2 and tokens[start - 1].is_("."):  # noqa: PLR2004 - a dot and a name before it
            start -= 2
        if is_word(tokens, at, "in", "not", "if", "and", "or"):
            continue
        name = "".join(part.text for part in tokens[start : at + 1])
        arguments = tuple(split_at(tokens[at + 2 : closing(tokens, at + 1)], ","))
        yield Call(name, arguments, tokens, start)


def function_arguments(module: Module, _scope: Scope) -> Iterator[Problem]:
    """The type checker is blind behind an argument, so facts are passed one by one."""
    for statement in module.statements:
        for argument in statement.arguments:
            if len(argument) != 1:
                yield Problem(statement.line, f"{statement.name} takes its argument apart", _SCALARS)
        held = _passed_on(statement)
        tokens = statement.rest
        for at, token in enumerate(tokens[:-1]):
            looks_inside = tokens[at + 1].is_(".", "[") and token.touches(tokens[at + 1])
            if token.text in held and is_word(tokens, at, token.text) and looks_inside:
                yield Problem(token.line, f"{statement.name} looks into its argument {token.text}", _SCALARS)


_SCALARS: Final = "pass the facts themselves: slow(run.p95_ms, limit)"


def _passed_on(statement: Statement) -> set[str]:
    held = {argument[0].text for argument in statement.arguments if len(argument) == 1 and argument[0].kind == "name"}
    tokens = statement.rest
    for at in range(len(tokens)):
        if is_word(tokens, at, "some", "every"):
            names = declared(tokens, at)
            source = at + 2 + len(names)
            if source < len(tokens) and tokens[source].text in held:
                held.update(token.text for token in names if token.kind == "name")
        elif tokens[at].is_(":=") and at + 1 < len(tokens) and tokens[at + 1].text in held:
            held.add(tokens[at - 1].text)
    return held


def builtin_calls(module: Module, _scope: Scope) -> Iterator[Problem]:
    """Builtins that answer wrongly without a word."""
    for statement in module.statements:
        for call in calls(statement):
            check = _CHECKS.get(call.name)
            if check is not None:
                yield from check(call, module)


def _sprintf(call: Call, _module: Module) -> Iterator[Problem]:
    if len(call.arguments) != 2 or len(call.arguments[0]) != 1 or not call.arguments[1][0].is_("["):  # noqa: PLR2004
        yield Problem(call.line, "sprintf with a format or list that is not written out", _TEMPLATE)
        return
    verbs = sum(verb != "%%" for verb in _VERB.findall(call.arguments[0][0].text))
    given = sum(1 for _ in split_at(call.arguments[1][1:-1], ","))
    if verbs != given:
        yield Problem(call.line, f"sprintf has {verbs} verbs and {given} values", _TEMPLATE)


_TEMPLATE: Final = 'a template string cannot go wrong so: $"{report.failed} of {report.total}"'


def _regex(call: Call, module: Module) -> Iterator[Problem]:
    patterns = list(_texts(call.arguments[0], call, module)) if call.arguments else []
    if not patterns:
        yield Problem(call.line, f"{call.name} with a pattern made elsewhere", 'anchor it here: $"^(?:{pattern})$"')
    for first, last, whole in patterns:
        if not first.startswith("^") or not last.endswith("$") or last.endswith(r"\$"):
            yield Problem(call.line, f"the pattern {whole!r} matches in the middle of a text", "write ^(?:...)$")
        elif _has_bare_alternative(whole):
            yield Problem(call.line, f"the anchors of {whole!r} belong to one alternative each", "write ^(?:a|b)$")
        elif any(_NAKED_DOT.findall(whole)):
            yield Problem(call.line, f"a dot in {whole!r} stands for any character", r"write \.")


def _texts(argument: Tokens, call: Call, module: Module) -> Iterator[tuple[str, str, str]]:
    """First part, last part and all the literal text of each text that an argument may be."""
    if argument[0].kind == "string" and len(argument) == 1:
        yield (argument[0].text,) * 3
    elif argument[0].is_(TEMPLATE_OPEN) and closing(argument, 0) == len(argument) - 1:
        parts = [token.text for depth, token in depths(argument) if depth == 1 and token.kind == "part"]
        yield parts[0], parts[-1], "...".join(parts)
    elif len(argument) == 1:
        for definition in _assigned(argument[0].text, call, module):
            yield from _texts(definition, call, module)


def _assigned(name: str, call: Call, module: Module) -> Iterator[Tokens]:
    places = [call.tokens, *(item.tokens for item in module.statements if item.name == name)]
    for tokens in places:
        for at in range(1, len(tokens) - 1):
            if tokens[at].is_(":=") and tokens[at - 1].text == name:
                end = closing(tokens, at + 1) if tokens[at + 1].is_(TEMPLATE_OPEN) else at + 1
                if tokens[at + 1].kind == "string" or tokens[at + 1].is_(TEMPLATE_OPEN):
                    yield tokens[at + 1 : end + 1]


def _has_bare_alternative(pattern: str) -> bool:
    depth = 0
    for found in _ALTERNATIVE.findall(pattern):
        depth += (found == "(") - (found == ")")
        if found == "|" and depth == 0:
            return True
    return False


def _glob(call: Call, _module: Module) -> Iterator[Problem]:
    delimiters = call.arguments[1] if len(call.arguments) > 1 else ()
    if len(delimiters) < 3 or not delimiters[0].is_("["):  # noqa: PLR2004 - a bracket, something, a bracket
        yield Problem(call.line, "glob.match without delimiters", 'write ["/"]: [] stands for ["."], null for none')


def _semver_valid(call: Call, _module: Module) -> Iterator[Problem]:
    if not (call.start and is_word(call.tokens, call.start - 1, "not")):
        yield Problem(
            call.line, "semver.is_valid as a condition drops what is no version", "deny with: not semver.is_valid"
        )


def _count(call: Call, _module: Module) -> Iterator[Problem]:
    argument = call.arguments[0] if call.arguments else ()
    if argument and argument[0].is_("{") and any(depth == 1 and token.is_("|") for depth, token in depths(argument)):
        yield Problem(call.line, "count over a set counts equal members once", "write [... | ...], or name the set")


_CHECKS: Final = {
    "sprintf": _sprintf,
    "regex.match": _regex,
    "glob.match": _glob,
    "semver.is_valid": _semver_valid,
    "count": _count,
}
