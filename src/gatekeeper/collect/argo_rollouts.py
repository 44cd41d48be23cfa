"""Argo Rollouts: ``AnalysisRun`` objects, as ``kubectl get analysisrun -o yaml|json`` writes them.

The phase of the run is its verdict (argo-rollouts, ``pkg/apis/rollouts/v1alpha1/analysis_types.go``); ``Successful``
and ``Failed`` alone are one. Metrics of a dry run count for nothing. A metric that was asked for and has no measurement
was not judged, whatever the phase says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect._manifests import Manifest
    from gatekeeper.collect.reading import Report

_OUTCOMES: Final[Mapping[str, str]] = {
    "Successful": "pass",
    "Failed": "fail",
    "Inconclusive": "inconclusive",
    "Error": "error",
    "Running": "running",
    "Pending": "running",
    "": "running",
}


@dataclass(frozen=True, slots=True)
class _Argo:
    format: str = "argo-analysisrun"
    kind: str = "analysis"

    def matches(self, report: Report) -> bool:
        return "AnalysisRun" in _manifests.kinds_in(report)

    def read(self, report: Report) -> Reading:
        found = [item for item in _manifests.objects(report).manifests if item.kind == "AnalysisRun"]
        if len(found) != 1:
            hint = "attest each run by itself"
            raise MalformedError(f"{len(found)} analysis runs", where=report.name, hint=hint, code="argo.runs")
        media_type = "application/json" if report.looks_like_json else "application/yaml"
        facts = _facts(found[0])
        return Reading(kind=self.kind, format=self.format, facts=facts, producer="argo-rollouts", media_type=media_type)


def _facts(run: Manifest) -> dict[str, Any]:
    status = fields.optional_mapping(run.value, "status", run.place)
    place = f"{run.place}/status"
    outcome = _outcome(status, place)
    metrics = [_metric(item, here) for item, here in fields.each_in(status, "metricResults", place)]
    judged = [metric for metric in metrics if not metric["dry_run"]]
    asked = {fields.text(item, "name", here) for item, here in _asked(run)}
    whole = (
        outcome in {"pass", "fail"}
        and asked <= {metric["name"] for metric in metrics}
        and (outcome == "fail" or all(metric["measurements"] and metric["outcome"] == "pass" for metric in judged))
    )
    return {
        "tool": "argo-rollouts",
        "name": run.name,
        "outcome": outcome,
        "metrics": metrics,
        "judged_count": len(judged),
        "complete": whole,
        **fields.known(started_at=fields.instant(status, "startedAt", place), finished_at=_last(status, place)),
    }


def _asked(run: Manifest) -> list[tuple[dict[str, Any], str]]:
    spec = fields.mapping(run.value, "spec", run.place)
    return list(fields.each(fields.items(spec, "metrics", f"{run.place}/spec"), f"{run.place}/spec/metrics"))


def _metric(item: dict[str, Any], place: str) -> dict[str, Any]:
    return {
        "name": fields.text(item, "name", place),
        "outcome": _outcome(item, place),
        "dry_run": _flag(item, "dryRun", place),
        "measurements": fields.whole(item, "count", place) if "count" in item else 0,
        "locator": place,
    }


def _outcome(owner: dict[str, Any], place: str) -> str:
    phase = fields.optional_text(owner, "phase", place)
    if phase not in _OUTCOMES:
        raise MalformedError(f"the phase {phase!r} is not known", where=f"{place}/phase", code="report.value")
    return _OUTCOMES[phase]


def _flag(item: dict[str, Any], name: str, place: str) -> bool:
    value = item.get(name)
    if value is not None and not isinstance(value, bool):
        raise fields.wrong(value, "true or false", f"{place}/{name}")
    return value is True


def _last(status: dict[str, Any], place: str) -> str:
    """When the last measurement ended; empty when none has."""
    ends = [
        fields.instant(measurement, "finishedAt", there)
        for item, here in fields.each_in(status, "metricResults", place)
        for measurement, there in fields.each_in(item, "measurements", here)
    ]
    return max(ends, default="")


COLLECTOR: Final = _Argo()
