"""Reading and writing files once, safely: regular files only, bounded, never half-written."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper._limits import MAX_DOCUMENT_BYTES
from gatekeeper.errors import LimitError, SourceError, UsageError

if TYPE_CHECKING:
    from io import BufferedReader


def read_bytes(path: str | os.PathLike[str], *, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """Read a regular file whole, from one open descriptor, so that what is digested is what is parsed.

    Raises:
        UsageError: It is not there, or it is a folder.
        SourceError: It cannot be read, or it is a device, pipe or socket.
        LimitError: It is larger than ``limit`` bytes.
    """
    with _open_regular(path) as file:
        try:
            data = file.read(limit + 1)
        except OSError as cause:
            raise SourceError(f"cannot be read: {cause.strerror}", where=str(path), code="source.read") from cause
    if len(data) > limit:
        raise LimitError(f"larger than {limit} bytes", where=str(path), code="source.size")
    return data


def is_there(path: str | os.PathLike[str]) -> bool:
    """Whether something has this path; text that can be no path has nothing (``Path.exists`` raises for some)."""
    return os.path.exists(path)  # noqa: PTH110 - see above


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a folder has this path; text that can be no path is none (``Path.is_dir`` raises for some)."""
    return os.path.isdir(path)  # noqa: PTH112 - see above


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether a regular file has this path; text that can be no path is none (``Path.is_file`` raises for some)."""
    return os.path.isfile(path)  # noqa: PTH113 - see above


def sha256_file(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a regular file of any size, in hexadecimal.

    Raises:
        UsageError: It is not there, or it is a folder.
        SourceError: It cannot be read, is no regular file, or changed while it was read.
    """
    with _open_regular(path) as file:
        before = os.fstat(file.fileno())
        try:
            result = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as cause:
            raise SourceError(f"cannot be read: {cause.strerror}", where=str(path), code="source.read") from cause
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceError("changed while it was read", where=str(path), code="source.changed")
    return result


def write_atomic(path: str | os.PathLike[str], data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, and stays there when the power goes.

    Raises:
        SourceError: It cannot be written; nothing is left behind.
    """
    target = Path(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(temporary).replace(target)
        _sync_folder(target.parent)
    except OSError as cause:
        with suppress(OSError):
            Path(temporary).unlink(missing_ok=True)
        raise SourceError(f"cannot be written: {cause.strerror}", where=str(path), code="source.write") from cause


def _open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    try:
        # O_NONBLOCK: opening a pipe nobody writes to would wait for ever
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as cause:
        raise UsageError("there is no such file", where=str(path), code="usage.missing_file") from cause
    except (OSError, ValueError) as cause:
        raise SourceError(f"cannot be opened: {cause}", where=str(path), code="source.open") from cause
    kind = os.fstat(handle).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(kind):
        raise UsageError("a folder, where a file is needed", where=str(path), code="usage.folder")
    raise SourceError("not a regular file", where=str(path), code="source.not_regular")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
