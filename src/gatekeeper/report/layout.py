"""Lines of styled text that fit a terminal: wrapping, hanging indents, widths of East Asian characters, colour."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gatekeeper.report.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MIN_WIDTH: Final = 40
MAX_WIDTH: Final = 120
DEFAULT_WIDTH: Final = 80

_SGR: Final = {
    "bad": "1;31",
    "good": "1;32",
    "caution": "33",
    "strong": "1",
    "quiet": "2",
    "heading": "1;4",
}
"""Styles as ANSI codes (ECMA-48, SGR) from the sixteen colours a theme defines, so that they read on any ground."""

_ASCII: Final = {"→": "->", "·": "-", "✗": "x", "✓": "+", "…": "...", "─": "-", "•": "*"}
_WORDS: Final = re.compile(r"\S+|\s+")
_BREAK_AFTER: Final = "/-_.,;=&?@"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style: ours when ``own``, else somebody else's, which was made inert."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How lines come out: at which width, with colour or without, in ASCII or not."""

    width: int = DEFAULT_WIDTH
    color: bool = False
    ascii_only: bool = False

    @classmethod
    def of(cls, *, width: int | None = None, color: bool = False, ascii_only: bool = False) -> Page:
        """A page of a width that can be printed on: 40 to 120 columns, 80 when none is given."""
        columns = min(max(width or DEFAULT_WIDTH, MIN_WIDTH), MAX_WIDTH)
        return cls(width=columns, color=color, ascii_only=ascii_only)

    def own(self, text: str, style: str = "") -> Span:
        """A span of the library's own words."""
        if self.ascii_only:
            text = "".join(_ASCII.get(character, character) for character in text)
        return Span(text, style)

    def quote(self, text: str, style: str = "") -> Span:
        """A span of somebody else's words, made inert."""
        return Span(inert(text, ascii_only=self.ascii_only), style)

    def wrap(self, spans: Iterable[Span], *, lead: Span = Span("")) -> Iterator[str]:
        """Wrap spans into lines no wider than the page; later lines are as far in as ``lead`` is wide.

        A lead that takes more than half the page is wrapped with the rest.
        """
        if width_of(lead.text) > self.width // 2:
            spans, lead = [lead, *spans], Span("")
        indent = width_of(lead.text)
        for number, line in enumerate(_fill(list(_atoms(spans)), self.width - indent)):
            start = " " * indent if number else self.paint(lead)
            yield f"{start}{''.join(map(self.paint, line))}".rstrip()

    def paint(self, span: Span) -> str:
        """The span with its colour, where colour is wanted."""
        code = _SGR.get(span.style)
        return f"\x1b[{code}m{span.text}\x1b[0m" if self.color and code and span.text.strip() else span.text


def width_of(text: str) -> int:
    """Columns a terminal takes (UAX 11: wide and full-width characters take two, combining marks none)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _atoms(spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        for word in _WORDS.findall(span.text):
            yield Span(word, span.style)


def _fill(atoms: list[Span], width: int) -> Iterator[Line]:
    line: list[Span] = []
    room = width
    for word in _words(atoms, width):
        wide = sum(width_of(span.text) for span in word)
        if wide > room or (_is_blank(word) and wide == room):
            yield tuple(line)
            line, room = [], width
        if line or not _is_blank(word):  # the blank at which a line is broken goes with the break
            line.extend(word)
            room -= wide
    if line:
        yield tuple(line)


def _words(atoms: list[Span], width: int) -> Iterator[Line]:
    """Words and the blanks between them, those that are wider than a line in pieces."""
    for whole in _glued(atoms):
        rest = whole
        while sum(width_of(span.text) for span in rest) > width:
            head, rest = _split(rest, width)
            yield head
        yield rest


def _glued(atoms: list[Span]) -> Iterator[Line]:
    """Words as the reader sees them: spans with no blank between them stay together, and so does ``word ::``."""
    word: list[Span] = []
    for atom, following in pairwise([*atoms, Span("")]):
        if atom.text.isspace() and not (word and following.text.startswith("::")):
            if word:
                yield tuple(word)
            word = []
            yield (atom,)
        else:
            word.append(atom)
    if word:
        yield tuple(word)


def _is_blank(word: Line) -> bool:
    return all(span.text.isspace() for span in word)


def _split(word: Line, room: int) -> tuple[Line, Line]:
    """Cut a word that is wider than a line, after a separator where one is near, never so that ``::`` comes first."""
    text = "".join(span.text for span in word)
    styles = [span.style for span in word for _ in span.text]
    at = _columns_to_index(text, room)
    nice = max((text.rfind(mark, 0, at) + 1 for mark in _BREAK_AFTER), default=0)
    if nice > at // 2:
        at = nice
    while at > 1 and text[at : at + 1] and (text[at:].lstrip().startswith("::") or not _columns(text[at])):
        at -= 1
    return tuple(_joined(text[:at], styles[:at])), tuple(_joined(text[at:], styles[at:]))


def _columns_to_index(text: str, room: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > room:
            return max(index, 1)
    return len(text)


def _joined(text: str, styles: list[str]) -> Iterator[Span]:
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or styles[index] != styles[start]:
            yield Span(text[start:index], styles[start])
            start = index
