"""What pages are made of, and how that is written as Markdown and as HTML. Texts may hold anything; none is markup."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from gatekeeper.report.inert import code_span, inert, markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

Form = Literal["markdown", "html"]
SUFFIX: Final[dict[Form, str]] = {"markdown": ".md", "html": ".html"}


@dataclass(frozen=True, slots=True)
class Text:
    """Prose."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A word of a file or a program, shown as code."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads to another page, named without its ending; ``raw`` leads to a file as it is."""

    text: str
    page: str
    raw: bool = False


Inline = Text | Name | Link
Run = tuple[Inline, ...]
"""Pieces in one line."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the page's own."""

    level: int
    run: Run


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    run: Run


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has as many cells as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code in a language."""

    language: str
    text: str


Block = Heading | Paragraph | Table | Code

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;"
    "color:#1b1f24;background:#fff}"
    "table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}td,th{border:1px solid #c9d1d9;"
    "padding:.3em .6em;text-align:left;vertical-align:top}pre{background:#f3f4f6;padding:1em;overflow-x:auto}"
    "code{font:14px/1.4 ui-monospace,monospace}a{color:#0550ae}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#3d444d}"
    "pre{background:#161b22}a{color:#79b8ff}}"
)


def name(text: str) -> Run:
    """A name alone."""
    return (Name(text),)


def prose(text: str) -> Run:
    """Prose alone."""
    return (Text(text),)


def joined(parts: Sequence[Inline], between: str = ", ") -> Run:
    """Pieces with something between them; a dash where there is none."""
    if not parts:
        return (Text("-"),)
    found: list[Inline] = [parts[0]]
    for part in parts[1:]:
        found += [Text(between), part]
    return tuple(found)


def render(blocks: Sequence[Block], form: Form, *, note: str = "") -> str:
    """A page.

    Args:
        blocks: What is on it; the first is its heading.
        form: How to write it.
        note: A remark on where the page comes from, in a comment.
    """
    return _as_markdown(blocks, note) if form == "markdown" else _as_html(blocks, note)


def _as_markdown(blocks: Sequence[Block], note: str) -> str:
    first, *others = [_markdown_block(block) for block in blocks]
    comment = [f"<!-- {note} -->"] if note else []
    return "\n\n".join([first, *comment, *others]) + "\n"


def _markdown_block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_markdown_run(block.run)}"
        case Paragraph():
            return _markdown_run(block.run)
        case Code():
            return f"```{block.language}\n{block.text.rstrip()}\n```"
        case Table():
            rows = [block.head, *(tuple(map(_markdown_cell, row)) for row in block.rows)]
            head, *body = [f"| {' | '.join(row)} |" for row in rows]
            return "\n".join([head, f"|{'---|' * len(block.head)}", *body])


def _markdown_cell(run: Run) -> str:
    return _markdown_run(run).replace("|", "\\|")


def _markdown_run(run: Run) -> str:
    return "".join(map(_markdown_inline, run))


def _markdown_inline(item: Inline) -> str:
    match item:
        case Text():
            bare = item.text.strip()
            before, after = item.text.startswith(" "), item.text.endswith(" ")
            return f"{' ' * before}{markdown(bare)}{' ' * after}"
        case Name():
            return code_span(item.text)
        case Link():
            return f"[{code_span(item.text)}]({item.page}{'' if item.raw else SUFFIX['markdown']})"


def _as_html(blocks: Sequence[Block], note: str) -> str:
    heading = blocks[0]
    title = "".join(item.text for item in heading.run) if isinstance(heading, Heading) else ""
    comment = f"<!-- {note} -->\n" if note else ""
    body = "\n".join(map(_html_block, blocks))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_escaped(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{comment}{body}\n</body>\n</html>\n"
    )


def _html_block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_html_run(block.run)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_html_run(block.run)}</p>"
        case Code():
            return f"<pre><code>{html.escape(block.text.rstrip())}</code></pre>"
        case Table():
            head = "".join(f"<th>{_escaped(cell)}</th>" for cell in block.head)
            rows = "\n".join(f"<tr>{''.join(f'<td>{_html_run(cell)}</td>' for cell in row)}</tr>" for row in block.rows)
            return f"<table>\n<tr>{head}</tr>\n{rows}\n</table>"


def _html_run(run: Run) -> str:
    return "".join(map(_html_inline, run))


def _html_inline(item: Inline) -> str:
    match item:
        case Text():
            return _escaped(item.text)
        case Name():
            return f"<code>{_escaped(item.text)}</code>"
        case Link():
            page = f"{item.page}{'' if item.raw else SUFFIX['html']}"
            return f'<a href="{html.escape(page)}"><code>{_escaped(item.text)}</code></a>'


def _escaped(text: str) -> str:
    return html.escape(inert(text))
