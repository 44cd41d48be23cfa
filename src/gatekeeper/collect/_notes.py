"""What is in the text of release notes: Markdown, looked at line by line."""

from __future__ import annotations

import re
from typing import Any, Final

from gatekeeper.collect import _text

_HEADING: Final = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$")
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_PRERELEASE: Final = re.compile(r"[^+]*?\d(?:-[^+]+|\.?(?:a|b|rc|dev|alpha|beta|pre|preview)\.?\d*)(?:\+.*)?", re.ASCII)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINK: Final = re.compile(r"https?://|(?<![\w&])[#!]\d{1,9}\b|\b[A-Z][A-Z0-9]{1,9}-\d{1,9}\b", re.ASCII)


def described(text: str) -> dict[str, Any]:
    """The facts of a text: its ``entries``, ``sections``, ``links`` and, where it has a paragraph, its ``summary``."""
    lines = _COMMENT.sub("", text.replace("\r\n", "\n")).split("\n")
    items = sum(_ITEM.match(line) is not None for line in lines)
    paragraphs = _paragraphs(lines)
    said = {
        "entries": items or len(paragraphs),
        "sections": [match[1] for line in lines if (match := _HEADING.match(line))],
        "links": sum(len(_LINK.findall(line)) for line in lines),
    }
    return said | ({"summary": _text.message(paragraphs[0])} if paragraphs else {})


def _paragraphs(lines: list[str]) -> list[str]:
    """Runs of lines that are neither headings nor in a list."""
    found: list[str] = []
    is_open = in_item = False
    for line in lines:
        plain = line.strip()
        in_item = bool(_ITEM.match(line)) or (in_item and bool(plain) and not _HEADING.match(line))
        if not plain or in_item or _HEADING.match(line) or not re.search(r"\w", plain):
            is_open = False
            continue
        if is_open:
            found[-1] = f"{found[-1]} {plain}"
        else:
            found.append(plain)
        is_open = True
    return found


def is_prerelease(version: str) -> bool:
    """Whether a version says so, where nothing else does (Semantic Versioning 2.0.0, section 9; PEP 440)."""
    return _PRERELEASE.fullmatch(version) is not None
