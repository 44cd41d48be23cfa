"""``docs/performance.md``: the table and how it was made."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.timing import Times

_HEAD: Final = """\
# Performance

Written by `python -m benchmarks`; not edited by hand. Each row compares with a baseline that ran beside it: the
two take turns, and the ratio is that of the medians. Trust the ratios, not the milliseconds.

"""

_COLUMNS: Final = ("what", "time", "baseline", "its time", "ratio", "goal", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement beside its baseline.

    Attributes:
        what, baseline: What was measured, and what beside it.
        ours, theirs: As they are shown, such as ``12.0 ms (11.2 to 14.1)``.
        ratio: Ours by theirs.
        goal: The largest ratio, or the most that ours may be over theirs; None for information only.
        over: What ours is over theirs in milliseconds, where the goal is about that and not about the ratio.
    """

    what: str
    ours: str
    baseline: str
    theirs: str
    ratio: float
    goal: float | None = None
    over: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return (self.ratio if self.over is None else self.over) <= self.goal

    def cells(self) -> tuple[str, ...]:
        """The row's cells."""
        shown = f"{self.ratio:.2f}×" if self.over is None else f"+{self.over:.1f} ms"
        unit = "×" if self.over is None else " ms"
        goal = "" if self.goal is None else f"≤ {'' if self.over is None else '+'}{self.goal:g}{unit}"
        return self.what, self.ours, self.baseline, self.theirs, shown, goal, self._verdict()

    def _verdict(self) -> str:
        if self.goal is None:
            return ""
        if self.met:
            return "yes"
        measured = self.ratio if self.over is None else self.over
        return f"no, by {measured / self.goal - 1:.0%}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows that belong together, with a line on what they are, and one on why goals were missed."""

    title: str
    text: str
    rows: Sequence[Row]
    missed: str = ""


def shown(times: Times) -> str:
    """A time as ``12.0 ms (11.2 to 14.1)``: the median and the range."""
    return f"{times.median * 1000:.1f} ms ({times.least * 1000:.1f} to {times.most * 1000:.1f})"


def page(sections: Sequence[Section], *, repetitions: int, opa: str, started_load: float, notes: Sequence[str]) -> str:
    """The whole page."""
    machine = (
        f"Machine: {os.cpu_count()} cores ({platform.machine()}), {platform.system()}, {_memory()}"
        f"{platform.python_implementation()} {platform.python_version()}, OPA {opa}. "
        f"Load average when it began: {started_load:.1f}; {_sharing(started_load)} "
        f"Medians of {repetitions} repetitions (large documents: fewer), in brackets the fastest and the slowest."
    )
    parts = [_HEAD + machine + "\n", *(f"{note}\n" for note in notes)]
    parts += [_section(section) for section in sections]
    return "\n".join(parts)


def _section(section: Section) -> str:
    lines = [f"## {section.title}", "", section.text, ""]
    lines += [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    lines += [f"| {' | '.join(row.cells())} |" for row in section.rows]
    if section.missed and any(row.met is False for row in section.rows):
        lines += ["", section.missed]
    return "\n".join([*lines, ""])


def _sharing(load: float) -> str:
    cores = os.cpu_count() or 1
    return "the machine was shared with other work." if load > cores / 2 else "the machine was quiet."


def _memory() -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return ""
    return f"{total / 1024**3:.0f} GiB, "


def write(text: str, path: Path) -> None:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
