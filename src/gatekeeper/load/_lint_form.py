"""Lint of form: what a file imports, defines and refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.load._bindings import bound_names, declared, is_word
from gatekeeper.load._module import depths
from gatekeeper.load._names import BUILTINS
from gatekeeper.load._problem import Problem
from gatekeeper.load.table import suggestion
from gatekeeper.policy import BASELINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.load._module import Module, Statement, Tokens
    from gatekeeper.load._problem import Scope

_ANSWERS: Final = ("deny", "warn")
_LIKE_WARN: Final = 0.7
"""Likeness from which a name that nobody uses is taken for a slip of ``warn``, and else of ``deny``."""


def imports(module: Module, scope: Scope) -> Iterator[Problem]:
    """Only versions of the language and the pack's own library are imported, under their own names."""
    allowed = {"rego.v1", "rego.v2", "future.keywords"} | ({library(scope)} if scope.rule else set())
    for item in module.imports:
        if item.path not in allowed and not item.path.startswith("future.keywords."):
            hint = "facts are input.<kind>, lists are parameters, functions are the pack's own lib"
            yield Problem(item.line, f"imports {item.path}", hint)
        elif item.alias:
            yield Problem(item.line, f"imports {item.path} under another name", "leave out: as")


def no_with(module: Module, _scope: Scope) -> Iterator[Problem]:
    """``with`` shows a rule another input, or a function another body."""
    for tokens, at in _words(module, "with"):
        yield Problem(tokens[at].line, "with replaces what the rule is asked about", "use it in tests only")


def data_references(module: Module, scope: Scope) -> Iterator[Problem]:
    """Rules see no data documents and no other package."""
    own = {("gatekeeper", scope.pack, "lib"), ("gatekeeper", scope.pack, scope.rule or "lib")}
    for tokens, at in _words(module, "data"):
        path = _dotted(tokens, at)
        if path[1:4] not in own:
            hint = f"only {library(scope)} and the rule's own package; lists are parameters"
            yield Problem(tokens[at].line, f"refers to {'.'.join(path)}", hint)


def input_references(module: Module, scope: Scope) -> Iterator[Problem]:
    """``input`` is never handed on, and only what METADATA declares is read from it."""
    known = {"parameters", "subject", *scope.needs, *scope.reads, *((BASELINE,) if scope.baseline else ())}
    for tokens, at in _words(module, "input"):
        if is_word(tokens, at - 1, "with"):
            continue  # refused already
        path = _dotted(tokens, at)
        line = tokens[at].line
        if not scope.rule:
            yield Problem(line, "a library reads input", "pass the facts it needs, one by one")
        elif len(path) == 1:
            yield Problem(
                line, "input without a kind behind a dot", "write input.coverage; a kind is a word, not a value"
            )
        elif path[1] not in known:
            yield Problem(line, f"reads input.{path[1]}, which METADATA does not declare", suggestion(path[1], known))
        elif path[1] == BASELINE:
            yield from _baseline_reference(path, line, scope)


def _baseline_reference(path: tuple[str, ...], line: int, scope: Scope) -> Iterator[Problem]:
    kind = path[2] if len(path) > 2 else ""  # noqa: PLR2004 - input, baseline, a kind
    if not kind:
        yield Problem(line, "input.baseline without a kind behind a dot", "write input.baseline.coverage")
    elif kind not in scope.baseline:
        hint = suggestion(kind, scope.baseline)
        yield Problem(line, f"reads input.baseline.{kind}, which METADATA does not declare", hint)


def names(module: Module, _scope: Scope) -> Iterator[Problem]:
    """Nothing is called like a builtin, like ``input`` or ``data``, or like a rule of the same file."""
    reserved = BUILTINS | {"input", "data"}
    for statement in module.statements:
        if statement.name in reserved:
            yield _taken(statement.line, statement.name)
        for token in bound_names(statement):
            if token.text in reserved:
                yield _taken(token.line, token.text)
            elif token.text in module.names or token.text == "lib":
                yield Problem(token.line, f"the variable {token.text} hides what is called so", "give it another name")


def _taken(line: int, name: str) -> Problem:
    return Problem(line, f"{name} is what Rego itself calls something", "give it another name")


