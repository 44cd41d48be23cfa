"""What did not hold in a Rego test that failed: the expression, the values in it, and OPA's own drawing of both.

Two things are read: the trace in the JSON (``--var-values``), which has values by the compiler's names of variables,
and the drawing that ``opa test`` makes for people, with each value beneath its part of the expression. They explain a
failure that is known already; where something in them is not as expected, it is left out.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.testing import _terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.testing._terms import Term

_RULE: Final = "-" * 80
_TAB: Final = 4
_LITERAL: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|true|false|null|set\(\)|[\s\d.,:{}\[\]-])*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What did not hold. Texts may hold anything that the policy holds: escape them for where they go.

    Attributes:
        file, row: Where it stands.
        expression: The expression on one line; empty when it is not known.
        expected, actual: Of a comparison by ``==`` its two sides, as lines of Rego; empty otherwise.
        variables: The author's variables with their values, by name.
        drawing: OPA's drawing of the expression, each value beneath what it is the value of.
    """

    file: Path | None = None
    row: int = 0
    expression: str = ""
    expected: tuple[str, ...] = ()
    actual: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    drawing: tuple[str, ...] = ()


class Explanations:
    """Why tests failed.

    Args:
        traced: Results with traces.
        drawn: What OPA printed for people about the same tests.
        texts: The files by OPA's paths.
        origins: Where they came from.
    """

    def __init__(
        self, traced: Sequence[Mapping[str, Any]], drawn: str, texts: Mapping[str, str], origins: Mapping[str, Path]
    ) -> None:
        self._texts, self._origins = texts, origins
        self._traces = {f"{result.get('package')}.{result.get('name')}": result for result in traced}
        self._drawings = dict(_drawings(drawn, list(self._traces)))

    def of(self, test: str, cases: Sequence[tuple[str, ...]]) -> list[Failure]:
        """The failure of each case, in order; of the test itself where it has no cases, ``[()]``.

        Args:
            test: ``data.<package>.<name>``.
            cases: The paths of those that failed, sorted.
        """
        result = self._traces.get(test, {})
        try:
            events = [_Event(event) for event in result.get("trace") or () if event["Op"] == "Fail"]
            keys = self._keys(result)
            found = [self._failure(self._last(events, keys, path)) for path in cases]
        except (LookupError, TypeError, AttributeError, ValueError):
            found = [Failure() for _ in cases]
        drawings = _by_case(self._drawings.get(test, ""), cases)
        return [_with_drawing(failure, drawing) for failure, drawing in zip(found, drawings, strict=True)]

    def _keys(self, result: Mapping[str, Any]) -> list[str]:
        """The variables in the head of a parametrised test."""
        location = result["location"]
        line = self._texts[location["file"]].split("\n")[location["row"] - 1]
        head = re.match(r"\w+((?:\[\w+\])+)", line)
        return re.findall(r"\w+", head[1]) if head else []

    def _last(self, events: Sequence[_Event], keys: Sequence[str], path: tuple[str, ...]) -> _Event | None:
        """What failed last, in a file: everything after it is only its consequence."""
        found = [event for event in events if event.file in self._texts and event.is_in(keys[: len(path)], path)]
        return found[-1] if found else None

    def _failure(self, event: _Event | None) -> Failure:
        if event is None:
            return Failure()
        expression = _expression(self._texts[event.file], event.row, event.column)
        expected, actual = event.sides(expression)
        return Failure(
            file=self._origins[event.file],
            row=event.row,
            expression=" ".join(expression.split()),
            expected=expected,
            actual=actual,
            variables=tuple(event.variables),
        )


class _Event:
    """A step of the trace at which an expression did not hold."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        location = event.get("Location") or {}
        self.file: str = location.get("file", "")
        self.row: int = location.get("row", 0)
        self.column: int = location.get("col", 0)
        self._node = event.get("Node") or {}
        self._bindings: dict[str, Term] = {local["name"]: local for local in event.get("Locals") or ()}
        names = event.get("LocalMetadata") or {}
        self._named = {
            names[raw]["name"]: value
            for raw, value in self._bindings.items()
            if raw in names and not names[raw]["name"].startswith("__")
        }

    @property
    def variables(self) -> Iterator[tuple[str, str]]:
        for name in sorted(self._named):
            yield name, _terms.text(self._named[name])

    def is_in(self, keys: Sequence[str], path: tuple[str, ...]) -> bool:
        """Whether this is about one case: its head's variables have the case's keys."""
        if len(keys) < len(path):
            return False
        held = [self._named.get(key) for key in keys]
        return all(value is not None and _key(value) == key for value, key in zip(held, path, strict=True))

    def sides(self, expression: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The expected and the actual side of a comparison by ``==``; the side without variables is the expected."""
        parts = _split_equal(expression)
        terms = self._node.get("terms")
        if parts is None or not isinstance(terms, list) or len(terms) != 3 or not _is_equal(terms[0]):  # noqa: PLR2004
            return (), ()
        left, right = (_terms.resolve(term, self._bindings) for term in terms[1:])
        if left is None or right is None:
            return (), ()
        if _LITERAL.fullmatch(parts[0]) and not _LITERAL.fullmatch(parts[1]):
            left, right = right, left
        expected, actual = _terms.lines(right, left)
        return tuple(expected), tuple(actual)


