"""Taking times and memory: interleaved pairs, medians, the whole process tree."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_EVERY_SECONDS: Final = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line to measure.

    Attributes:
        arguments: What to run.
        cwd: Where.
        environment: All that it sees of ours.
        stdin: What it reads.
        codes: The exit codes it may have; any other is a mistake in the benchmark.
    """

    arguments: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    stdin: Path | None = None
    codes: tuple[int, ...] = (0,)

    def run(self) -> bytes:
        """Run it to its end; what it wrote."""
        with (self.stdin or Path(os.devnull)).open("rb") as stdin:
            done = subprocess.run(
                self.arguments,
                cwd=self.cwd,
                env=self.environment,
                stdin=stdin,
                capture_output=True,
                check=False,
            )
        if done.returncode not in self.codes:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise SystemExit(f"{self.arguments} ended with {done.returncode}: {said[-2000:]}")
        return done.stdout

    def peak(self) -> int:
        """The most bytes that it and all processes below it held at once (resident), by looking every 4 ms."""
        with (self.stdin or Path(os.devnull)).open("rb") as stdin:
            process = subprocess.Popen(
                self.arguments,
                cwd=self.cwd,
                env=self.environment,
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            most = 0
            while process.poll() is None:
                most = max(most, _tree_bytes(process.pid))
                time.sleep(_EVERY_SECONDS)
        return most


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of each repetition."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        """The fastest."""
        return min(self.seconds)

    @property
    def most(self) -> float:
        """The slowest."""
        return max(self.seconds)


def interleaved(runs: Mapping[str, Callable[[], object]], repetitions: int, *, warm_up: int = 1) -> dict[str, Times]:
    """Time several things in turn, so that what else the machine does falls on all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for repetition in range(-warm_up, repetitions):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if repetition >= 0:
                taken[name].append(time.perf_counter() - start)
    return {name: Times(seconds=tuple(seconds)) for name, seconds in taken.items()}


def can_measure_memory() -> bool:
    """Only Linux tells it of a process tree."""
    return sys.platform == "linux"


def _tree_bytes(root: int) -> int:
    pending, total = [root], 0
    while pending:
        pid = pending.pop()
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names of threads
                pending += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        except OSError:
            continue  # it has ended
    return total * os.sysconf("SC_PAGE_SIZE")