def defaults(module: Module, _scope: Scope) -> Iterator[Problem]:
    """The only default is false: any other answers where nothing was found."""
    for statement in module.statements:
        if statement.shape == "default" and [token.text for token in statement.rest] != [":=", "false"]:
            yield Problem(statement.line, f"{statement.name} has a default other than false", "write := false")


def else_branches(module: Module, _scope: Scope) -> Iterator[Problem]:
    """A chain of ``else`` ends in one without condition, or it is undefined where none holds."""
    for statement in module.statements:
        outer = [token for depth, token in depths(statement.tokens) if depth == 0]
        last = max((at for at in range(len(outer)) if is_word(outer, at, "else")), default=None)
        if last is not None and any(token.is_("if") for token in outer[last:]):
            line = outer[last].line
            yield Problem(line, f"the last else of {statement.name} has a condition", "end with else := a value")


def heads(module: Module, scope: Scope) -> Iterator[Problem]:
    """A rule answers with ``deny contains ...``; what is neither that nor used by it is asked for by nobody."""
    if not scope.rule:
        return
    for statement in module.statements:
        if statement.shape == "reference":
            yield Problem(statement.line, f"{statement.name} has members defined one by one", _HEAD_HINT)
        elif statement.name in _ANSWERS and statement.shape != "set":
            yield Problem(statement.line, f"{statement.name} is no set of violations", _HEAD_HINT)
    unused = [statement for statement in module.statements if not _is_used(statement.name, module, scope)]
    for statement in unused:
        yield Problem(statement.line, f"nobody asks for {statement.name}", f"did you mean {_answer_like(statement)}?")
    if "deny" not in module.names and not unused:
        yield Problem(module.package_line, "the rule defines no deny", _HEAD_HINT)


_HEAD_HINT: Final = "write deny contains violation if { ... }"


def _is_used(name: str, module: Module, scope: Scope) -> bool:
    if name in _ANSWERS:
        return True
    others = (statement.tokens for statement in module.statements if statement.name != name)
    return any(_refers(tokens, at, name, scope) for tokens in others for at in range(1, len(tokens)))


def _refers(tokens: Tokens, at: int, name: str, scope: Scope) -> bool:
    own_package = at > 1 and tokens[at - 1].is_(".") and tokens[at - 2].is_(scope.rule)
    return tokens[at].is_(name) and (own_package or not tokens[at - 1].is_("."))


def _answer_like(statement: Statement) -> str:
    from difflib import SequenceMatcher

    return "warn" if SequenceMatcher(None, statement.name, "warn").ratio() >= _LIKE_WARN else "deny"


def unification(module: Module, _scope: Scope) -> Iterator[Problem]:
    """``=`` binds or compares, as it turns out."""
    for statement in module.statements:
        for token in statement.tokens:
            if token.is_("="):
                yield Problem(token.line, "= binds what is unbound and compares what is not", "write == or :=")


def declarations(module: Module, _scope: Scope) -> Iterator[Problem]:
    """``some x`` alone hides a rule called ``x`` and takes whatever fits."""
    for tokens, at in _words(module, "some"):
        end = at + 1 + len(declared(tokens, at))
        if end >= len(tokens) or not tokens[end].is_("in"):
            yield Problem(tokens[at].line, "some without in", "write some x in ...")


def negations(module: Module, _scope: Scope) -> Iterator[Problem]:
    """Without ``import rego.v2`` a ``not`` over something absent is undefined, not true."""
    mended = {"rego.v2", "future.keywords", "future.keywords.not"}
    if not mended.isdisjoint(item.path for item in module.imports):
        return
    for tokens, at in _words(module, "not"):
        yield Problem(tokens[at].line, "not is undefined where what it negates is absent", "add: import rego.v2")


def library(scope: Scope) -> str:
    """The package of a pack's library."""
    return f"data.gatekeeper.{scope.pack}.lib"


def _words(module: Module, word: str) -> Iterator[tuple[Tokens, int]]:
    for statement in module.statements:
        for at in range(len(statement.tokens)):
            if is_word(statement.tokens, at, word):
                yield statement.tokens, at


def _dotted(tokens: Tokens, at: int) -> tuple[str, ...]:
    path = [tokens[at].text]
    while at + 2 < len(tokens) and tokens[at + 1].is_(".") and tokens[at + 2].kind == "name":
        path.append(tokens[at + 2].text)
        at += 2
    return tuple(path)
