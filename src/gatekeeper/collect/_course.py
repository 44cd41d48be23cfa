"""The course of a load test: what happened in which interval of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Part of a test.

    Attributes:
        start_ms, end_ms: On one clock, whichever.
        requests: Requests that ended in it.
        errors: Of these, how many failed.
    """

    start_ms: int
    end_ms: int
    requests: int
    errors: int


def outages(intervals: Sequence[Interval]) -> dict[str, Any]:
    """The longest outage as ``recovery_ms``, and whether the last requests ended well as ``recovered``.

    An outage lasts from the begin of an interval with failed requests to the begin of the next one that has requests
    and no failed ones. Intervals without requests end none: nobody knows whether it would have answered.
    """
    longest, since = 0, None
    for interval in intervals:
        if interval.errors and since is None:
            since = interval.start_ms
        elif interval.requests and not interval.errors and since is not None:
            longest, since = max(longest, interval.start_ms - since), None
    if since is not None:
        longest = max(longest, intervals[-1].end_ms - since)
    return {"recovery_ms": longest, "recovered": since is None}
