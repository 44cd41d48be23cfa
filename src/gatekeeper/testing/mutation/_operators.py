"""What is changed in a rule: one place at a time, found on OPA's syntax tree, written into the text.

Each change is a fault that somebody makes: a bound off by one, a comparison turned, a condition forgotten, a field
confused with its neighbour. What does not compile is dropped later, by OPA and by our own lint.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.testing.mutation._change import ARITHMETIC, BUILTINS, COMPARISONS, Change
from gatekeeper.testing.mutation._tree import (
    BINDING,
    alias_of,
    declares,
    fields_of,
    is_condition,
    name_of,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.testing.mutation._change import Words
    from gatekeeper.testing.mutation._source import Node, Source, Span

_NO_CONDITION: Final = frozenset({"assign", "eq", "equal", "neq", "lt", "lte", "gt", "gte"})
_NOT: Final = re.compile(r"not\s+")


def changes(tree: Node, source: Source, words: Words) -> tuple[Change, ...]:
    """Every change, each once, in the order of the text.

    Args:
        tree: As OPA parsed the text.
        source: The text.
        words: What the rule's input is made of.
    """
    imported = frozenset(alias_of(item) for item in tree.get("imports", ()))
    found: set[Change] = set()
    for rule in tree.get("rules", ()):
        found.update(_Walker(source, words, fields_of(rule, imported)).rule(rule))
    return tuple(sorted(change for change in found if change.text != source.text[change.start : change.end]))


class _Walker:
    """Goes through a tree and yields what can be changed at each node."""

    def __init__(self, source: Source, words: Words, fields: Mapping[tuple[str, ...], Sequence[str]]) -> None:
        self._source, self._words, self._fields = source, words, fields

    def rule(self, rule: Node) -> Iterator[Change]:
        span = self._source.span(rule)
        if span and not rule.get("default"):
            yield _change(span, "", "removed")
        yield from self._definition(rule)

    def _definition(self, rule: Node) -> Iterator[Change]:
        head = rule["head"]
        yield from self._terms(head.get("args", ()))
        yield from (change for part in ("key", "value") for change in self._term(head.get(part)))
        yield from self._body(rule.get("body", ()), whole=is_condition(head))
        if "else" in rule:
            yield from self._definition(rule["else"])

    def _body(self, body: Sequence[Node], *, whole: bool = False) -> Iterator[Change]:
        """The expressions of a body; ``whole`` where what they bind is not read outside of it."""
        written = [expression for expression in body if not expression.get("generated")]
        yield from self._removals(written)
        for index, expression in enumerate(written):
            yield from self._expression(expression)
            if whole and index + 1 < len(written):
                yield from self._some_to_every(expression, written[index + 1 :])

    def _removals(self, body: Sequence[Node]) -> Iterator[Change]:
        spans = [self._source.span(expression) for expression in body]
        for index, expression in enumerate(body):
            span = spans[index]
            if span is None or declares(expression):
                continue
            after = spans[index + 1] if index + 1 < len(body) else None
            before = spans[index - 1] if index else None
            if after:
                yield _change((span[0], after[0]), "", "removed")
            elif before:
                yield _change((before[1], span[1]), "", "removed")
            elif len(body) == 1:
                yield _change(span, "true", "condition")

    def _expression(self, expression: Node) -> Iterator[Change]:
        terms, span = expression.get("terms"), self._source.span(expression)
        if isinstance(terms, list):
            yield from self._negated(expression, span, terms[0])
            yield from self._call(terms)
        elif not isinstance(terms, dict):
            return
        elif terms.get("type") == "not":
            yield from self._not(terms, span)
        elif "domain" in terms:
            yield from self._every(terms, span)
        elif "symbols" in terms:
            yield from (change for symbol in terms["symbols"] for change in self._some(symbol))
        else:
            yield from self._negated(expression, span, terms)
            yield from self._term(terms)

    def _negated(self, expression: Node, span: Span | None, operator: Node) -> Iterator[Change]:
        if span and expression.get("negated"):
            yield from self._without_not(span)
        elif span and name_of(operator) not in _NO_CONDITION and not expression.get("with"):
            yield _change((span[0], span[0]), "not ", "negation")

    def _not(self, terms: Node, span: Span | None) -> Iterator[Change]:
        if span and not terms.get("explicit_body"):
            yield from self._without_not(span)
        for inner in terms["body"]:
            inside = inner.get("terms")
            yield from self._call(inside) if isinstance(inside, list) else self._term(inside)

    def _without_not(self, span: Span) -> Iterator[Change]:
        word = _NOT.match(self._source.text, span[0])
        if word:
            yield _change(word.span(), "", "negation")

    def _every(self, terms: Node, span: Span | None) -> Iterator[Change]:
        domain = self._source.span(terms["domain"])
        if span and domain:
            text, body = self._source.text, self._source.text.index("{", domain[1])
            inner = text[body + 1 : text.rindex("}", body, span[1])].strip()
            head = f"some{text[span[0] + len('every') : body].rstrip()}"
            separator = "; " if "\n" not in text[span[0] : span[1]] else "\n\t"
            yield _change(span, f"{head}{separator}{inner}", "every")
        yield from self._term(terms["domain"])
        yield from self._body(terms["body"])

    def _some_to_every(self, expression: Node, rest: Sequence[Node]) -> Iterator[Change]:
        terms = expression.get("terms")
        spans = [self._source.span(part) for part in (expression, *rest)]
        first, last = spans[0], spans[-1]
        if first and last and isinstance(terms, dict) and "symbols" in terms and terms["symbols"][0].get("value"):
            text = self._source.text
            inner = text[first[1] : last[1]].strip(" \t\n;")
            yield _change((first[0], last[1]), f"every{text[first[0] + len('some') : first[1]]} {{ {inner} }}", "some")

    def _some(self, symbol: Node) -> Iterator[Change]:
        value = symbol.get("value")
        if isinstance(value, list):
            yield from self._term(value[-1])

    def _call(self, terms: Sequence[Node]) -> Iterator[Change]:
        operator, *arguments = terms
        yield from self._operator(operator)
        counted = arguments[0].get("value") if name_of(operator) == "count" and arguments else None
        if isinstance(counted, dict) and "body" in counted:  # what is counted there is never looked at
            yield from self._body(counted["body"])
        else:
            yield from self._terms(arguments[1:] if name_of(operator) in BINDING else arguments)

    def _operator(self, operator: Node) -> Iterator[Change]:
        span = self._source.span(operator)
        if span is None:
            return
        written = self._source.text[slice(*span)]
        yield from (_change(span, other, "comparison") for other in COMPARISONS.get(written, ()))
        if written in ARITHMETIC:
            yield _change(span, ARITHMETIC[written], "arithmetic")
        if written in BUILTINS:
            yield _change(span, BUILTINS[written], "builtin")

    def _terms(self, terms: Sequence[Any]) -> Iterator[Change]:
        for term in terms:
            yield from self._term(term)

    def _term(self, term: Any) -> Iterator[Change]:
        if not isinstance(term, dict):
            return
        value: Any = term.get("value")
        match term.get("type"):
            case "number" | "boolean" | "string":
                yield from self._scalar(value, self._source.span(term))
            case "ref":
                yield from self._ref(value)
            case "call":
                yield from self._call(value)
            case "array" | "set":
                yield from self._elements(value)
            case "object":
                yield from self._members(value)
            case "templatestring":
                yield from self._template(term)
            case "arraycomprehension" | "setcomprehension" | "objectcomprehension":
                yield from self._terms([value.get(part) for part in ("term", "key", "value")])
                yield from self._body(value["body"])

    def _scalar(self, value: Any, span: Span | None) -> Iterator[Change]:
        if span is None:
            return
        if isinstance(value, bool):
            yield _change(span, "false" if value else "true", "boolean")
        elif not isinstance(value, str):
            yield from (_change(span, text, "number") for text in _numbers(value))
        elif value in self._words.neighbours:
            yield _change(span, f'"{self._words.neighbours[value]}"', "word")
        elif value:
            yield _change(span, '""', "text")

    def _ref(self, steps: Sequence[Node]) -> Iterator[Change]:
        yield from self._terms([step for step in steps[1:] if step.get("type") != "string"])
        path = path_of(steps)
        last = self._source.span(steps[-1])
        if path is None or last is None or self._source.text[slice(*last)] != path[-1]:
            return
        known = self._fields.get(path[:-1], ())
        if path[:-1] == ("input", "parameters"):
            kind = self._words.parameters.get(path[-1])
            known = sorted(name for name, other in self._words.parameters.items() if other == kind)
        if path[-1] in known and len(known) > 1:
            yield _change(last, known[(known.index(path[-1]) + 1) % len(known)], "field")

    def _elements(self, elements: Sequence[Node]) -> Iterator[Change]:
        spans = [self._source.span(element) for element in elements]
        if len(elements) > 1:
            yield from self._cut(spans)
        yield from self._terms([item for item in elements if len(elements) == 1 or item.get("type") != "string"])

    def _cut(self, spans: Sequence[Span | None]) -> Iterator[Change]:
        """Each of some elements taken out, with the comma to its neighbour. OPA sorts them; the text does not."""
        known = sorted(span for span in spans if span)
        if len(known) < len(spans):  # what stands between two of them is not known
            return
        for here, after in pairwise(known):
            yield _change((here[0], after[0]), "", "removed")
        yield _change((known[-2][1], known[-1][1]), "", "removed")

    def _members(self, members: Sequence[Sequence[Node]]) -> Iterator[Change]:
        keys = [self._source.span(key) for key, _ in members]
        values = [self._source.span(value) for _, value in members]
        spans = [(key[0], value[1]) if key and value else None for key, value in zip(keys, values, strict=True)]
        if len(members) > 1:
            yield from self._cut(spans)
        yield from self._terms([value for _, value in members])

    def _template(self, term: Node) -> Iterator[Change]:
        span = self._source.span(term)
        if span and any(part.get("type") == "string" and part["value"].strip() for part in term["value"]["parts"]):
            yield _change(span, '""', "text")
        for part in term["value"]["parts"]:
            terms = part.get("terms")
            yield from self._call(terms) if isinstance(terms, list) else self._term(terms)


def _change(span: Span, text: str, operator: str) -> Change:
    return Change(start=span[0], end=span[1], operator=operator, text=text)


def _numbers(value: float) -> tuple[str, ...]:
    up = str(value + 1)
    return (up,) if value == 0 else (up, str(value - 1))
