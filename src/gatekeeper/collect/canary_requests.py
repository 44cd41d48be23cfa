"""A canary in its requests: one CSV row (RFC 4180) for each request to either version, and one that ends each step.

The header names ``step,exposure_percent,variant,at,duration_ms,ok`` and may name ``saturation_percent``. A row is of
the variant ``canary`` or ``baseline``, with ``ok`` true or false; or it is the ``end`` of its step, where the highest
saturation may stand; or, without a step, what the canary is to get ``next``. A step without an end goes on: its rows
may have been cut off. All requests of a step are there, so that they say how many were given the canary.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect import _canary
from gatekeeper.collect._numbers import seconds, whole
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from gatekeeper.collect.reading import Report

_COLUMNS: Final = ("step", "exposure_percent", "variant", "at", "duration_ms", "ok")
_OPTIONAL: Final = ("saturation_percent",)
_ENDS: Final = {"true": False, "false": True}
"""Whether a request failed."""

Row = dict[str, str]


class CanaryRequests:
    """Reads the requests of a canary."""

    format: Final = "canary-requests"
    kind: Final = "canary"

    def matches(self, report: Report) -> bool:
        """Whether the first line has the columns."""
        line = report.head.partition(b"\n")[0].decode("utf-8", "replace")
        return set(_COLUMNS) <= set(line.strip().split(","))

    def read(self, report: Report) -> Reading:
        """Read every row.

        Raises:
            MalformedError: A row cannot be; ``where`` has its line.
        """
        steps: dict[str, _canary.Step] = {}
        next_exposure: int | None = None
        for row, line in _rows(report):
            if row["variant"] == "next":
                if next_exposure is not None or any(
                    row[name] for name in row if name not in {"variant", "exposure_percent"}
                ):
                    raise MalformedError("a second next, or one that says more", where=line, code="canary.row")
                next_exposure = _percent(row, line)
            else:
                _count(steps, row, line)
        for step in steps.values():
            step.adopted, step.eligible = step.canary.requests, step.canary.requests + step.baseline.requests
        facts = _canary.whole_facts("", list(steps.values()), next_exposure, complete=True)
        return Reading(kind=self.kind, format=self.format, facts=facts, media_type="text/csv")


def _rows(report: Report) -> list[tuple[Row, str]]:
    try:
        text = report.data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        columns = next(reader)
        if len(set(columns)) != len(columns) or not {*_COLUMNS} <= {*columns} <= {*_COLUMNS, *_OPTIONAL}:
            raise MalformedError("other columns, or one twice", where="line 1", code="canary.columns")
        found: list[tuple[Row, str]] = []
        for values in reader:
            line = f"line {reader.line_num}"
            if len(values) != len(columns):
                raise MalformedError(f"{len(values)} values for {len(columns)} columns", where=line, code="canary.row")
            if len(found) == MAX_ITEMS:
                raise LimitError(f"more than {MAX_ITEMS} rows", where=line, code="report.items")
            found.append((dict(zip(columns, values, strict=True)), line))
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=report.name, code="canary.encoding") from cause
    except csv.Error as cause:
        raise MalformedError(f"not CSV: {cause}", where=f"line {reader.line_num}", code="canary.syntax") from cause
    return found


def _count(steps: dict[str, _canary.Step], row: Row, line: str) -> None:
    at, name = _time.parse_instant(row["at"], where=line), row["step"]
    if not name:
        raise MalformedError("no step", where=line, code="canary.row")
    step = steps.setdefault(name, _new(row, line, at))
    if step.finished or step.exposure_percent != _percent(row, line):
        raise MalformedError(f"{name} has ended, or had another exposure", where=line, code="canary.row")
    step.started_at, step.last_at = min(step.started_at, at), max(step.last_at, at)
    if row["variant"] == "end":
        _end(step, row, line, at)
    else:
        _request(step, row, line)


def _new(row: Row, line: str, at: datetime) -> _canary.Step:
    return _canary.Step(name=row["step"], exposure_percent=_percent(row, line), locator=line, started_at=at, last_at=at)


def _end(step: _canary.Step, row: Row, line: str, at: datetime) -> None:
    if row["duration_ms"] or row["ok"] or at < step.last_at:
        raise MalformedError("an end that is a request, or before one", where=line, code="canary.row")
    step.finished = True
    if row.get("saturation_percent"):
        step.saturation_percent = _whole(row, "saturation_percent", line)


def _request(step: _canary.Step, row: Row, line: str) -> None:
    variants = {"canary": step.canary, "baseline": step.baseline}
    duration: Decimal | None = seconds(row["duration_ms"])
    if row["variant"] not in variants or row["ok"] not in _ENDS or duration is None or row.get("saturation_percent"):
        hint = "variant is canary, baseline, end or next; ok true or false; duration_ms a number"
        raise MalformedError("no request", where=line, hint=hint, code="canary.row")
    variant = variants[row["variant"]]
    microseconds = round(duration * 1000)
    variant.requests += 1
    variant.errors += _ENDS[row["ok"]]
    variant.durations[microseconds] = variant.durations.get(microseconds, 0) + 1


def _percent(row: Row, line: str) -> int:
    return _canary.percent(_whole(row, "exposure_percent", line), line)


def _whole(row: Row, name: str, line: str) -> int:
    number = whole(row[name])
    if number is None or number < 0:
        raise MalformedError(f"{name} is no whole number", where=line, code="report.value")
    return number


COLLECTOR: Final[Any] = CanaryRequests()
