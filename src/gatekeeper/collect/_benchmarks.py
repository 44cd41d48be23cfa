"""Benchmarks as facts: durations in whole nanoseconds, and so many of the measured rounds that a test can be made."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SAMPLES: Final = 50
"""Rounds kept of one benchmark. Every pair of rounds is compared in Rego, so that twice as many would take four times
as long."""

_NANOSECONDS: Final = 10**9


def benchmark(name: str, seconds: Sequence[float], place: str, *, rounds: int | None = None) -> dict[str, Any]:
    """The facts of one benchmark.

    Of many rounds every n-th is kept, in their order, whatever their durations are.

    Args:
        name: What it is called.
        seconds: What each round took.
        place: Where it stands.
        rounds: How many rounds there were, where not all are listed.

    Raises:
        MalformedError: A duration is none.
    """
    if not seconds or any(not 0 <= value < _NANOSECONDS for value in seconds):
        raise MalformedError("no duration, or one that is none", where=place, code="benchmark.duration")
    nanoseconds = [round(value * _NANOSECONDS) for value in seconds]
    step = -(-len(nanoseconds) // MOST_SAMPLES)
    return {
        "name": name,
        "rounds": rounds or len(nanoseconds),
        "min_ns": min(nanoseconds),
        "median_ns": round(statistics.median(nanoseconds)),
        "samples_ns": nanoseconds[::step],
        "locator": place,
    }
