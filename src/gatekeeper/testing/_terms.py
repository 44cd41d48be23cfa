"""Terms of OPA's traces (its AST as JSON) as Rego text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Term = dict[str, Any]
"""``{"type": ..., "value": ...}``."""

_WIDE: Final = 88
"""Characters up to which a value stands on one line."""

_NARROW: Final = 40
"""Likewise inside of one that does not."""

_SCALARS: Final = frozenset({"null", "boolean", "number", "string"})


def resolve(term: Any, bindings: Mapping[str, Term]) -> Term | None:
    """A term with its variables replaced by what they are bound to; None where that cannot be told.

    Args:
        term: A term.
        bindings: Values by the compiler's name of a variable.
    """
    kind, value = term.get("type"), _value(term)
    if kind in _SCALARS:
        return {"type": kind, "value": value}
    if kind == "var":
        return bindings.get(value)
    if kind == "ref":
        return _follow(value, bindings)
    if kind in {"array", "set"}:
        return _whole(str(kind), [resolve(item, bindings) for item in value])
    if kind == "object":
        pairs = [[resolve(part, bindings) for part in pair] for pair in value]
        return None if any(None in pair for pair in pairs) else {"type": "object", "value": pairs}
    return None


def text(term: Term) -> str:
    """A value on one line, as Rego writes it."""
    kind, value = term.get("type"), _value(term)
    if kind == "array":
        return f"[{', '.join(text(item) for item in value)}]"
    if kind == "set":
        return f"{{{', '.join(text(item) for item in value)}}}" if value else "set()"
    if kind == "object":
        return f"{{{', '.join(f'{text(key)}: {text(member)}' for key, member in value)}}}"
    if kind == "null":
        return "null"  # its value is an empty object
    return json.dumps(value, ensure_ascii=False, default=str)


def lines(*terms: Term) -> list[list[str]]:
    """Values on one line each; where one of them is long, all of them with a line for each member, to be compared."""
    flat = [text(term) for term in terms]
    if all(len(line) <= _WIDE for line in flat):
        return [[line] for line in flat]
    return [_broken(term, "") for term in terms]


def _broken(term: Term, indent: str) -> list[str]:
    flat = text(term)
    kind, value = term.get("type"), _value(term)
    if len(flat) <= _NARROW or kind not in {"array", "set", "object"}:
        return [f"{indent}{flat}"]
    inner = f"{indent}  "
    found: list[str] = []
    for member in value:
        key, part = (f"{text(member[0])}: ", member[1]) if kind == "object" else ("", member)
        first, *rest = _broken(part, inner)
        found += [f"{inner}{key}{first.removeprefix(inner)}", *rest]
        found[-1] += ","
    opening, closing = "[]" if kind == "array" else "{}"
    return [f"{indent}{opening}", *found, f"{indent}{closing}"]


def _value(term: Term) -> Any:
    return term.get("value")


def _whole(kind: str, items: list[Term | None]) -> Term | None:
    return None if None in items else {"type": kind, "value": items}


def _follow(path: list[Term], bindings: Mapping[str, Term]) -> Term | None:
    value = bindings.get(path[0]["value"]) if path[0].get("type") == "var" else None
    for step in path[1:]:
        key = resolve(step, bindings)
        if value is None or key is None:
            return None
        value = _member(value, key)
    return value


def _member(value: Term, key: Term) -> Term | None:
    if value["type"] == "object":
        return next((member for name, member in value["value"] if name == key), None)
    if value["type"] == "array" and key["type"] == "number" and 0 <= key["value"] < len(value["value"]):
        member: Term = value["value"][key["value"]]
        return member
    return None
