"""Questions to nodes of OPA's syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.testing.mutation._source import Node

BINDING: Final = ("assign", "eq")
"""What OPA calls ``:=`` and ``=``."""


def is_condition(head: Node) -> bool:
    """``allowed(ref) if ...``: what its body binds is read nowhere else."""
    return head.get("key") is None and head.get("value", {}).get("value") is True


def declares(expression: Node) -> bool:
    """``some x in xs`` and ``x := 1``: without them what follows does not compile."""
    terms = expression.get("terms")
    if isinstance(terms, list):
        return name_of(terms[0]) in BINDING
    return isinstance(terms, dict) and "symbols" in terms


def name_of(operator: Node) -> str:
    value = operator.get("value") if operator.get("type") == "ref" else None
    return ".".join(str(step.get("value")) for step in value) if isinstance(value, list) else ""


def path_of(steps: Sequence[Node]) -> tuple[str, ...] | None:
    """``report.counts.high`` as words; None where a step is computed, or it is no fact or parameter."""
    words = tuple(step["value"] for step in steps if step.get("type") in {"var", "string"})
    first = steps[0].get("value")
    if len(words) != len(steps) or len(words) < 2 or first == "data":  # noqa: PLR2004 - a name and a member
        return None
    if first == "input" and (len(words) < 3 or words[1] not in {"parameters", "subject"}):  # noqa: PLR2004
        return None
    return words


def fields_of(rule: Node, imported: frozenset[str]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """By what stands before the last dot all members that the rule reads there; a ``source`` is like no other."""
    found: dict[tuple[str, ...], set[str]] = {}
    for steps in _refs(rule):
        path = path_of(steps)
        if path and path[0] not in imported and path[-1] != "source":
            found.setdefault(path[:-1], set()).add(path[-1])
    return {prefix: tuple(sorted(names)) for prefix, names in found.items()}


def alias_of(item: Node) -> str:
    return str(item.get("alias") or item["path"]["value"][-1]["value"])


def _refs(node: Any) -> Iterator[Sequence[Node]]:
    if isinstance(node, list):
        for part in node:
            yield from _refs(part)
    elif isinstance(node, dict):
        if node.get("type") == "ref" and isinstance(node.get("value"), list):
            yield node["value"]
        for name, part in node.items():
            if name != "ref":
                yield from _refs(part)
