"""OpenSLO v1 and v1alpha: definitions alone, and definitions together with what Prometheus measured.

A definition (YAML or JSON, OpenSLO/OpenSLO ``README.md``) is no measurement; alone it makes objectives that nobody has
measured. With measurements it is one JSON object::

    {"openslo": [DEFINITION], "measured_at": "2026-11-24T10:00:00Z",
     "measurements": {"availability": {"good": ANSWER, "total": ANSWER}}}

A measurement belongs to the SLO of its name, or to one of its objectives as ``availability/gold``; it has two of
``good``, ``bad`` and ``total``, each what ``/api/v1/query`` returned for the window of the SLO. With the budgeting
method ``Timeslices`` they count slices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests, _prometheus, _slo
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.errors import MalformedError
from gatekeeper.facts.objectives import shares
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.collect._manifests import Manifest
    from gatekeeper.collect.reading import Reading, Report

_VERSIONS: Final = ("openslo/v1", "openslo/v1alpha", "openslo.com/v1")
_KEYS: Final = frozenset({"openslo", "measured_at", "measurements"})
_COUNTS: Final = ("good", "bad", "total")


@dataclass(frozen=True, slots=True)
class _Definitions:
    """Reads definitions without measurements."""

    format: str = "openslo"
    kind: str = "slo"

    def matches(self, report: Report) -> bool:
        return "SLO" in _manifests.kinds_in(report)

    def read(self, report: Report) -> Reading:
        found = [item for item in _manifests.objects(report).manifests if item.kind == "SLO"]
        objectives = [objective for item in found for objective, _ in _objectives(item)]
        return _slo.reading("openslo", self.format, objectives, [], complete=False)


def recognise(value: Any) -> bool:
    """Whether these are definitions with measurements."""
    return isinstance(value, dict) and value.keys() >= {"openslo", "measurements"}


def read(value: Any) -> Reading:
    """Read definitions and measurements."""
    report = fields.document(value)
    for name in sorted(report.keys() - _KEYS):
        raise MalformedError("not known here", where=f"/{name}", code="shape")
    measured_at = fields.instant(report, "measured_at", "")
    if not measured_at:
        raise fields.missing("measured_at", "")
    measurements = fields.mapping(report, "measurements", "")
    counted = {name: _counts(measurements, name) for name in measurements}
    used: set[str] = set()
    objectives, whole = [], True
    for manifest in _manifests_in(report):
        for objective, keys in _objectives(manifest):
            key = next((name for name in keys if name in counted), "")
            used.add(key)
            good, total, complete = counted.get(key, (0, 0, False))
            whole = whole and complete
            counts = {"good": good, "total": total} if key else {}
            objectives.append({**objective, **counts, **shares(objective["target_ppm"], good, total)})
    for name in sorted(counted.keys() - used):
        hint = "a measurement has the name of an SLO, or SLO/objective"
        raise MalformedError(
            "no objective is called that", where=f"/measurements/{name}", hint=hint, code="openslo.name"
        )
    return _slo.reading("openslo", "openslo-prometheus", objectives, [measured_at], complete=whole)


def _manifests_in(report: dict[str, Any]) -> Iterator[Manifest]:
    for item, place in fields.each(fields.items(report, "openslo", ""), "/openslo"):
        metadata = fields.mapping(item, "metadata", place)
        name = fields.text(metadata, "name", f"{place}/metadata")
        kind = fields.text(item, "kind", place)
        if kind != "SLO":
            raise MalformedError(f"a {kind}, where an SLO is needed", where=f"{place}/kind", code="openslo.kind")
        yield _manifests.Manifest(kind=kind, name=name, namespace="", value=item, place=place)


def _objectives(manifest: Manifest) -> Iterator[tuple[dict[str, Any], tuple[str, str]]]:
    """The objectives of a definition, each with the names by which it may have been measured."""
    version = fields.text(manifest.value, "apiVersion", manifest.place)
    if version not in _VERSIONS:
        raise MalformedError(
            f"the version {version!r} is not read", where=f"{manifest.place}/apiVersion", code="openslo.version"
        )
    spec, place = fields.mapping(manifest.value, "spec", manifest.place), f"{manifest.place}/spec"
    window = _window(spec, place)
    for index, (item, here) in enumerate(fields.each(fields.items(spec, "objectives", place), f"{place}/objectives")):
        called = fields.optional_text(item, "displayName", here) or str(index + 1)
        objective = {
            "name": f"{manifest.name}/{called}",
            "target_ppm": _target(item, here),
            **fields.known(window=window),
            "locator": here,
        }
        yield objective, (f"{manifest.name}/{called}", manifest.name)


def _target(item: dict[str, Any], place: str) -> int:
    share = fields.optional_number(item, "target", place)
    percent = fields.optional_number(item, "targetPercent", place)
    if (share is None) == (percent is None):
        raise MalformedError("one of target and targetPercent is needed", where=place, code="openslo.target")
    if share is not None:
        return _slo.target(share, f"{place}/target")
    return _slo.target(percent or 0, f"{place}/targetPercent", of=100)


def _window(spec: dict[str, Any], place: str) -> str:
    """The first window: ``28d`` in v1, a number and a unit in v1alpha."""
    for item, here in fields.each_in(spec, "timeWindow", place):
        return fields.text(item, "duration", here)
    for item, here in fields.each_in(spec, "timeWindows", place):
        return f"{fields.whole(item, 'count', here)} {fields.text(item, 'unit', here)}"
    return ""


def _counts(measurements: dict[str, Any], name: str) -> tuple[int, int, bool]:
    """What was good and all there was, both whole and to our disadvantage, and whether there was data for it."""
    place = f"/measurements/{name}"
    measurement = fields.mapping(measurements, name, "/measurements")
    if len(measurement) != 2 or not measurement.keys() <= set(_COUNTS):  # noqa: PLR2004 - the third follows
        raise MalformedError("two of good, bad and total are needed", where=place, code="openslo.counts")
    answers = {key: _prometheus.read(measurement, key, place) for key in measurement}
    numbers = {key: answer.total() for key, answer in answers.items()}
    known = {key: number for key, number in numbers.items() if number is not None}
    if len(known) != 2:  # noqa: PLR2004 - as above
        return 0, 0, False
    bad = known["bad"] if "bad" in known else known["total"] - known["good"]
    good = known["good"] if "good" in known else known["total"] - known["bad"]
    if bad < 0 or good < 0:
        raise MalformedError("more than all, or less than none", where=place, code="openslo.counts")
    whole_good, whole_bad = math.floor(good), math.ceil(bad)
    return whole_good, whole_good + whole_bad, all(answer.is_whole for answer in answers.values())


DEFINITIONS: Final = _Definitions()
COLLECTOR: Final = JsonFormat(format="openslo-prometheus", kind="slo", recognise=recognise, reader=read)
