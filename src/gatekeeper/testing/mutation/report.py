"""What mutation testing found, as values."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Outcome = Literal["killed", "survived", "equivalent", "invalid"]
Part = Literal["rego", "metadata", "wiring"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A rule or library with one change, and what became of it.

    Attributes:
        pack: The pack; of wiring, the gate.
        part: What is changed: ``rego``, ``metadata`` of a rule, or the ``wiring`` of a gate.
        path: The file, below the folder of packs; of wiring, the gate.
        file: The file.
        row, column: Where the change begins, from 1.
        line: The text of that line, without the space around it.
        operator: What kind of fault it is.
        change: What is done: ``comparison: < -> <=``.
        before, after: The file without and with the change.
        outcome: ``killed`` where a test did not pass; ``survived`` where all did; ``equivalent`` where all did and it
            is listed as no fault; ``invalid`` where OPA or the loader refuses it.
        reached: Whether a Rego test runs the line; False only for survivors of which OPA's coverage says so.
        killers: The tests that did not pass, by package and name, sorted.
        reason: Why it is listed or refused.
    """

    pack: str
    part: Part
    path: str
    file: Path
    row: int
    column: int
    line: str
    operator: str
    change: str
    before: str
    after: str
    outcome: Outcome
    reached: bool = True
    killers: tuple[str, ...] = ()
    reason: str = ""

    @property
    def diff(self) -> tuple[str, ...]:
        """The change as a unified diff, with one line around it."""
        names = (f"a/{self.path}", f"b/{self.path}")
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), *names, lineterm="", n=1)
        return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many of some mutants the tests killed.

    Attributes:
        killed, survived, equivalent: Numbers of mutants; those that are refused are in none of them.
        invalid: How many were refused.
    """

    killed: int
    survived: int
    equivalent: int
    invalid: int

    @property
    def percent(self) -> float:
        """Those killed, of all but those listed as equivalent; rounded down to a tenth. 100 where there are none."""
        return _percent(self.killed, self.killed + self.survived)

    @property
    def strict_percent(self) -> float:
        """Those killed, of all, as if none were listed."""
        return _percent(self.killed, self.killed + self.survived + self.equivalent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All mutants, in the order of packs, files and places, Rego first.

    Attributes:
        mutants: At least one.
    """

    mutants: tuple[Mutant, ...]

    @property
    def groups(self) -> tuple[tuple[str, Part], ...]:
        """What has a score of its own: each pack's Rego, its METADATA, and the gate, in the order of the mutants."""
        return tuple(dict.fromkeys((mutant.pack, mutant.part) for mutant in self.mutants))

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Those that no test noticed."""
        return tuple(mutant for mutant in self.mutants if mutant.outcome == "survived")

    def score(self, pack: str | None = None, part: Part | None = None) -> Score:
        """The score of a pack or of all, and there of one part or of all together."""
        return score([one for one in self.mutants if pack in {None, one.pack} and part in {None, one.part}])


def score(mutants: Sequence[Mutant]) -> Score:
    """The score of some mutants."""
    outcomes = [mutant.outcome for mutant in mutants]
    return Score(
        killed=outcomes.count("killed"),
        survived=outcomes.count("survived"),
        equivalent=outcomes.count("equivalent"),
        invalid=outcomes.count("invalid"),
    )


def _percent(part: int, whole: int) -> float:
    return float(Fraction(part * 1000, whole).__floor__()) / 10 if whole else 100.0
