"""A canary in Prometheus: for each exposure step the answers to a few queries about both versions, in one JSON file.

::

    {"canary": "parcel", "next_exposure_percent": 25, "steps": [{
        "name": "first", "exposure_percent": 5,
        "started_at": "2026-11-24T10:00:00Z", "finished_at": "2026-11-24T10:30:00Z",
        "canary": {"requests": ANSWER, "errors": ANSWER, "latency": ANSWER}, "baseline": {...},
        "saturation": ANSWER, "adopted": ANSWER, "eligible": ANSWER}]}

Each ``ANSWER`` is what ``/api/v1/query`` or ``/api/v1/query_range`` returned: counts (``increase(...)`` over the step,
or the counters themselves over its range), buckets in seconds by ``le``, a share from 0 to 1 for saturation. No errors
at all have to be said (``... or vector(0)``): an empty result is no data.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.collect import _canary, _prometheus
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect._numbers import seconds
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from decimal import Decimal

_VARIANTS: Final = ("canary", "baseline")
_KEYS: Final = frozenset({"canary", "next_exposure_percent", "steps"})
_STEP_KEYS: Final = frozenset(
    {"name", "exposure_percent", "started_at", "finished_at", *_VARIANTS, "saturation", "adopted", "eligible"}
)
_VARIANT_KEYS: Final = frozenset({"requests", "errors", "latency"})


def recognise(value: Any) -> bool:
    """Whether these are answers about a canary."""
    steps = value.get("steps") if isinstance(value, dict) and "canary" in value else None
    return isinstance(steps, list) and all(isinstance(step, dict) and step.keys() >= {*_VARIANTS} for step in steps)


def read(value: Any) -> Reading:
    """Read the answers of all steps."""
    report = fields.document(value)
    refuse_others(report, _KEYS, "")
    read_steps = [_step(item, place) for item, place in fields.each_in(report, "steps", "")]
    facts = _canary.whole_facts(
        fields.text(report, "canary", ""),
        [step for step, _ in read_steps],
        _canary.percent(fields.whole(report, "next_exposure_percent", ""), "/next_exposure_percent")
        if "next_exposure_percent" in report
        else None,
        complete=all(whole for _, whole in read_steps),
    )
    return Reading(
        kind="canary", format="canary-prometheus", facts=facts, producer="prometheus", media_type="application/json"
    )


def refuse_others(owner: dict[str, Any], known: AbstractSet[str], place: str) -> None:
    """Refuse members that nobody reads: one that is misspelt would be one that is absent.

    Raises:
        MalformedError: There is one.
    """
    for name in sorted(owner.keys() - known):
        raise MalformedError(
            "not known here", where=f"{place}/{name}", hint=f"known are {', '.join(sorted(known))}", code="shape"
        )


def _step(item: dict[str, Any], place: str) -> tuple[_canary.Step, bool]:
    """The step, and whether every answer in it is whole."""
    refuse_others(item, _STEP_KEYS, place)
    canary, baseline = (_variant(item, name, place) for name in _VARIANTS)
    more = {name: _prometheus.read(item, name, place) for name in ("saturation", "adopted", "eligible") if name in item}
    started, finished = _instant(item, "started_at", place), _instant(item, "finished_at", place)
    if started is None:
        raise fields.missing("started_at", place)
    step = _canary.Step(
        name=fields.text(item, "name", place),
        exposure_percent=_canary.percent(fields.whole(item, "exposure_percent", place), f"{place}/exposure_percent"),
        locator=place,
        started_at=started,
        last_at=finished or started,
        finished=finished is not None,
        canary=canary[0],
        baseline=baseline[0],
        saturation_percent=_up(more["saturation"].highest(), 100, more["saturation"].place)
        if "saturation" in more
        else None,
        adopted=_down(more["adopted"].total(), more["adopted"].place) if "adopted" in more else None,
        eligible=_up(more["eligible"].total(), 1, more["eligible"].place) if "eligible" in more else None,
    )
    return step, canary[1] and baseline[1] and all(answer.is_whole for answer in more.values())


def _variant(item: dict[str, Any], name: str, place: str) -> tuple[_canary.Variant, bool]:
    here = f"{place}/{name}"
    variant = fields.mapping(item, name, place)
    refuse_others(variant, _VARIANT_KEYS, here)
    requests, errors = (_prometheus.read(variant, key, here) for key in ("requests", "errors"))
    answers = [requests, errors]
    counted, failed = requests.total(), errors.total()
    if counted is not None and failed is not None and failed > counted:
        raise MalformedError(f"{failed} errors of {counted} requests", where=errors.place, code="canary.count")
    durations: dict[float, int] = {}
    if "latency" in variant:
        answers.append(_prometheus.read(variant, "latency", here))
        durations = _durations(answers[-1])
    whole = _down(counted, requests.place) or 0
    failures = min(_up(failed, 1, errors.place) or 0, whole)
    return _canary.Variant(requests=whole, errors=failures, durations=durations), all(
        answer.is_whole for answer in answers
    )


def _durations(answer: _prometheus.Answer) -> dict[float, int]:
    """How many requests took no more than each bound, in microseconds, and more than the bound before it."""
    buckets = answer.buckets()
    if buckets is None:
        return {}
    if "+Inf" not in buckets:
        raise MalformedError(
            "no bucket +Inf", where=answer.place, hint="leave no bucket out", code="prometheus.buckets"
        )
    bounds = {_bound(text, answer.place): count for text, count in buckets.items()}
    found, below = {}, 0
    for bound, count in sorted(bounds.items()):
        so_far = max(_down(count, answer.place) or 0, below)  # increase() interpolates: a hair of a fall is none
        if so_far > below:
            found[bound] = so_far - below
        below = so_far
    return found


def _bound(text: str, place: str) -> float:
    if text == "+Inf":
        return _canary.BEYOND
    bound = seconds(text)
    if bound is None:
        raise MalformedError(f"a bucket up to {text!r}", where=place, code="report.value")
    return math.ceil(bound * 1_000_000)


def _down(number: Decimal | None, place: str) -> int | None:
    return None if number is None else math.floor(_counted(number, place))


def _up(number: Decimal | None, times: int, place: str) -> int | None:
    return None if number is None else math.ceil(_counted(number, place) * times)


def _counted(number: Decimal, place: str) -> Decimal:
    if number < 0:
        raise MalformedError(f"{number} is below zero", where=place, code="report.value")
    return number


def _instant(item: dict[str, Any], name: str, place: str) -> datetime | None:
    return _time.parse_instant(text, where=f"{place}/{name}") if (text := fields.instant(item, name, place)) else None


COLLECTOR: Final = JsonFormat(format="canary-prometheus", kind="canary", recognise=recognise, reader=read)
