"""Kubernetes: ``HorizontalPodAutoscaler`` objects of ``autoscaling/v2`` with their status, YAML or JSON.

What is used are the replicas there are, or more where more are wanted; the limit is ``maxReplicas``. An autoscaler that
cannot compute what is wanted (condition ``ScalingActive``) says nothing of capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _capacity, _manifests
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from gatekeeper.collect._manifests import Manifest
    from gatekeeper.collect.reading import Reading, Report

_KIND: Final = "HorizontalPodAutoscaler"


@dataclass(frozen=True, slots=True)
class _Autoscaler:
    format: str = "kubernetes-hpa"
    kind: str = "capacity"

    def matches(self, report: Report) -> bool:
        return _manifests.kinds_in(report) == {_KIND} and b"currentReplicas" in report.data

    def read(self, report: Report) -> Reading:
        held = _manifests.objects(report)
        scalers = [_resource(item) for item in held.manifests]
        times = [time for item in held.manifests for time in _times(item)]
        media_type = "application/json" if report.looks_like_json else "application/yaml"
        return _capacity.reading(
            self.format,
            "kubernetes",
            [resource for resource, _ in scalers],
            max(times, default=""),
            complete=held.complete and bool(times) and all(active for _, active in scalers),
            media_type=media_type,
        )


def _resource(scaler: Manifest) -> tuple[dict[str, Any], bool]:
    """The replicas, and whether the autoscaler can say how many are wanted."""
    spec = fields.mapping(scaler.value, "spec", scaler.place)
    status, place = fields.mapping(scaler.value, "status", scaler.place), f"{scaler.place}/status"
    current = fields.whole(status, "currentReplicas", place)
    wanted = fields.whole(status, "desiredReplicas", place)
    most = fields.whole(spec, "maxReplicas", f"{scaler.place}/spec")
    name = f"{scaler.called} replicas"
    return _capacity.resource(name, "count", Decimal(max(current, wanted)), Decimal(most), place), _condition(
        status, place, "ScalingActive"
    )


def _condition(status: dict[str, Any], place: str, name: str) -> bool:
    conditions = fields.each_in(status, "conditions", place)
    return any(item.get("type") == name and item.get("status") == "True" for item, _ in conditions)


def _times(scaler: Manifest) -> list[str]:
    """When the conditions changed; the newest is the youngest that the status can be."""
    status, place = fields.mapping(scaler.value, "status", scaler.place), f"{scaler.place}/status"
    found = [
        fields.instant(item, "lastTransitionTime", here) for item, here in fields.each_in(status, "conditions", place)
    ]
    return [time for time in found if time]


COLLECTOR: Final = _Autoscaler()
