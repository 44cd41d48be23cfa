"""Apache DevLake: the domain table ``cicd_deployment_commits`` as CSV, from which DORA metrics are computed.

The ``result`` is what became of a deployment that is ``DONE``; anything else is unfinished.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import LimitError, MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.collect.reading import Report

_COLUMNS: Final = (
    "cicd_deployment_id",
    "commit_sha",
    "result",
    "status",
    "environment",
    "started_date",
    "finished_date",
)
_RESULTS: Final[Mapping[str, str]] = {"SUCCESS": "succeeded", "FAILURE": "failed", "ABORT": "failed"}
_HEADER: Final = re.compile(rb"[^\r\n]*\bcicd_deployment_id\b[^\r\n]*\r?\n")


class _DevLake:
    format: Final = "devlake-deployments"
    kind: Final = "deployment"

    def matches(self, report: Report) -> bool:
        header = _HEADER.match(report.head)
        return header is not None and all(name.encode() in header[0] for name in _COLUMNS)

    def read(self, report: Report) -> Reading:
        deployments = sorted(_deployments(report), key=lambda item: (item.get("finished_at", ""), item["id"]))
        facts = {
            "deployments": deployments,
            "deployment_count": len(deployments),
            "format": "devlake",
            "complete": True,
        }
        return Reading(kind=self.kind, format=self.format, facts=facts, producer="DevLake", media_type="text/csv")


COLLECTOR: Final = _DevLake()


def _deployments(report: Report) -> Iterator[dict[str, Any]]:
    try:
        rows = csv.DictReader(io.StringIO(report.data.decode("utf-8-sig"), newline=""), strict=True)
        for number, row in enumerate(rows):
            if number >= MAX_ITEMS:
                raise LimitError("too many rows", where=report.name, code="devlake.rows")
            yield _deployment(row, f"line {rows.line_num}")
    except (UnicodeDecodeError, csv.Error) as cause:
        raise MalformedError(f"not CSV in UTF-8: {cause}", where=report.name, code="devlake.csv") from cause


def _deployment(row: dict[str, str | None], place: str) -> dict[str, Any]:
    if None in row or None in row.values():
        raise MalformedError("a row with other columns than the header", where=place, code="devlake.columns")
    done, result = row["status"] == "DONE", row["result"] or ""
    if done and result not in _RESULTS:
        raise MalformedError(f"the result {result!r} is not known", where=place, code="devlake.result")
    return {
        "id": _text(row, "cicd_deployment_id", place),
        "environment": _text(row, "environment", place),
        "outcome": _RESULTS[result] if done else "unfinished",
        "locator": place,
        **fields.known(
            commit=row["commit_sha"],
            started_at=_instant(row["started_date"], place),
            finished_at=_instant(row["finished_date"], place),
        ),
    }


def _text(row: dict[str, str | None], name: str, place: str) -> str:
    text = row[name]
    if not text:
        raise MalformedError(f"no {name}", where=place, code="devlake.columns")
    return text


def _instant(text: str | None, place: str) -> str:
    return _time.format_instant(_time.parse_instant(text, where=place)) if text else ""
