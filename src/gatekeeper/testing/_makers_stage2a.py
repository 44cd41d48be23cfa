"""Makers of evidence about the speed of code; see :mod:`gatekeeper.testing.facts`."""

from __future__ import annotations

import statistics
from typing import Any

from gatekeeper.testing._made import Items, MadeDocument, entry, make, named


def benchmark(*, benchmarks: Items = 1, median_ns: int = 1000, rounds: int = 20, **more: Any) -> MadeDocument:
    """Benchmarks.

    Args:
        benchmarks: By name, or as mappings; ``samples_ns`` of one are what its rounds took.
        median_ns: Of each that does not say; every round of it takes that long.
        rounds: How many rounds each has that does not say.
        more: See :mod:`gatekeeper.testing.facts`.
    """
    made = []
    for at, item in enumerate(named(benchmarks, "benchmark")):
        said = entry(item, "name", samples_ns=[median_ns] * rounds, locator=f"/benchmarks/{at}")
        taken = said.get("samples_ns") or [median_ns]
        made.append({"rounds": len(taken), "min_ns": min(taken), "median_ns": round(statistics.median(taken)), **said})
    return make("benchmark", {"tool": "benchmark", "benchmarks": made, "benchmark_count": len(made)}, **more)
