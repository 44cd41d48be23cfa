"""Answers of Prometheus' HTTP API to instant and range queries (prometheus.io/docs/prometheus/latest/querying/api).

Values are texts. An empty result, ``NaN`` and infinities are no data, and no data is not zero. An answer with
``warnings`` may lack data that the server could not reach.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_NO_NUMBERS: Final = frozenset({"nan", "+inf", "-inf", "inf"})
_MOST: Final = Decimal(10) ** 15
"""Largest value that is read: beyond, two readers would not agree on a whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of an answer: labels, and the values of one or several instants; None for what is no number."""

    labels: Mapping[str, str]
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the API.

    Attributes:
        place: Its JSON pointer in the report.
        over_time: It is of a range query; a value of an instant query stands for a whole.
        series: What it holds.
        is_whole: It has data, all of it numbers, and the server warned of nothing.
    """

    place: str
    over_time: bool
    series: tuple[Series, ...]
    is_whole: bool

    def total(self) -> Decimal | None:
        """What was counted, over all series: the value of an instant, or the increase of a counter over the range.

        A counter that falls was reset and counts from zero again. None without data.
        """
        if not self.series or not self.is_number():
            return None
        return sum(
            (_increase(series.values) if self.over_time else _last(series) for series in self.series), Decimal(0)
        )

    def highest(self) -> Decimal | None:
        """The highest value of any series at any time; None without data."""
        return max((value for series in self.series for value in series.values if value is not None), default=None)

    def lowest(self) -> Decimal | None:
        """The lowest value of any series at any time; None without data."""
        return min((value for series in self.series for value in series.values if value is not None), default=None)

    def is_number(self) -> bool:
        """Every value is a number."""
        return all(value is not None for series in self.series for value in series.values)

    def buckets(self) -> dict[str, Decimal] | None:
        """Counts of a histogram by the upper bound of the bucket, ``le``, each with those below; None without data.

        Raises:
            MalformedError: A series has no ``le``.
        """
        if not self.series or not self.is_number():
            return None
        found: dict[str, Decimal] = {}
        for index, series in enumerate(self.series):
            if "le" not in series.labels:
                raise MalformedError("a bucket without le", where=f"{self.place}/data/result/{index}", code="shape")
            bound = series.labels["le"]
            count = _increase(series.values) if self.over_time else _last(series)
            found[bound] = found.get(bound, Decimal(0)) + count
        return found


def read(owner: dict[str, Any], key: str, place: str) -> Answer:
    """The answer that is the member ``key`` of the object at ``place``.

    Raises:
        MalformedError: It is none, or the query failed.
    """
    here = f"{place}/{key}"
    answer = fields.mapping(owner, key, place)
    if fields.text(answer, "status", here) != "success":
        said = fields.optional_text(answer, "error", here) or "no reason given"
        raise MalformedError(f"the query failed: {said}", where=f"{here}/status", code="prometheus.failed")
    data = fields.mapping(answer, "data", here)
    form = fields.text(data, "resultType", f"{here}/data")
    if form not in {"vector", "matrix", "scalar"}:
        raise MalformedError(
            f"a result of type {form}", where=f"{here}/data/resultType", hint="numbers are needed", code="report.value"
        )
    series = tuple(_series(data, form, f"{here}/data"))
    warned = fields.optional_items(answer, "warnings", here)
    numbers = all(value is not None for one in series for value in one.values)
    return Answer(
        place=here, over_time=form == "matrix", series=series, is_whole=bool(series) and numbers and not warned
    )


def _series(data: dict[str, Any], form: str, place: str) -> Iterator[Series]:
    if form == "scalar":
        yield Series(labels={}, values=(_value(fields.items(data, "result", place), f"{place}/result"),))
        return
    for item, here in fields.each(fields.items(data, "result", place), f"{place}/result"):
        if "histogram" in item or "histograms" in item:
            hint = "ask for classic buckets, or for histogram_count and histogram_quantile"
            raise MalformedError("a native histogram", where=here, hint=hint, code="prometheus.native")
        metric = fields.mapping(item, "metric", here)
        labels = {name: fields.optional_text(metric, name, f"{here}/metric") for name in metric}
        if form == "vector":
            values: tuple[Decimal | None, ...] = (_value(fields.items(item, "value", here), f"{here}/value"),)
        else:
            points = fields.items(item, "values", here)
            values = tuple(_value(point, f"{here}/values/{index}") for index, point in enumerate(points))
        yield Series(labels=labels, values=values or (None,))


def _value(point: Any, place: str) -> Decimal | None:
    """The value of ``[time, "value"]``."""
    if not isinstance(point, list) or len(point) != 2 or not isinstance(point[1], str):  # noqa: PLR2004 - a pair
        raise fields.wrong(point, "a time and a value as text", place)
    text = point[1]
    if text.lower() in _NO_NUMBERS:
        return None
    if not _NUMBER.fullmatch(text) or abs(Decimal(text)) > _MOST:
        raise MalformedError(f"{text!r} is no number that is read", where=f"{place}/1", code="report.value")
    return Decimal(text)


def _last(series: Series) -> Decimal:
    return series.values[-1] or Decimal(0)


def _increase(values: tuple[Decimal | None, ...]) -> Decimal:
    numbers = [value for value in values if value is not None]
    return sum((now - before if now >= before else now for before, now in pairwise(numbers)), Decimal(0))