def _key(value: Term) -> str:
    return value["value"] if value["type"] == "string" else _terms.text(value)


def _is_equal(operator: Any) -> bool:
    return operator["type"] == "ref" and operator["value"][-1]["value"] in {"eq", "equal"}


def _expression(text: str, row: int, column: int) -> str:
    """The expression that starts at a place, to where it ends: a line's end or ``;`` outside brackets."""
    start = sum(len(line) + 1 for line in text.split("\n")[: row - 1])
    # OPA counts columns in bytes
    line = text[start:].partition("\n")[0].encode()
    rest = text[start + len(line[: column - 1].decode(errors="replace")) :]
    return "".join(part for depth, part in _parts(rest) if depth >= 0)


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Strings and single characters up to the end of an expression, each with its depth in brackets."""
    depth = 0
    for match in re.finditer(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|#[^\n]*|.', text, re.DOTALL):
        part = match[0]
        if part.startswith("#"):
            continue
        if part in {")", "]", "}"}:
            depth -= 1
        if depth < 0 or (depth == 0 and part in {"\n", ";"}):
            return
        yield depth, part
        if part in {"(", "[", "{"}:
            depth += 1


def _split_equal(expression: str) -> tuple[str, str] | None:
    parts = list(_parts(expression))
    signs = [part for _, part in parts]
    for at in range(len(parts) - 1):
        before = signs[at - 1] if at else ""
        if parts[at][0] == 0 and signs[at : at + 2] == ["=", "="] and before not in {"!", "<", ">", ":"}:
            return "".join(signs[:at]).strip(), "".join(signs[at + 2 :]).strip()
    return None


def _drawings(drawn: str, tests: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each test's part of what OPA prints below ``FAILURES``."""
    section = drawn.partition(f"{_RULE}\nFAILURES\n{_RULE}\n")[2].rpartition(f"\n{_RULE}\n")[0]
    names = "|".join(re.escape(test) for test in sorted(tests, key=len, reverse=True))
    heads = list(re.finditer(rf"^({names}): FAIL \([^)]*\)\n", section, re.MULTILINE)) if names else []
    ends = [*(head.start() for head in heads[1:]), len(section)]
    for head, end in zip(heads, ends, strict=False):  # there may be none at all
        yield head[1], section[head.end() : end]


def _by_case(block: str, cases: Sequence[tuple[str, ...]]) -> list[str]:
    """The part of each case, by the headings that OPA puts over them; the whole for a test without cases."""
    if list(cases) == [()]:
        return [block]
    spans: list[tuple[int, int]] = []
    at = 0
    for path, before in zip(cases, [(), *cases[:-1]], strict=True):
        span = _heading(block, at, path, shared=_shared(path, before))
        if span is None:
            return ["" for _ in cases]
        spans.append(span)
        at = span[1]
    ends = [*(begin for begin, _ in spans[1:]), len(block)]
    return [block[start:end] for (_, start), end in zip(spans, ends, strict=True)]


def _shared(one: tuple[str, ...], two: tuple[str, ...]) -> int:
    return next((at for at, (key, other) in enumerate(zip(one, two, strict=False)) if key != other), 0)


def _heading(block: str, at: int, path: tuple[str, ...], *, shared: int) -> tuple[int, int] | None:
    """Where the headings of a case begin and end: one for each key that the case before does not share."""
    begin = -1
    for depth in range(shared, len(path)):
        indent = "  " * (depth + 1)
        heading = indent + path[depth].replace("\n", f"\n{indent}") + ": FAIL\n"
        found = block.find(heading, at)
        if found < 0:
            return None
        begin = found if begin < 0 else begin
        at = found + len(heading)
    return begin, at


def _with_drawing(failure: Failure, block: str) -> Failure:
    """The failure with its drawing, without the line that says where it is."""
    lines = [line.rstrip().expandtabs(_TAB) for line in block.split("\n")]
    place = next((at for at, line in enumerate(lines) if re.fullmatch(r"\s*\S+\.rego:\d+:", line)), None)
    if place is None:
        return failure
    drawing = textwrap.dedent("\n".join(lines[place + 1 :])).strip("\n").split("\n")
    return replace(failure, drawing=tuple(drawing) if any(drawing) else ())
