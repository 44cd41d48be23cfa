"""A checkpoint: how long a ledger was and what its last entry was, kept where the ledger cannot be changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from gatekeeper.errors import UsageError

_CHECKPOINT: Final = re.compile(r"([1-9]\d{0,14}):(?:sha256:)?([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a ledger as the gate saw it when it sealed: a witness, outside the ledger, of all before it.

    Attributes:
        size: How many entries there were, at least one.
        head: The digest of the last one.
    """

    size: int
    head: str

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read ``SIZE:DIGEST``, as :meth:`__str__` writes it; the digest may lack its ``sha256:``.

        Raises:
            UsageError: It is not that.
        """
        match = _CHECKPOINT.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{text!r} is no head", hint="SIZE:DIGEST, such as 12:sha256:... of ledger verify", code="usage.head"
            )
        return cls(size=int(match[1]), head=f"sha256:{match[2]}")

    def as_json(self) -> dict[str, Any]:
        """The form in a record."""
        return {"size": self.size, "head": self.head}

    def __str__(self) -> str:
        return f"{self.size}:{self.head}"
