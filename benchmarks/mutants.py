"""What mutation testing costs."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Final

from benchmarks.installed import ROOT
from benchmarks.table import Row, Section, shown
from benchmarks.timing import Times, interleaved
from gatekeeper.testing.mutation import mutate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measures import Bench

PACKS: Final = ("coverage", "performance")
EVERY: Final = 100
GOAL_MS: Final = 2000.0


def mutants(bench: Bench) -> Section:
    """Mutants of two standard packs, nothing kept, against one run of their tests."""
    folders = [ROOT / "policies" / name for name in PACKS]
    count = len(mutate(folders, binary=bench.binary).mutants)
    tests = [bench.command(str(bench.binary.path), "test", str(folder)) for folder in folders]
    runs = {"ours": lambda: mutate(folders, binary=bench.binary), "tests": lambda: [test.run() for test in tests]}
    before, repetitions = _processor(), max(1, bench.repetitions // 3)
    times = interleaved(runs, repetitions)
    processor = (_processor() - before) / (repetitions + 1) * EVERY / count
    ours, theirs = _for(times["ours"], count), times["tests"]
    return Section(
        title="Mutants",
        text=(
            f"`mutate` on the {count} mutants of the standard packs {_listed(PACKS)}, one OPA at a time and nothing "
            f"kept from before; the time is that of {EVERY} of them, with reading and checking the packs. The baseline "
            f"is one `opa test` for each of the packs as they are. Processor time of both, for {EVERY} mutants and one "
            f"baseline: {processor:.1f} s."
        ),
        rows=[
            Row(
                what=f"{EVERY} mutants",
                ours=shown(ours),
                baseline="`opa test`",
                theirs=shown(theirs),
                ratio=ours.median / theirs.median,
                over=(ours.median - theirs.median) * 1000,
                goal=GOAL_MS,
            )
        ],
        missed=_MISSED,
    )


def _processor() -> float:
    """Seconds that this process and those it waited for have worked."""
    taken = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in taken)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _for(times: Times, count: int) -> Times:
    return Times(seconds=tuple(seconds * EVERY / count for seconds in times.seconds))


_MISSED: Final = (
    "Why: OPA compiles the mutants to find those that are no rules, and again with their tests. Where the processor "
    "time above is less than the goal and the time is not, the machine was busy with other work."
)
