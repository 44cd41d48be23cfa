"""CTRF, the Common Test Report Format (ctrf-io/ctrf, schema 1.0.0), also of older reporters without ``reportFormat``.

A test that is ``pending`` did not run; one that is ``other`` said nothing that is known, which is an error. A test that
passed after a retry is flaky. Reporters may drop what went wrong outside of a test: nothing in the format can show it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _tests, _text
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS: Final[Mapping[str, str]] = {
    "passed": "passed",
    "failed": "failed",
    "skipped": "skipped",
    "pending": "skipped",
    "other": "errored",
}


def recognise(value: Any) -> bool:
    """Whether this is a report in CTRF."""
    results = value.get("results") if isinstance(value, dict) else None
    return isinstance(results, dict) and {"tool", "summary", "tests"} <= results.keys()


def read(value: Any) -> Reading:
    """Read the tests; the summary is compared with them."""
    results = fields.mapping(fields.document(value), "results", "")
    tool = fields.mapping(results, "tool", "/results")
    producer = f"{fields.text(tool, 'name', '/results/tool')} {fields.optional_text(tool, 'version', '/results/tool')}"
    said = [(item, place) for item, place in fields.each(fields.items(results, "tests", "/results"), "/results/tests")]
    summary = fields.mapping(results, "summary", "/results")
    facts = _tests.facts(
        [_test(item, place) for item, place in said],
        duration_ms=_duration(summary),
        claimed=_claimed(summary, [item["status"] for item, _ in said]),
    )
    return Reading(
        kind="test_results", format="ctrf", facts=facts, producer=producer.strip(), media_type="application/json"
    )


def _test(item: dict[str, Any], place: str) -> _tests.Ran:
    status = fields.text(item, "status", place)
    if status not in _STATUS:
        raise MalformedError(f"the status {status!r} is not known", where=f"{place}/status", code="ctrf.status")
    outcome = _STATUS[status]
    if outcome == "passed" and (item.get("flaky") is True or item.get("retries") not in {None, 0}):
        outcome = "flaky"
    return _tests.Ran(
        suite=_suite(item, place),
        name=fields.text(item, "name", place),
        outcome=outcome,
        message=_text.message(fields.optional_text(item, "message", place)),
        locator=place,
    )


def _suite(item: dict[str, Any], place: str) -> str:
    if isinstance(item.get("suite"), list):
        return " > ".join(fields.optional_texts(item, "suite", place))
    return fields.optional_text(item, "suite", place) or fields.optional_text(item, "filePath", place)


def _duration(summary: dict[str, Any]) -> int | None:
    start, stop = (fields.optional_number(summary, name, "/results/summary") for name in ("start", "stop"))
    return round(stop - start) if start is not None and stop is not None and stop >= start else None


def _claimed(summary: dict[str, Any], statuses: list[str]) -> dict[str, Any]:
    counted = {"tests": len(statuses), **{status: statuses.count(status) for status in _STATUS}}
    wrong = {
        name: said
        for name, there in counted.items()
        if (said := fields.whole(summary, name, "/results/summary")) != there
    }
    return {"locator": "/results/summary", **wrong} if wrong else {}


COLLECTOR: Final = JsonFormat(format="ctrf", kind="test_results", recognise=recognise, reader=read)
