"""Kayenta (Spinnaker): the result of a canary execution, ``GET /canary/{canaryExecutionId}``.

``status`` says whether it *ran*; the verdict is the classification of the judge's score. A ``Marginal`` score lies
between the thresholds and is no verdict, and a metric without data was not judged. A pass of a canary that was compared
with itself shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERDICTS: Final[Mapping[str, str]] = {"pass": "pass", "fail": "fail", "marginal": "inconclusive"}
_METRICS: Final[Mapping[str, str]] = {
    "pass": "pass",
    "high": "fail",
    "low": "fail",
    "nodata": "inconclusive",
    "nodatafailmetric": "inconclusive",
    "error": "error",
}
_RUNNING: Final = frozenset({"not_started", "running", "paused", "suspended", "buffered"})


def recognise(value: Any) -> bool:
    """Whether this is the result of a canary execution."""
    return isinstance(value, dict) and value.keys() >= {"canaryExecutionRequest", "status", "stageStatus"}


def read(value: Any) -> Reading:
    """Read the verdict."""
    report = fields.document(value)
    judged = _judged(report)
    outcome = _outcome(report, judged)
    metrics = [_metric(item, here) for item, here in fields.each_in(judged, "results", "/result/judgeResult")]
    whole = (
        outcome in {"pass", "fail"}
        and report.get("complete") is True
        and (outcome == "fail" or not _against_itself(report))
        and all(metric["outcome"] in {"pass", "fail"} for metric in metrics)
    )
    facts = {
        "tool": "kayenta",
        "name": fields.optional_text(report, "application", "") or "canary",
        "outcome": outcome,
        "metrics": metrics,
        "judged_count": len(metrics),
        "complete": whole,
        **fields.known(
            score_percent=_score(judged),
            started_at=fields.instant(report, "startTimeIso", ""),
            finished_at=fields.instant(report, "endTimeIso", ""),
        ),
    }
    return Reading(kind="analysis", format="kayenta", facts=facts, producer="kayenta", media_type="application/json")


def _judged(report: dict[str, Any]) -> dict[str, Any]:
    """What the judge said; empty for an execution that did not come so far."""
    result = fields.optional_mapping(report, "result", "")
    return fields.optional_mapping(result, "judgeResult", "/result")


def _outcome(report: dict[str, Any], judged: dict[str, Any]) -> str:
    status = fields.text(report, "status", "").lower()
    if status != "succeeded" or report.get("exception") is not None:
        return "running" if status in _RUNNING else "error"
    if not judged:
        return "error"
    place = "/result/judgeResult/score"
    score = fields.mapping(judged, "score", "/result/judgeResult")
    return _word(_VERDICTS, fields.text(score, "classification", place), f"{place}/classification")


def _metric(item: dict[str, Any], place: str) -> dict[str, Any]:
    experiment = fields.optional_mapping(item, "experimentMetadata", place)
    stats = fields.optional_mapping(experiment, "stats", f"{place}/experimentMetadata")
    count = fields.optional_number(stats, "count", f"{place}/experimentMetadata/stats")
    return {
        "name": fields.text(item, "name", place),
        "outcome": _word(_METRICS, fields.text(item, "classification", place), f"{place}/classification"),
        "dry_run": False,
        "measurements": int(count) if count is not None and 0 <= count < 2**53 else 0,
        "locator": place,
    }


def _score(judged: dict[str, Any]) -> int | None:
    """The score from 0 to 100, rounded down."""
    place = "/result/judgeResult/score"
    number = fields.optional_number(fields.optional_mapping(judged, "score", "/result/judgeResult"), "score", place)
    if number is None:
        return None
    if not 0 <= number <= 100:  # noqa: PLR2004 - per cent
        raise MalformedError("no score from 0 to 100", where=f"{place}/score", code="report.value")
    return int(number)


def _against_itself(report: dict[str, Any]) -> bool:
    place = "/canaryExecutionRequest"
    request = fields.mapping(report, "canaryExecutionRequest", "")
    scopes = fields.optional_mapping(request, "scopes", place)
    pairs = [fields.mapping(scopes, name, f"{place}/scopes") for name in scopes]
    return not pairs or any(pair.get("controlScope") == pair.get("experimentScope") for pair in pairs)


def _word(known: Mapping[str, str], word: str, place: str) -> str:
    if word.lower() not in known:
        raise MalformedError(f"the classification {word!r} is not known", where=place, code="report.value")
    return known[word.lower()]


COLLECTOR: Final = JsonFormat(format="kayenta", kind="analysis", recognise=recognise, reader=read)
