"""For ``init``: write all files or none, and never over one that is there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def is_free(path: Path) -> bool:
    """Whether a file can be written without losing anything, a dangling link included."""
    return not path.exists() and not path.is_symlink()


def place(texts: Mapping[str, str], *, needed: Iterable[str], finish: Callable[[Path], Iterable[str]]) -> None:
    """Write files into the current folder: made in one of their own first, then put in place one by one.

    Args:
        texts: Texts by path.
        needed: Paths at which nothing may be yet.
        finish: Looks at the folder in which they were made, and names the files it made there itself.

    Raises:
        UsageError: Something is there already.
        SourceError: They cannot be written; nothing is left behind.
    """
    for path in needed:
        if not is_free(Path(path)):
            raise UsageError("it is there already", where=path, hint="init never overwrites", code="usage.exists")
    placed: list[Path] = []
    try:
        with tempfile.TemporaryDirectory(dir=".", prefix=".gatekeeper-init-") as folder:
            _write(Path(folder), texts)
            for path in (*texts, *finish(Path(folder))):
                _link(Path(folder) / path, Path(path), placed)
    except OSError as cause:
        _take_away(placed)
        raise SourceError(f"cannot be written: {cause}", where=".", code="source.write") from cause
    except BaseException:
        _take_away(placed)
        raise


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _take_away(placed: list[Path]) -> None:
    for made in reversed(placed):
        with suppress(OSError):
            made.rmdir() if made.is_dir() else made.unlink()


def _link(source: Path, target: Path, placed: list[Path]) -> None:
    """A second name for a whole file; unlike a rename it never replaces one."""
    for parent in reversed(target.parents):
        if not parent.exists():
            parent.mkdir()
            placed.append(parent)
    os.link(source, target)
    placed.append(target)
