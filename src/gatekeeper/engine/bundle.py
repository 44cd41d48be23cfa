"""OPA's bundle format: modules in one compressed archive, so that starting OPA writes one file and not a hundred.

Written by hand because ``tarfile`` takes longer to import than OPA takes to start.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PATH: Final = 100
"""Bytes of a path in the header of an archive (POSIX.1-1988 ustar)."""

_BLOCK: Final = 512
_GZIP: Final = 31
_FAST: Final = 1
_CHECKSUM: Final = slice(148, 156)


def pack(files: Mapping[str, str]) -> bytes:
    """An archive of these files by path; the same files give the same bytes.

    Raises:
        PolicyError: A path is too long.
    """
    blocks: list[bytes] = []
    for path, text in sorted(files.items()):
        data = text.encode()
        blocks += [_header(path, len(data)), data, bytes(-len(data) % _BLOCK)]
    packer = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
    return packer.compress(b"".join([*blocks, bytes(2 * _BLOCK)])) + packer.flush()


def _header(path: str, size: int) -> bytes:
    name = path.encode()
    if len(name) > MAX_PATH:
        raise PolicyError(f"the path is longer than {MAX_PATH} bytes", where=path, hint="shorter names")
    # name, mode, uid, gid, size, mtime, checksum (blanks while it is computed), type, link name, magic and version
    fields = (name.ljust(100, b"\0"), b"0000600\0", b"0000000\0", b"0000000\0", b"%011o\0" % size, b"00000000000\0")
    header = bytearray(b"".join((*fields, b" " * 8, b"0", bytes(100), b"ustar\x0000")).ljust(_BLOCK, b"\0"))
    header[_CHECKSUM] = b"%06o\0 " % sum(header)
    return bytes(header)
