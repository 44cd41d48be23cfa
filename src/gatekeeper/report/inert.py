r"""Make text from evidence inert, for the place it is printed at.

Everything in a decision may come from a stranger: test names, package names, messages, even the gate's name when a
record is explained that nobody has verified. :func:`inert` comes first for every form that people or CI logs read:

* What a terminal acts on or does not show (control characters, bidirectional overrides, zero-width and other
  invisible characters, unusual blanks) becomes a visible escape such as ``\u001b``.
* The text does not start with ``::``, nor stands ``##[`` or ``##name[`` anywhere: a CI runner reads its standard output
  and takes a line that starts with ``::`` after blanks, or holds ``##[`` anywhere, for a command. Inside a text,
  ``a::b`` and ``a :: b`` stay readable; what breaks lines keeps ``::`` on the line of the word before.
* Very long text is cut, and says by how much.

The functions below it then escape for one sink each.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from gatekeeper._limits import MAX_TEXT

_ESCAPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANKS_SHOWN: Final = frozenset(" \u3000")
"""A blank, and the wide blank of East Asian texts, which cannot be mistaken for one."""

_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
)
"""Characters of visible categories that nothing shows (Unicode's Default_Ignorable_Code_Point, and a blank pattern)."""

_MARKS: Final = 3
"""Combining marks kept on one character. Real scripts need two; more of them paint over the lines around."""

_COMMAND_START: Final = re.compile(r"(?<!\S)(?<!\S )::|:{3,}")
"""At the start or after more than one blank; and runs, which a line may have to be broken in."""

_COMMAND_OLD: Final = re.compile(r"##(?=\w*\[)")


def inert(text: str, *, ascii_only: bool = False, limit: int = MAX_TEXT) -> str:
    """``text`` on one line, without anything that a terminal or a CI runner acts on or does not show.

    Args:
        text: Anything.
        ascii_only: Escape whatever is not ASCII too, for a stream whose encoding lacks it.
        limit: Characters kept.
    """
    cut = len(text) - limit
    shown = text[:limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = _visible(shown, ascii_only=ascii_only)
    shown = _COMMAND_OLD.sub(r"#\\u0023", _COMMAND_START.sub(_colons, shown))
    return f"{shown} ({cut} more characters)" if cut > 0 else shown


def _colons(run: re.Match[str]) -> str:
    return r"\u003a" * len(run[0])


def _visible(text: str, *, ascii_only: bool) -> str:
    parts: list[str] = []
    marks = _MARKS  # a mark at the start would sit on what we print before it
    for character in text:
        is_mark = bool(unicodedata.combining(character)) or unicodedata.category(character) in {"Mn", "Me"}
        marks = marks + 1 if is_mark else 0
        is_shown = _is_shown(character) and marks <= _MARKS and (character.isascii() or not ascii_only)
        parts.append(character if is_shown else escape(character))
    return "".join(parts)


def _is_shown(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Zs":
        return character in _BLANKS_SHOWN
    return category not in _ESCAPED_CATEGORIES and character not in _INVISIBLE


def escape(character: str) -> str:
    r"""One character as JSON and Python write it: ``\u202e``, ``\U000e0041``."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the basic plane


# -- Markdown (CommonMark 0.31, GitHub Flavored Markdown 0.29, and what forges do to the text after it) --

_MARKDOWN_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]#!|~>])")
_MARKDOWN_START: Final = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=:]))")
_NOT_CALM: Final = re.compile(
    r"@|\$|://|\\u|#(?=\w)|[!&](?=\d)|[~%](?=[\w\"])|:(?!\d\d:\d\d)[\w+-]+:|\[\w+:\d|\bwww\.|\bGH-\d|\b(?:mailto|xmpp):",
    re.IGNORECASE,
)
"""What GitHub and GitLab turn into links, mentions, references, emoji or formulas after Markdown was parsed, where a
backslash no longer helps. Such text is shown as code, which they leave alone."""


MARKDOWN_TEXT: Final = 600
"""Characters kept of one text in Markdown, so that one message cannot push the others out of a comment."""


def markdown(text: str) -> str:
    """Text as Markdown prose that is nothing but text; as a code span where prose cannot be made inert."""
    shown = inert(text, limit=MARKDOWN_TEXT).strip()
    if _NOT_CALM.search(shown):
        return code_span(text)
    escaped = _MARKDOWN_SPECIAL.sub(r"\\\1", shown.replace("&", "&amp;").replace("<", "&lt;"))
    return _MARKDOWN_START.sub(r"\1\\", escaped)


def code_span(text: str, *, cell: bool = False) -> str:
    """Text as a Markdown code span (CommonMark, section 6.1); ``cell`` for one in a table (GFM, section 4.10)."""
    shown = inert(text, limit=MARKDOWN_TEXT) or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    needs_pad = shown.startswith(("`", " ")) or shown.endswith(("`", " "))
    pad = " " if needs_pad and shown.strip() else ""
    span = f"{fence}{pad}{shown}{pad}{fence}"
    return span.replace("|", r"\|") if cell else span


# -- workflow commands (GitHub Actions runner, ActionCommand.cs; toolkit, command.ts) --


def command_data(text: str) -> str:
    """Text after the second ``::`` of a workflow command."""
    return inert(text).replace("%", "%25")


def command_property(text: str) -> str:
    """Text of a property (``file=``, ``title=``) of a workflow command."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


# -- XML 1.0 --

_XML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def xml(text: str) -> str:
    """Text inside an element or a quoted attribute; :func:`inert` leaves nothing that XML 1.0, section 2.2, forbids."""
    return "".join(_XML.get(character, character) for character in inert(text))


# -- CSV (RFC 4180, for spreadsheets that run what they open) --

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def csv_cell(text: str) -> str:
    """One quoted cell that no spreadsheet takes for a formula."""
    shown = inert(text)
    guarded = f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
    return '"{}"'.format(guarded.replace('"', '""'))


# -- JSON --


def json_text(text: str) -> str:
    r"""Serialised JSON of the same value, in which what a terminal or a CI runner acts on is a ``\u`` escape."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(character if _is_shown(character) else _json_escape(character) for character in text)
    return _COMMAND_OLD.sub(r"#\\u0023", text)


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
