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
        UsageError: A path is not there, or holds no test file.
        SourceError: A folder could not be read.
    """
    roots: dict[Path, set[Path]] = {}
    for path in paths:
        for file in _tests_below(path.absolute()):
            roots.setdefault(root_of(file), set()).add(file)
    return {root: tuple(sorted(roots[root])) for root in sorted(roots)}


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
    return tuple(sorted(_walk(root, root)))


def _tests_below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = [file for file in _walk(path, path, inner_packs=True) if is_test_file(file)]
    else:
        found = [path] if path.is_file() and is_test_file(path) else []
    if not path.exists():
        raise UsageError("there is no such file or folder", where=str(path), code="usage.missing_file")
    if not found:
        hint = f"tests are rules called test_..., in files called *{_TEST}"
        raise UsageError("no test file is there", where=str(path), hint=hint, code="usage.no_tests")
    yield from found


def _walk(folder: Path, root: Path, *, inner_packs: bool = False) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        if not inner_packs and Path(place) != root and PACK_FILE in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in files if _is_rego(Path(place, name)))


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
