"""The binary encoding of SSH (RFC 4251, section 5), strictly: nothing missing, nothing left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gatekeeper.errors import MalformedError

_LENGTH: Final = 4


def string(value: bytes) -> bytes:
    """An SSH ``string``: four bytes of length, then the bytes."""
    return len(value).to_bytes(_LENGTH, "big") + value


def mpint(value: int) -> bytes:
    """An SSH ``mpint`` of a number that is not negative, with no byte more than it needs."""
    return string(value.to_bytes((value.bit_length() + 8) // 8, "big") if value else b"")


@dataclass(slots=True)
class Reader:
    """Reads one encoded message from its start; :meth:`end` says that all of it was read.

    Every method raises :class:`MalformedError` with ``where`` when the bytes are not what it reads.
    """

    data: bytes
    where: str = ""
    at: int = 0

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        if len(self.data) - self.at < size:
            raise self.refused("ends too early")
        self.at += size
        return self.data[self.at - size : self.at]

    def uint32(self) -> int:
        """The next four bytes as a number."""
        return int.from_bytes(self.take(_LENGTH), "big")

    def string(self) -> bytes:
        """The next ``string``."""
        return self.take(self.uint32())

    def text(self) -> str:
        """The next ``string``, which has to be printable ASCII."""
        value = self.string()
        if not value.isascii() or not value.decode("ascii").isprintable():
            raise self.refused("a name that is not printable ASCII")
        return value.decode("ascii")

    def positive(self) -> int:
        """The next ``mpint``, which has to be above zero and in its one shortest form."""
        value = self.string()
        number = int.from_bytes(value, "big", signed=True)
        if number <= 0 or string(value) != mpint(number):
            raise self.refused("a number that is not positive or not in its shortest form")
        return number

    def end(self) -> None:
        """Nothing is left."""
        if self.at != len(self.data):
            raise self.refused(f"{len(self.data) - self.at} bytes too many")

    def refused(self, message: str) -> MalformedError:
        """The error to raise about this message."""
        return MalformedError(f"not a valid SSH encoding: {message}", where=self.where, code="ssh.encoding")
