"""Where the base of a gate was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a base was found.

    Attributes:
        text: What ``extends`` says.
        folder: The folder with its ``gate.toml``.
        name: What errors call it.
        commit: The commit, for a base in git; empty for others.
    """

    text: str
    folder: Path
    name: str
    commit: str = ""

    def as_json(self) -> dict[str, str]:
        """What the lock keeps of it."""
        return {"extends": self.text, "commit": self.commit}
