"""LitmusChaos: ``ChaosResult`` objects, as ``kubectl get chaosresult -o yaml|json`` writes them.

The steady state before and after is that of the probes that look then (modes SOT, EOT and Edge; litmuschaos.io,
"Resilience Probes"); a result without such probes does not say. ``probeSuccessPercentage`` is text. An experiment that
is not over has the verdict ``Awaited``, which is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _manifests
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.collect._manifests import Manifest
    from gatekeeper.collect.reading import Report

_VERDICTS: Final[Mapping[str, str]] = {
    "pass": "passed",
    "fail": "failed",
    "error": "failed",
    "stopped": "stopped",
    "awaited": "unfinished",
    "": "unfinished",
}
_PERCENT: Final = re.compile(r"\d{1,3}", re.ASCII)
_ALL: Final = 100
_BEFORE: Final = frozenset({"sot", "edge"})
_AFTER: Final = frozenset({"eot", "edge"})


@dataclass(frozen=True, slots=True)
class _Litmus:
    format: str = "litmus"
    kind: str = "chaos"

    def matches(self, report: Report) -> bool:
        return "ChaosResult" in _manifests.kinds_in(report)

    def read(self, report: Report) -> Reading:
        found = [item for item in _manifests.objects(report).manifests if item.kind == "ChaosResult"]
        experiments = [_experiment(item) for item in found]
        claimed = [said for item in found if (said := _claimed(item))]
        facts = {
            "tool": "litmus",
            "experiments": experiments,
            "experiment_count": len(experiments),
            "complete": not claimed and all(experiment["verdict"] != "unfinished" for experiment in experiments),
            **({"claimed": claimed[0]} if claimed else {}),
        }
        media_type = "application/json" if report.looks_like_json else "application/yaml"
        return Reading(kind="chaos", format="litmus", facts=facts, producer="litmus", media_type=media_type)


def _experiment(manifest: Manifest) -> dict[str, Any]:
    place = f"{manifest.place}/status"
    status = fields.mapping(manifest.value, "status", manifest.place)
    ended = fields.mapping(status, "experimentStatus", place)
    probes = [_probe(item, here) for item, here in fields.each_in(status, "probeStatuses", place)]
    verdict = _verdict(ended, f"{place}/experimentStatus")
    stated = _percent(ended, f"{place}/experimentStatus")
    if verdict == "passed" and any(not passed for _, passed in probes):
        verdict = "failed"
    return {
        "name": manifest.name,
        "verdict": verdict,
        "actions": _runs(status, place),
        "locator": place,
        **fields.known(
            before_met=_met(probes, _BEFORE),
            after_met=_met(probes, _AFTER),
            probes=len(probes) or None,
            probes_passed=sum(passed for _, passed in probes) if probes else None,
            probe_success_percent=_passed_percent(probes) if probes else stated,
        ),
    }


def _verdict(ended: dict[str, Any], place: str) -> str:
    word = fields.optional_text(ended, "verdict", place).lower()
    if word not in _VERDICTS:
        raise MalformedError(f"the verdict {word!r} is not known", where=f"{place}/verdict", code="litmus.verdict")
    phase = fields.optional_text(ended, "phase", place).lower()
    if _VERDICTS[word] == "passed" and phase != "completed":
        return "unfinished"
    return _VERDICTS[word]


def _percent(ended: dict[str, Any], place: str) -> int | None:
    text = fields.optional_text(ended, "probeSuccessPercentage", place)
    if not text or text.lower() == "awaited":
        return None
    if not _PERCENT.fullmatch(text) or int(text) > _ALL:
        raise MalformedError("no percentage", where=f"{place}/probeSuccessPercentage", code="litmus.percentage")
    return int(text)


def _probe(item: dict[str, Any], place: str) -> tuple[str, bool]:
    """When a probe looks, and whether it passed; one that was not reached did not."""
    status = fields.mapping(item, "status", place)
    verdict = fields.optional_text(status, "verdict", f"{place}/status")
    return fields.optional_text(item, "mode", place).lower(), verdict.lower() == "passed"


def _passed_percent(probes: Sequence[tuple[str, bool]]) -> int:
    return sum(passed for _, passed in probes) * 100 // len(probes)


def _claimed(manifest: Manifest) -> dict[str, Any]:
    """The percentage that a result states, where its probes give another; nothing where they do not."""
    place = f"{manifest.place}/status"
    status = fields.mapping(manifest.value, "status", manifest.place)
    stated = _percent(fields.mapping(status, "experimentStatus", place), f"{place}/experimentStatus")
    probes = [_probe(item, here) for item, here in fields.each_in(status, "probeStatuses", place)]
    if stated is None or not probes or stated == _passed_percent(probes):
        return {}
    return {"probeSuccessPercentage": stated, "locator": place}


def _met(probes: Iterable[tuple[str, bool]], modes: frozenset[str]) -> bool | None:
    looked = [passed for mode, passed in probes if mode in modes]
    return all(looked) if looked else None


def _runs(status: dict[str, Any], place: str) -> int:
    history = fields.optional_mapping(status, "history", place)
    names = ("passedRuns", "failedRuns", "stoppedRuns")
    return sum(fields.whole(history, name, f"{place}/history") for name in names if name in history)


COLLECTOR: Final = _Litmus()
