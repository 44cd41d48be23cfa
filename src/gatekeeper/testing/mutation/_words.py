"""What a rule's input is made of, as far as changes need it: words that stand beside others, parameters of one type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.facts import kinds
from gatekeeper.testing.mutation._change import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.policy import Rule


def words_of(rule: Rule) -> Words:
    """The words of the enumerations in the facts and parameters of a rule, each with the next one in its list."""
    known = kinds()
    schemas: list[Any] = [known[kind].schema for kind in rule.facts if kind in known]
    schemas += [parameter.schema for parameter in rule.parameters.values()]
    neighbours: dict[str, str] = {}
    for listed in (found for schema in schemas for found in _enumerations(schema)):
        for word, after in zip(listed, [*listed[1:], listed[0]], strict=True):
            neighbours.setdefault(word, after)
    types = {name: str(parameter.schema.get("type", "")) for name, parameter in rule.parameters.items()}
    return Words(neighbours=neighbours, parameters=types)


def _enumerations(schema: Any) -> Iterator[Sequence[str]]:
    if isinstance(schema, dict):
        listed = schema.get("enum")
        if isinstance(listed, list) and len(listed) > 1 and all(isinstance(word, str) for word in listed):
            yield listed
        for part in schema.values():
            yield from _enumerations(part)
    elif isinstance(schema, (list, tuple)):
        for part in schema:
            yield from _enumerations(part)
