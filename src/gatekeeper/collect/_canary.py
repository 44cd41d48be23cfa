"""What the steps of a canary say: counts, durations, and the tests of both against the baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json, _time
from gatekeeper._statistics import holm, mann_whitney, two_proportions
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gatekeeper._statistics import Comparison

BEYOND: Final = math.inf
"""The duration of a request that took longer than the last bucket of a histogram."""

_PERCENTILES: Final[Mapping[str, int]] = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99, "max_ms": 100}


@dataclass(slots=True, kw_only=True)
class Variant:
    """One of the two versions in a step; counted up while a report is read.

    Attributes:
        requests: Requests that were counted.
        errors: Those of them that failed.
        durations: How many requests took how many microseconds.
    """

    requests: int = 0
    errors: int = 0
    durations: dict[float, int] = field(default_factory=dict)

    def as_facts(self) -> dict[str, Any]:
        """The counts, percentiles by the nearest rank in whole milliseconds rounded up, and a digest of the samples."""
        counts = {"requests": self.requests, "errors": self.errors}
        samples = sum(self.durations.values())
        if not samples:
            return counts
        listed = sorted(self.durations.items())
        percentiles = {name: _percentile(listed, samples, percent) for name, percent in _PERCENTILES.items()}
        digest = _json.digest_of([["inf" if value == BEYOND else value, count] for value, count in listed])
        return {**counts, "samples": samples, "samples_digest": digest, **fields.known(**percentiles)}


@dataclass(slots=True, kw_only=True)
class Step:
    """One exposure step, as a report has it; counted up while it is read."""

    name: str
    exposure_percent: int
    locator: str
    started_at: datetime
    last_at: datetime
    finished: bool = False
    canary: Variant = field(default_factory=Variant)
    baseline: Variant = field(default_factory=Variant)
    saturation_percent: int | None = None
    adopted: int | None = None
    eligible: int | None = None

    def as_facts(self) -> dict[str, Any]:
        """The step, with the tests that its samples allow."""
        if self.last_at < self.started_at:
            raise MalformedError(f"{self.name} ends before it begins", where=self.locator, code="canary.times")
        return {
            "name": self.name,
            "exposure_percent": self.exposure_percent,
            "started_at": _time.format_instant(self.started_at),
            **({"finished_at": _time.format_instant(self.last_at)} if self.finished else {}),
            "finished": self.finished,
            "duration_ms": milliseconds(self.started_at, self.last_at),
            "canary": self.canary.as_facts(),
            "baseline": self.baseline.as_facts(),
            **fields.known(saturation_percent=self.saturation_percent, adopted=self.adopted, eligible=self.eligible),
            **compared(self.canary, self.baseline),
            "locator": self.locator,
        }


def milliseconds(start: datetime, end: datetime) -> int:
    """Whole milliseconds from one instant to a later one, cut."""
    span = end - start
    return (span.days * 86_400 + span.seconds) * 1000 + span.microseconds // 1000


def compared(canary: Variant, baseline: Variant) -> dict[str, dict[str, Any]]:
    """The tests of error rate and latency, adjusted for each other; one that has no samples is not made."""
    makeable = {
        "error_rate": bool(canary.requests and baseline.requests),
        "latency": bool(canary.durations and baseline.durations),
    }
    count = sum(makeable.values())
    made: dict[str, Comparison] = {}
    if makeable["error_rate"]:
        rates = (canary.errors, canary.requests, baseline.errors, baseline.requests)
        made["error_rate"] = two_proportions(*rates, comparisons=count)
    if makeable["latency"]:
        made["latency"] = mann_whitney(canary.durations, baseline.durations, comparisons=count)
    adjusted = holm([comparison.p_value_ppm for comparison in made.values()])
    return {
        name: _comparison(comparison, by_all) for (name, comparison), by_all in zip(made.items(), adjusted, strict=True)
    }


def whole_facts(name: str, steps: Sequence[Step], next_exposure: int | None, *, complete: bool) -> dict[str, Any]:
    """The facts of a canary.

    Raises:
        MalformedError: There is no step, or two have one name.
    """
    if not steps:
        raise MalformedError("no step", where="/steps", code="canary.steps")
    names = [step.name for step in steps]
    for index, twice in enumerate(names):
        if twice in names[:index]:
            raise MalformedError(f"a second step {twice!r}", where=steps[index].locator, code="canary.steps")
    return {
        **fields.known(name=name, next_exposure_percent=next_exposure),
        "measured_at": _time.format_instant(max(step.last_at for step in steps)),
        "requests": sum(step.canary.requests for step in steps),
        "steps": [step.as_facts() for step in steps],
        "step_count": len(steps),
        "complete": complete,
    }


def percent(value: int, place: str) -> int:
    """``value`` itself, from 0 to 100.

    Raises:
        MalformedError: It is not.
    """
    if not 0 <= value <= 100:  # noqa: PLR2004 - per cent
        raise MalformedError("not a percentage from 0 to 100", where=place, code="report.value")
    return value


def _percentile(listed: Sequence[tuple[float, int]], samples: int, percent_: int) -> int | None:
    rank = -(-samples * percent_ // 100)
    for value, count in listed:
        rank -= count
        if rank <= 0:
            return None if value == BEYOND else -(-int(value) // 1000)
    return None


def _comparison(found: Comparison, adjusted: int) -> dict[str, Any]:
    return {
        "test": found.test,
        **fields.known(statistic_thousandths=found.statistic_thousandths),
        "p_value_ppm": found.p_value_ppm,
        "adjusted_p_value_ppm": adjusted,
        "effect_ppm": found.effect_ppm,
        "detectable_ppm": found.detectable_ppm,
    }
