"""What is changed in a ``gate.toml``: rules, slots, approvals and stages taken out, numbers and durations moved.

What loosens and what tightens is not told apart: a gate's tests should notice either.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gatekeeper.testing.mutation._change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.testing.mutation._source import Span

_TABLE: Final = re.compile(r"^\[+[^\n]+\n", re.MULTILINE)
_KEY: Final = re.compile(r"^(?P<key>[A-Za-z0-9_.\"'-]+)[ \t]*=[ \t]*", re.MULTILINE)
_NUMBER: Final = re.compile(r"\d+")
_DURATION: Final = re.compile(r'"(\d+)([smhdw])"')
_TURNED: Final = {"true": "false", "false": "true"}
_IDENTITY: Final = frozenset({"name", "engine", "engine_digests", "pack_dirs", "trust", "repository"})
"""What a gate is called and where it finds things: no test can run without them, or none depends on them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    start: int
    value: Span


def wiring_changes(text: str) -> tuple[Change, ...]:
    """Every change of a gate, in the order of the text.

    Args:
        text: TOML that was read before.
    """
    found: set[Change] = set()
    for entry in _entries(text):
        if entry.key in _IDENTITY:
            continue
        end = text.find("\n", entry.value[1]) + 1 or len(text)
        found.add(Change(start=entry.start, end=end, operator="removed", text=""))
        found.update(_value(text, entry.value))
    return tuple(sorted(found))


def _entries(text: str) -> Iterator[_Entry]:
    """Keys with their values. A value ends where TOML can first be read."""
    at = 0
    while found := _KEY.search(text, at):
        at = _end(text, found.end())
        yield _Entry(found["key"], found.start(), (found.end(), at))


def _end(text: str, start: int) -> int:
    """Where a value that begins at ``start`` ends: the first line end at which it is whole."""
    end = start
    while True:
        newline = text.find("\n", end)
        end = newline if newline >= 0 else len(text)
        try:
            tomllib.loads(f"x = {text[start:end]}")
        except tomllib.TOMLDecodeError:
            if end == len(text):
                return end
            end += 1
        else:
            return start + len(_without_comment(text[start:end]))


def _without_comment(value: str) -> str:
    """The value without what follows it on its last line."""
    for end in range(1, len(value) + 1):
        rest = value[end:].lstrip(" \t")
        if (not rest or rest.startswith("#")) and _is_value(value[:end]):
            return value[:end].rstrip()
    return value


def _is_value(text: str) -> bool:
    try:
        tomllib.loads(f"x = {text}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _value(text: str, span: Span) -> Iterator[Change]:
    written = text[slice(*span)]
    if written in _TURNED:
        yield Change(start=span[0], end=span[1], operator="boolean", text=_TURNED[written])
    elif _NUMBER.fullmatch(written):
        yield from (
            Change(start=span[0], end=span[1], operator="number", text=str(int(written) + step)) for step in (-1, 1)
        )
    elif duration := _DURATION.fullmatch(written):
        longer = f'"{int(duration[1]) + 1}{duration[2]}"'
        yield Change(start=span[0], end=span[1], operator="duration", text=longer)
    elif written.startswith(("[", "{")):
        yield from _parts_changed(text, span, table=written.startswith("{"))


def _parts_changed(text: str, span: Span, *, table: bool) -> Iterator[Change]:
    parts = list(_parts(text, span))
    for here, after in pairwise(parts):
        yield Change(start=here[0], end=after[0], operator="removed", text="")
    if parts:
        start = parts[-2][1] if len(parts) > 1 else parts[-1][0]
        yield Change(start=start, end=parts[-1][1], operator="removed", text="")
    for start, end in parts:
        key = _KEY.match(text[start:end]) if table else None
        yield from _value(text, (start + (key.end() if key else 0), end))


def _parts(text: str, span: Span) -> Iterator[Span]:
    """The elements of an array or the members of an inline table, without the space around them."""
    depth, start, at = 0, span[0] + 1, span[0] + 1
    while at < span[1] - 1:
        char = text[at]
        if char in "\"'":
            at = _closing_quote(text, at)
        elif char == "#":
            at = text.index("\n", at)
        depth += (char in "[{") - (char in "]}")
        if char == "," and depth == 0:
            yield from _trimmed(text, start, at)
            start = at + 1
        at += 1
    yield from _trimmed(text, start, span[1] - 1)


def _closing_quote(text: str, at: int) -> int:
    quote, end = text[at], at + 1
    while text[end] != quote:
        end += 2 if text[end] == "\\" and quote == '"' else 1
    return end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    part = re.sub(r"\A(?:\s|#[^\n]*\n)*", "", text[start:end])
    kept = part.rstrip()
    if kept:
        yield end - len(part), end - len(part) + len(kept)
