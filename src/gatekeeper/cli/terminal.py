"""What the terminal can show: colour, width, glyphs."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from typing import TextIO


def style(arguments: argparse.Namespace, stream: TextIO) -> dict[str, Any]:
    """Options for rendering to a stream: ``NO_COLOR`` and ``FORCE_COLOR`` count when they are not empty."""
    if arguments.format != "text" or getattr(arguments, "output", None):
        return {}
    return {"color": _color(stream), "width": _width(stream), "ascii": not _can_show(stream, "✗✓…·")}


def _color(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _width(stream: TextIO) -> int:
    columns = shutil.get_terminal_size((100, 24)).columns if stream.isatty() or os.environ.get("COLUMNS") else 100
    return min(max(columns, 40), 120)


def _can_show(stream: TextIO, glyphs: str) -> bool:
    try:
        glyphs.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
