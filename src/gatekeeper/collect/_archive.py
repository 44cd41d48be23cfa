"""Members of archives, read in memory: nothing is extracted, and every limit counts what was really read.

A member that is there twice, has an absolute name or leads out of the archive is refused whole: two tools would
unpack two different things.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Final

from gatekeeper._limits import MAX_FILES, MAX_UNPACKED_BYTES
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zipfile import ZipFile

    from _typeshed import WriteableBuffer

MAX_MEMBER_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one metadata file; with a long README in it the largest real ones are a few hundred thousand."""

_CENTRAL_ENTRY: Final = b"PK\x01\x02"
_BLOCK: Final = 512
_CHUNK: Final = 1024 * 1024


def zip_members(data: bytes, wanted: Callable[[str], bool], *, where: str) -> dict[str, bytes]:
    """The content of the wanted members of a zip archive, by name.

    Raises:
        MalformedError: It cannot be read, or a member's name is unsafe or there twice.
        LimitError: More members or more bytes than are read.
    """
    from zipfile import BadZipFile, ZipFile

    if data.count(_CENTRAL_ENTRY) > MAX_FILES:  # before zipfile makes an object of each
        raise LimitError(f"more than {MAX_FILES} members", where=where, code="archive.members")
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            check_names(names, where=where)
            return {name: _zip_member(archive, name, where) for name in names if wanted(name)}
    except MalformedError:
        raise
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, IndexError) as cause:
        raise MalformedError(f"not a readable zip archive: {cause}", where=where, code="archive.zip") from cause


def _zip_member(archive: ZipFile, name: str, where: str) -> bytes:
    from zipfile import ZIP_DEFLATED, ZIP_STORED

    if archive.getinfo(name).compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise MalformedError("packed in another way than deflate", where=f"{where}: {name}", code="archive.zip")
    with archive.open(name) as member:
        content = member.read(MAX_MEMBER_BYTES + 1)
    return _checked(content, name, where)


def tar_members(data: bytes, wanted: Callable[[str], bool], *, where: str) -> dict[str, bytes]:
    """The content of the wanted regular files of a gzip-compressed tar archive, by name.

    Raises:
        MalformedError: It cannot be read, a member's name is unsafe or there twice, or it is a device.
        LimitError: More members or more bytes than are read.
    """
    import tarfile

    names: list[str] = []
    found: dict[str, bytes] = {}
    stream = _Gunzip(data, where)
    try:
        with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="strict") as archive:
            for member in archive:
                names.append(member.name)
                if len(names) > MAX_FILES:
                    raise LimitError(f"more than {MAX_FILES} members", where=where, code="archive.members")
                file = archive.extractfile(member) if member.isfile() and wanted(member.name) else None
                if file is not None:
                    found[member.name] = _checked(file.read(MAX_MEMBER_BYTES + 1), member.name, where)
        while stream.read(_CHUNK):  # to the end, where the checksum is
            pass
    except MalformedError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, IndexError) as cause:
        raise MalformedError(f"not a readable tar archive: {cause}", where=where, code="archive.tar") from cause
    check_names(names, where=where)
    return found


def gunzipped_head(data: bytes) -> bytes:
    """The first bytes of what a gzip stream holds; empty when it is none."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data[:_CHUNK], _BLOCK)
    except zlib.error:
        return b""


def check_names(names: Iterable[str], *, where: str) -> None:
    """Refuse names of members that two tools would unpack to two places.

    Raises:
        MalformedError: A name is absolute, leads upwards, holds a backslash or NUL, or is there twice.
    """
    seen: set[str] = set()
    for name in names:
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or ":" in parts[0]:
            raise MalformedError(f"the unsafe member {name!r}", where=where, code="archive.unsafe")
        plain = "/".join(part for part in parts if part not in {"", "."})
        if plain in seen:
            raise MalformedError(f"the member {name!r} is there twice", where=where, code="archive.duplicate")
        seen.add(plain)


def _checked(content: bytes, name: str, where: str) -> bytes:
    if len(content) > MAX_MEMBER_BYTES:
        raise LimitError(f"larger than {MAX_MEMBER_BYTES} bytes", where=f"{where}: {name}", code="archive.size")
    return content


class _Gunzip(io.RawIOBase):
    """A file that unpacks one gzip stream (RFC 1952) as it is read, up to a limit."""

    def __init__(self, data: bytes, where: str) -> None:
        super().__init__()
        self._stream = zlib.decompressobj(wbits=31)
        self._rest = memoryview(data)
        self._where = where
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer)
        part = b""
        while not part and not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._next()
            part = self._stream.decompress(packed, len(target))
            if not part and not packed:
                raise EOFError("the gzip stream is cut off")
        if self._stream.eof and (self._stream.unused_data or self._rest):
            raise MalformedError("something follows the gzip stream", where=self._where, code="archive.tar")
        self._total += len(part)
        if self._total > MAX_UNPACKED_BYTES:
            raise LimitError(f"more than {MAX_UNPACKED_BYTES} bytes unpacked", where=self._where, code="archive.size")
        target[: len(part)] = part
        return len(part)

    def _next(self) -> bytes:
        packed, self._rest = bytes(self._rest[:_CHUNK]), self._rest[_CHUNK:]
        return packed
