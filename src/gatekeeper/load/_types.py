"""Which fact or parameter an expression of a rule is, as far as its text says.

Follows references through ``some``, ``every``, ``:=``, comprehensions and the rule's own sets. What it cannot follow
has no type, and OPA's checker and the tests of the rule are left to judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.facts import kinds
from gatekeeper.load._bindings import declared, is_word
from gatekeeper.load._module import KEYWORDS, closing
from gatekeeper.policy import BASELINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.load._module import Module, Statement, Tokens
    from gatekeeper.load._problem import Scope

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_SUBJECT: Final[Mapping[str, Any]] = {"type": "object", "properties": {"name": _TEXT}}
_SOURCE: Final[Mapping[str, Any]] = {"type": "object", "properties": {"digest": _TEXT, "kind": _TEXT, "slot": _TEXT}}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact or parameter: its path (kind, ``baseline`` or ``parameters`` first, arrays left out) and its schema."""

    path: tuple[str, ...]
    schema: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Its JSON Schema type."""
        return str(self.schema.get("type", ""))

    @property
    def in_kind(self) -> tuple[str, ...]:
        """Its path from the kind on, whichever release it is of."""
        return self.path[1:] if self.path[:1] == (BASELINE,) else self.path

    @property
    def values(self) -> tuple[str, ...]:
        """The only values it can have, where they are listed."""
        return tuple(self.schema.get("enum", ()))

    def item(self) -> Fact | None:
        """A member of this list."""
        return Fact(self.path, self.schema["items"]) if self.type == "array" and "items" in self.schema else None

    def listed(self) -> Fact:
        """A list of these."""
        return Fact(self.path, {"type": "array", "items": self.schema})

    def member(self, name: str) -> Fact | None:
        """A member of this object."""
        members = self.schema.get("properties", {})
        return Fact((*self.path, name), members[name]) if name in members else None

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a definition: its tokens ``start`` to ``end`` (excluded) and what it may be.

    Attributes:
        computed: The object that was asked for a member whose name is not written out.
    """

    start: int
    end: int
    facts: tuple[Fact, ...]
    computed: Fact | None = None


Names = dict[str, tuple[Fact, ...]]


def names_of(module: Module, scope: Scope) -> Names:
    """What the rule's own sets and values hold."""
    names: Names = {}
    helpers = [statement for statement in module.statements if statement.name not in {"deny", "warn"}]
    for _ in range(2):  # a definition may use one that follows
        for statement in helpers:
            found = tuple(_defined(statement, variables(statement, names, scope), scope))
            if found:
                names[statement.name] = found
    return names


def variables(statement: Statement, names: Names, scope: Scope) -> Names:
    """What the variables of a definition hold."""
    known = dict(names)
    for _ in range(2):  # the head of a comprehension comes before what binds its variables
        for name, facts in _bindings(statement.tokens, known, scope):
            held = known.get(name, ())
            known[name] = (*held, *(fact for fact in facts if fact not in held))
    return known


def references(tokens: Tokens, known: Names, scope: Scope) -> Iterator[Reference]:
    """Every reference whose first name is known."""
    for at, token in enumerate(tokens):
        if token.kind == "name" and token.text not in KEYWORDS and not (at and tokens[at - 1].is_(".")):
            found = follow(tokens, at, known, scope)
            if found is not None:
                yield found


def follow(tokens: Tokens, start: int, known: Names, scope: Scope) -> Reference | None:
    """The reference that begins at ``start``; None where its first name is not known."""
    if start >= len(tokens) or tokens[start].kind != "name":
        return None
    facts = (_root(scope),) if tokens[start].text == "input" else known.get(tokens[start].text, ())
    if not facts:
        return None
    at, computed = start + 1, None
    while at < len(tokens) and tokens[at].is_(".", "[") and tokens[at - 1].touches(tokens[at]):
        end = at + 1 if tokens[at].is_(".") else closing(tokens, at)
        inner = tokens[at + 1 : end + 1] if tokens[at].is_(".") else tokens[at + 1 : end]
        if not inner:
            break
        written_out = tokens[at].is_(".") or (len(inner) == 1 and inner[0].kind == "string")
        if not written_out:
            computed = computed or next((fact for fact in facts if fact.type == "object"), None)
        stepped = (fact.member(inner[0].text) if written_out else fact.item() for fact in facts)
        facts, at = tuple(fact for fact in stepped if fact), end + 1
    return Reference(start, at, facts, computed)


def _root(scope: Scope) -> Fact:
    members: dict[str, Any] = {
        "parameters": {"type": "object", "properties": dict(scope.parameters)},
        "subject": _SUBJECT,
    }
    members |= {kind: _documents(kind) for kind in scope.needs.keys() | scope.reads.keys()}
    if scope.baseline:
        members[BASELINE] = {"type": "object", "properties": {kind: _documents(kind) for kind in scope.baseline}}
    return Fact((), {"type": "object", "properties": members})


def _documents(kind: str) -> Mapping[str, Any]:
    facts = kinds()[kind].schema
    return {"type": "array", "items": {**facts, "properties": {**facts["properties"], "source": _SOURCE}}}


def _bindings(tokens: Tokens, known: Names, scope: Scope) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    for at in range(len(tokens)):
        if is_word(tokens, at, "some", "every"):
            names = declared(tokens, at)
            source = follow(tokens, at + 2 + len(names), known, scope)
            if source and names:
                yield names[-1].text, tuple(item for fact in source.facts if (item := fact.item()))
        elif tokens[at].is_(":=") and at and tokens[at - 1].kind == "name":
            yield tokens[at - 1].text, tuple(_value(tokens, at + 1, known, scope))


def _value(tokens: Tokens, at: int, known: Names, scope: Scope) -> Iterator[Fact]:
    """What stands right of ``:=``: a reference alone, or a comprehension of one."""
    found = follow(tokens, at, known, scope)
    if found and _ends(tokens, found.end):
        yield from found.facts
    if at < len(tokens) and tokens[at].is_("[", "{"):
        head = follow(tokens, at + 1, known, scope)
        if head and head.end < len(tokens) and tokens[head.end].is_("|"):
            yield from (fact.listed() for fact in head.facts)


def _ends(tokens: Tokens, at: int) -> bool:
    return at >= len(tokens) or tokens[at].line > tokens[at - 1].line or tokens[at].is_(";", "}", "]", ")", "if")


def _defined(statement: Statement, known: Names, scope: Scope) -> Iterator[Fact]:
    if statement.shape == "set":
        found = follow(statement.rest, 1, known, scope)
        if found and _ends(statement.rest, found.end):
            yield from (fact.listed() for fact in found.facts)
    elif statement.shape == "value":
        yield from _value(statement.rest, 1, known, scope)
