"""Google Benchmark: ``--benchmark_out_format=json`` (google/benchmark, "Output Formats").

Each repetition is a round; aggregates (mean, median, stddev, BigO, RMS) are not measured and are passed over. A
benchmark that says ``error_occurred`` or was skipped makes the report incomplete. The real time of an iteration counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect import _benchmarks
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS: Final[Mapping[str, float]] = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_AGGREGATE: Final = ("_mean", "_median", "_stddev", "_cv", "_BigO", "_RMS")


def recognise(value: Any) -> bool:
    """Whether this is such a report."""
    if not isinstance(value, dict) or not isinstance(value.get("benchmarks"), list) or "machine_info" in value:
        return False
    first = value["benchmarks"][0] if value["benchmarks"] else {}
    return isinstance(first, dict) and "real_time" in first and "cpu_time" in first


def read(value: Any) -> Reading:
    """Read the repetitions of each benchmark."""
    rounds: dict[str, list[float]] = {}
    places: dict[str, str] = {}
    failed = False
    for item, place in fields.each_in(fields.document(value), "benchmarks", ""):
        if _is_aggregate(item, place):
            continue
        if item.get("error_occurred") is True or item.get("skipped") is True:
            failed = True
            continue
        name = fields.optional_text(item, "run_name", place) or fields.text(item, "name", place)
        rounds.setdefault(name, []).append(_seconds(item, place))
        places.setdefault(name, place)
    found = [_benchmarks.benchmark(name, seconds, places[name]) for name, seconds in rounds.items()]
    facts = {"tool": "google-benchmark", "benchmarks": found, "benchmark_count": len(found), "complete": not failed}
    return Reading(
        kind="benchmark",
        format="google-benchmark",
        facts=facts,
        producer="google-benchmark",
        media_type="application/json",
    )


def _is_aggregate(item: dict[str, Any], place: str) -> bool:
    kind = fields.optional_text(item, "run_type", place)
    return kind == "aggregate" or (not kind and fields.text(item, "name", place).endswith(_AGGREGATE))


def _seconds(item: dict[str, Any], place: str) -> float:
    unit = fields.text(item, "time_unit", place)
    if unit not in _UNITS:
        raise MalformedError(f"the unit {unit!r} is not known", where=f"{place}/time_unit", code="benchmark.unit")
    time = fields.optional_number(item, "real_time", place)
    if time is None:
        raise fields.missing("real_time", place)
    return time * _UNITS[unit]


COLLECTOR: Final = JsonFormat(format="google-benchmark", kind="benchmark", recognise=recognise, reader=read)
