"""JMeter: results of samples (JTL), as CSV with a header or as XML 1.2 (JMeter User's Manual, "Listeners").

Figures are computed from the samples. What a transaction controller writes is the sum of samples that are there anyway
and is passed over, and so are samples nested in another. A file that is cut off in the middle of a row or element is
refused; one that is cut off between two rows cannot be told from a shorter run.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _numbers, _xml
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from gatekeeper.collect.reading import Report

_COLUMNS: Final = frozenset({"timeStamp", "elapsed", "label", "success"})
_SAMPLES: Final = frozenset({"httpSample", "sample"})
_TRANSACTION: Final = "Number of samples in transaction"
_PERCENTILES: Final = ((50, "p50_ms"), (95, "p95_ms"), (99, "p99_ms"), (100, "max_ms"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    label: str
    at_ms: int
    elapsed_ms: int
    succeeded: bool
    place: str


class _Csv:
    format: Final = "jmeter-csv"
    kind: Final = "performance"

    def matches(self, report: Report) -> bool:
        header = report.head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
        return set(header) >= _COLUMNS

    def read(self, report: Report) -> Reading:
        return _reading(self.format, _rows(report), "text/csv")


class JMeterXml:
    """A collector (:class:`gatekeeper.collect.reading.Collector`) of the XML form."""

    format: Final = "jmeter-xml"
    kind: Final = "performance"

    def matches(self, report: Report) -> bool:
        """Whether the root is that of a JTL."""
        return report.looks_like_xml and _xml.root_name(report.head) == "testResults"

    def read(self, report: Report) -> Reading:
        """Read the samples.

        Raises:
            MalformedError: It cannot be read; ``where`` has the XPath.
        """
        samples = (_element(child, place) for child, place in _top(report.xml))
        return _reading(self.format, samples, "application/xml")


COLLECTOR: Final = _Csv()


def _rows(report: Report) -> Iterator[_Sample]:
    try:
        rows = csv.DictReader(io.StringIO(report.data.decode("utf-8-sig"), newline=""), strict=True)
        for row in rows:
            if None in row or None in row.values():
                raise MalformedError(
                    "a row with other columns than the header", where=f"line {rows.line_num}", code="jmeter.row"
                )
            if not (row.get("responseMessage") or "").startswith(_TRANSACTION):
                yield _sample(row, ("label", "timeStamp", "elapsed", "success"), f"line {rows.line_num}")
    except (UnicodeDecodeError, csv.Error) as cause:
        raise MalformedError(f"not CSV in UTF-8: {cause}", where=report.name, code="jmeter.csv") from cause


def _top(root: Element) -> Iterator[tuple[Element, str]]:
    for child, place in _xml.children(root, "/testResults"):
        if child.tag not in _SAMPLES:
            raise MalformedError(f"the element {child.tag!r} is no sample", where=place, code="jmeter.element")
        if not child.get("rm", "").startswith(_TRANSACTION):
            yield child, place


def _element(element: Element, place: str) -> _Sample:
    return _sample(dict(element.attrib), ("lb", "ts", "t", "s"), place)


def _sample(said: dict[str, str], names: tuple[str, str, str, str], place: str) -> _Sample:
    label, at, elapsed, success = (said.get(name, "") for name in names)
    numbers = [_numbers.whole(text) for text in (at, elapsed)]
    if None in numbers or min(filter(None, numbers), default=0) < 0:
        raise MalformedError("no time, or no duration", where=place, code="jmeter.number")
    if success not in {"true", "false"}:
        raise MalformedError(f"{success!r} says neither success nor failure", where=place, code="jmeter.success")
    first, second = (number or 0 for number in numbers)
    return _Sample(label=label or "(unnamed)", at_ms=first, elapsed_ms=second, succeeded=success == "true", place=place)


@dataclass(slots=True)
class _Endpoint:
    place: str = ""
    elapsed: list[int] = field(default_factory=list)
    errors: int = 0


def _reading(form: str, samples: Iterator[_Sample], media_type: str) -> Reading:
    endpoints: defaultdict[str, _Endpoint] = defaultdict(_Endpoint)
    first, last, count = None, 0, 0
    for sample in samples:
        count += 1
        if count > MAX_ITEMS:
            raise LimitError(f"more than {MAX_ITEMS} samples", where=sample.place, code="jmeter.many")
        endpoint = endpoints[sample.label]
        endpoint.place = endpoint.place or sample.place
        endpoint.elapsed.append(sample.elapsed_ms)
        endpoint.errors += not sample.succeeded
        first = sample.at_ms if first is None else min(first, sample.at_ms)
        last = max(last, sample.at_ms + sample.elapsed_ms)
    facts = {
        "tool": "jmeter",
        "requests": count,
        "errors": sum(endpoint.errors for endpoint in endpoints.values()),
        "duration_ms": last - first if first is not None else 0,
        "endpoints": [_endpoint(label, endpoints[label]) for label in sorted(endpoints)],
        "complete": True,
    }
    return Reading(kind="performance", format=form, facts=facts, producer="jmeter", media_type=media_type)


def _endpoint(label: str, endpoint: _Endpoint) -> dict[str, Any]:
    ordered = sorted(endpoint.elapsed)
    ranks = {name: ordered[-(-percent * len(ordered) // 100) - 1] for percent, name in _PERCENTILES}
    return {
        "name": label,
        "requests": len(ordered),
        "errors": endpoint.errors,
        **ranks,
        "locator": endpoint.place,
    }
