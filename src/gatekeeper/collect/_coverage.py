"""What the coverage collectors share: lines by file, counted from what is there, and what a header says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping


@dataclass(slots=True)
class File:
    """The lines and branches of one source file.

    Attributes:
        path: As the report writes it.
        lines: Whether a line was run, by its number; a line listed twice was run when it was once.
        branches: Covered and all branches, by whatever tells one branching line from another.
    """

    path: str
    lines: dict[int, bool] = field(default_factory=dict)
    branches: dict[Hashable, tuple[int, int]] = field(default_factory=dict)

    def line(self, number: int, *, covered: bool) -> None:
        """Note a line."""
        self.lines[number] = self.lines.get(number, False) or covered

    def branch(self, key: Hashable, covered: int, valid: int) -> None:
        """Note branches; of two notes on the same ones the larger counts are kept, never more than are there."""
        before = self.branches.get(key, (0, 0))
        self.branches[key] = max(before[0], covered), max(before[1], valid)

    def as_fact(self) -> dict[str, Any]:
        """The file as facts show it."""
        return {"path": self.path, "lines_valid": len(self.lines), "lines_covered": sum(self.lines.values())}


def facts(files: list[File], claimed: Mapping[str, Any], *, branches: bool, complete: bool = True) -> dict[str, Any]:
    """The facts of the kind ``coverage``.

    Args:
        files: The files.
        claimed: What a header says that no way of counting gives; the facts are then not complete.
        branches: Whether branches were measured.
        complete: Whether the report is complete otherwise.
    """
    listed = sorted((file.as_fact() for file in files), key=lambda fact: str(fact["path"]))
    result: dict[str, Any] = {
        "lines_valid": sum(fact["lines_valid"] for fact in listed),
        "lines_covered": sum(fact["lines_covered"] for fact in listed),
        "files": listed,
        "complete": complete and not claimed,
    }
    if branches:
        notes = [note for file in files for note in file.branches.values()]
        result["branches_covered"] = sum(covered for covered, _ in notes)
        result["branches_valid"] = sum(valid for _, valid in notes)
    return result | ({"claimed": dict(claimed)} if claimed else {})
