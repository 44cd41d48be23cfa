"""What is changed in a rule's METADATA: severity, facts, parameters with their bounds, ages, effective dates.

Titles, descriptions and remedies are prose, and left alone.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.testing.mutation._change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.testing.mutation._source import Span

_MARK: Final = "# METADATA\n"
_TURNED: Final[Mapping[str, str]] = {"up": "down", "down": "up", "true": "false", "false": "true"}
_SEVERITIES: Final[Mapping[str, str]] = {"low": "medium", "medium": "high", "high": "critical", "critical": "low"}
_FACTS: Final = ("needs", "reads", "baseline")
_BOUNDS: Final = ("default", "maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems")
_ENTRIES: Final = ("ages", "on_fail", "waivable", "effective_on")
_DIGITS: Final = re.compile(r"\d+")


def metadata_changes(text: str) -> tuple[Change, ...]:
    """Every change of the METADATA block above a rule's package, in the order of the text.

    Args:
        text: The rule, which was loaded before.
    """
    import yaml

    start = text.index(_MARK) + len(_MARK)
    end = re.compile(r"^package ", re.MULTILINE).search(text, start)
    block = text[start : end.start() if end else len(text)]
    tree = yaml.compose("\n".join(line[1:] for line in block.split("\n")), Loader=yaml.SafeLoader)
    found = set(_Block(text, start).custom(dict(_members(tree))["custom"]))
    return tuple(sorted(found))


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    yield from ((key.value, value) for key, value in node.value)


class _Block:
    """The block's place in the text: a mark in YAML counts without the ``#`` of each line."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._start = text, start

    def custom(self, node: Any) -> Iterator[Change]:
        for key, value in node.value:
            match key.value:
                case "severity":
                    yield self._scalar(value, _SEVERITIES[value.value], "severity")
                case name if name in _FACTS:
                    yield from (change for _, facts in _members(value) for change in self._elements(facts))
                case "parameters":
                    yield from (change for _, schema in _members(value) for change in self._parameter(schema))
                case name if name in _ENTRIES:
                    yield self._lines(key, value)
                    yield from self._entry(name, value)

    def _entry(self, name: str, value: Any) -> Iterator[Change]:
        if name == "waivable":
            yield self._scalar(value, _TURNED[value.value], "boolean")
        elif name == "effective_on":
            yield self._scalar(value, str(date.fromisoformat(value.value) + timedelta(days=1)), "date")

    def _parameter(self, schema: Any) -> Iterator[Change]:
        members = dict(_members(schema))
        listed = [item.value for item in members["enum"].value] if "enum" in members else []
        for name, value in members.items():
            if name == "tighten" and value.value in _TURNED:
                yield self._scalar(value, _TURNED[value.value], "tighten")
            elif name == "enum":
                yield from self._elements(value)
            elif name in _BOUNDS and isinstance(value.value, str):
                yield from (self._scalar(value, text, name) for text in _beside(value, listed))

    def _scalar(self, node: Any, text: str, operator: str) -> Change:
        start, end = self._span(node)
        return Change(start=start, end=end, operator=operator, text=text)

    def _elements(self, node: Any) -> Iterator[Change]:
        if not isinstance(node.value, list) or len(node.value) < 2:  # noqa: PLR2004 - one is left
            return
        if not node.flow_style:
            yield from (self._lines(item, item) for item in node.value)
            return
        spans = [self._span(item) for item in node.value]
        for here, after in pairwise(spans):
            yield Change(start=here[0], end=after[0], operator="removed", text="")
        yield Change(start=spans[-2][1], end=spans[-1][1], operator="removed", text="")

    def _lines(self, first: Any, last: Any) -> Change:
        """All lines of an entry taken out."""
        start = self._text.rindex("\n", 0, self._span(first)[0]) + 1
        end = self._text.index("\n", self._span(last)[1] - 1) + 1
        return Change(start=start, end=end, operator="removed", text="")

    def _span(self, node: Any) -> Span:
        start, end = node.start_mark, node.end_mark
        return self._start + start.index + start.line + 1, self._start + end.index + end.line + 1


def _beside(value: Any, listed: list[str]) -> Iterator[str]:
    """What stands next to a value: the numbers around it, the other truth, the next word of its list."""
    text = value.value
    if text in listed:
        yield listed[(listed.index(text) + 1) % len(listed)]
    elif value.tag.endswith(":int"):
        yield from (str(int(text) + step) for step in (-1, 1))
    elif text in _TURNED:
        yield _TURNED[text]
    elif _DIGITS.fullmatch(text[:-1]):
        yield f"{int(text[:-1]) + 1}{text[-1]}"
