"""Which Rego files belong together: the tests of a pack run with that pack, and with nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACK_FILE: Final = "pack.toml"
"""What makes a folder a pack."""

_TEST: Final = "_test.rego"


def is_test_file(path: Path) -> bool:
    """Whether a file holds Rego tests: ``*_test.rego``, and not hidden."""
    return path.name.endswith(_TEST) and not path.name.startswith(".")


def by_root(paths: Sequence[Path]) -> dict[Path, tuple[Path, ...]]:
    """The test files at or below some paths, by the folder they run with; both sorted.

    Raises:
        UsageError: A path is not there.
        SourceError: A folder could not be read.
    """
    roots: dict[Path, set[Path]] = {}
    for path in paths:
        for file in _tests_below(path.absolute()):
            roots.setdefault(root_of(file), set()).add(file)
    return {root: tuple(sorted(roots[root])) for root in sorted(roots)}


def packs_at(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The packs at, below or around some paths, sorted.

    Raises:
        SourceError: A folder could not be read.
    """
    found: set[Path] = set()
    for path in (path.absolute() for path in paths):
        around = next((folder for folder in (path, *path.parents) if (folder / PACK_FILE).is_file()), None)
        found |= {around} if around else {file.parent for file in _walk(path, PACK_FILE)}
    return tuple(sorted(found))


def root_of(file: Path) -> Path:
    """The folder that a test file runs with.

    It is the nearest folder with a ``pack.toml``. Where there is none it is the file's own folder, or the topmost of
    those above it that hold Rego in an unbroken line: ``policy/lib/x_test.rego`` runs with ``policy/main.rego``.
    """
    for folder in file.parents:
        if (folder / PACK_FILE).is_file():
            return folder
    root = file.parent
    while root.parent != root and any(_is_rego(entry) for entry in _entries(root.parent)):
        root = root.parent
    return root


def rego_files(root: Path) -> tuple[Path, ...]:
    """Every Rego file of a root, sorted; hidden folders, links to folders and packs inside it are passed over."""
    inner = [file.parent for file in _walk(root, PACK_FILE) if file.parent != root]
    found = (file for file in _walk(root, ".rego") if not any(file.is_relative_to(pack) for pack in inner))
    return tuple(sorted(found))


def _tests_below(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise UsageError("there is no such file or folder", where=str(path), code="usage.missing_file")
    yield from (file for file in (_walk(path, _TEST) if path.is_dir() else [path]) if is_test_file(file))


def _walk(folder: Path, ending: str) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found = (Path(place, name) for name in files if name.endswith(ending) and not name.startswith("."))
        yield from (file for file in found if file.is_file())


def _is_rego(path: Path) -> bool:
    return path.suffix == ".rego" and not path.name.startswith(".") and path.is_file()


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as cause:
        _unreadable(cause)
        return []


def _unreadable(cause: OSError) -> None:
    message = f"cannot be read: {cause.strerror}"
    raise SourceError(message, where=str(cause.filename), code="source.read") from cause
