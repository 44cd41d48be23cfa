"""Locust: ``PREFIX_stats_history.csv`` of ``locust --csv``: one row a second, with totals that grow.

Phases are runs of rows with one number of users. The percentile of a row is that of the last ten seconds
(docs.locust.io, "Retrieve test statistics in CSV format"); of a phase the highest counts. Locust does not watch the
machine: how busy it was stays unknown.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect._course import Interval, outages
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.collect.reading import Report

_HEAD: Final = b"Timestamp,User Count,Type,Name,Requests/s,Failures/s,"
_WHOLE: Final = re.compile(r"\d{1,12}", re.ASCII)
_PERCENTILE: Final = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_ALL: Final = "Aggregated"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    second: int
    users: int
    requests: int
    errors: int
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class _LocustHistory:
    format: str = "locust-history"
    kind: str = "endurance"

    def matches(self, report: Report) -> bool:
        return report.head.startswith(_HEAD)

    def read(self, report: Report) -> Reading:
        rows = list(_rows(report))
        intervals = [_interval(before, after) for before, after in itertools.pairwise(rows)]
        phases = list(_phases(rows))
        facts = {
            "tool": "locust",
            "requests": sum(phase["requests"] for phase in phases),
            "errors": sum(phase["errors"] for phase in phases),
            "phases": phases,
            "phase_count": len(phases),
            "complete": len(rows) > 1,
            **_span(rows),
            **outages(intervals),
        }
        return Reading(kind="endurance", format="locust-history", facts=facts, producer="locust", media_type="text/csv")


def _rows(report: Report) -> Iterator[_Row]:
    try:
        reader = csv.reader(io.StringIO(report.data.decode("utf-8-sig"), newline=""), strict=True)
        names = next(reader)
        for number, cells in enumerate(reader):
            if number >= MAX_ITEMS:
                raise LimitError(f"more than {MAX_ITEMS} rows", where=report.name, code="report.items")
            if len(cells) != len(names):
                raise MalformedError("a row was cut off", where=f"line {reader.line_num}", code="locust.row")
            row = dict(zip(names, cells, strict=True))
            if row["Name"] == _ALL:
                yield _row(row, reader.line_num)
    except (UnicodeDecodeError, csv.Error) as cause:
        raise MalformedError(f"not CSV: {cause}", where=report.name, code="locust.csv") from cause


def _row(row: Mapping[str, str], line: int) -> _Row:
    said = row.get("95%", "")
    return _Row(
        line=line,
        second=_whole(row, "Timestamp", line),
        users=_whole(row, "User Count", line),
        requests=_whole(row, "Total Request Count", line),
        errors=_whole(row, "Total Failure Count", line),
        p95_ms=-(-int(float(said) * 1000) // 1000) if _PERCENTILE.fullmatch(said) else None,
    )


def _whole(row: Mapping[str, str], name: str, line: int) -> int:
    text = row.get(name, "")
    if not _WHOLE.fullmatch(text):
        raise MalformedError(f"{name} is {text!r}, no whole number", where=f"line {line}", code="locust.number")
    return int(text)


def _interval(before: _Row, after: _Row) -> Interval:
    requests, errors = after.requests - before.requests, after.errors - before.errors
    if requests < 0 or errors < 0 or errors > requests or after.second < before.second:
        raise MalformedError("totals that do not grow", where=f"line {after.line}", code="locust.totals")
    return Interval(start_ms=before.second * 1000, end_ms=after.second * 1000, requests=requests, errors=errors)


def _phases(rows: list[_Row]) -> Iterator[dict[str, Any]]:
    before: _Row | None = None
    for users, group in itertools.groupby(rows, key=lambda row: row.users):
        held = list(group)
        start, end = before or held[0], held[-1]
        whole = _interval(start, end)
        # the totals of the first row are not the difference to anything
        first = held[0] if before is None else None
        requests = whole.requests + (first.requests if first else 0)
        errors = whole.errors + (first.errors if first else 0)
        before = end
        if not users and not requests:
            continue
        slowest = max((row.p95_ms for row in held if row.p95_ms is not None), default=None)
        yield {
            "name": f"{users} users",
            "users": users,
            "requests": requests,
            "errors": errors,
            "duration_ms": whole.end_ms - whole.start_ms,
            "locator": f"line {held[0].line}",
            **({} if slowest is None else {"p95_ms": slowest}),
        }


def _span(rows: list[_Row]) -> dict[str, Any]:
    if not rows:
        return {}
    started, finished = (datetime.fromtimestamp(row.second, UTC) for row in (rows[0], rows[-1]))
    return {
        "duration_ms": (rows[-1].second - rows[0].second) * 1000,
        "started_at": _time.format_instant(started),
        "finished_at": _time.format_instant(finished),
    }


COLLECTOR: Final = _LocustHistory()
