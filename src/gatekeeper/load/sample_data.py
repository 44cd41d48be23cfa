"""JSON and YAML that Rego tests read as ``data``. Rules in a gate see none: only tests do, and only what is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_ENDINGS: Final = frozenset({".json", ".yaml", ".yml"})


def read_data(path: Path) -> dict[str, bytes]:
    """What a folder or file of data holds, by the path below it; hidden files and folders are passed over.

    Raises:
        UsageError: It is not there, or there is no JSON or YAML in it.
        SourceError: A file cannot be read.
    """
    if not path.exists():
        raise UsageError("there is no such file or folder of data", where=str(path), code="usage.missing_file")
    if path.is_file():
        return {path.name: _files.read_bytes(path)}
    below = {file.relative_to(path): file for file in sorted(path.rglob("*")) if file.suffix in _ENDINGS}
    shown = {place: file for place, file in below.items() if not any(part.startswith(".") for part in place.parts)}
    if not shown:
        raise UsageError("there is no JSON or YAML in it", where=str(path), code="usage.no_data")
    return {place.as_posix(): _files.read_bytes(file) for place, file in shown.items()}
