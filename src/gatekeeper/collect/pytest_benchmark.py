"""pytest-benchmark: the file of ``--benchmark-json`` (versions 2.5 to 5). Durations in it are seconds.

Without ``--benchmark-save-data`` some versions leave the rounds out: then there are no samples, and nothing that
compares them can be answered.
"""

from __future__ import annotations

from typing import Any, Final

from gatekeeper.collect import _benchmarks
from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

_NANOSECONDS: Final = 10**9


def recognise(value: Any) -> bool:
    """Whether this is such a file."""
    return isinstance(value, dict) and {"machine_info", "benchmarks", "version"} <= value.keys()


def read(value: Any) -> Reading:
    """Read each benchmark."""
    report = fields.document(value)
    found = [_one(item, place) for item, place in fields.each_in(report, "benchmarks", "")]
    version = fields.optional_text(report, "version", "")
    facts = {"tool": "pytest-benchmark", "benchmarks": found, "benchmark_count": len(found), "complete": True}
    return Reading(
        kind="benchmark",
        format="pytest-benchmark",
        facts=facts,
        producer=f"pytest-benchmark {version}".strip(),
        media_type="application/json",
    )


def _one(item: dict[str, Any], place: str) -> dict[str, Any]:
    name = fields.optional_text(item, "fullname", place) or fields.text(item, "name", place)
    stats, here = fields.mapping(item, "stats", place), f"{place}/stats"
    data = fields.optional_items(stats, "data", here)
    rounds = fields.whole(stats, "rounds", here)
    if data:
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in data):
            raise MalformedError("a round that is no number", where=f"{here}/data", code="benchmark.duration")
        if len(data) != rounds:
            raise MalformedError(
                f"{rounds} rounds, {len(data)} are there", where=f"{here}/data", code="benchmark.rounds"
            )
        return _benchmarks.benchmark(name, data, place)
    known = {key: fields.optional_number(stats, key, here) for key in ("min", "median")}
    if None in known.values():
        raise MalformedError("neither rounds nor a median", where=here, code="benchmark.rounds")
    return {
        "name": name,
        "rounds": rounds,
        "min_ns": round((known["min"] or 0) * _NANOSECONDS),
        "median_ns": round((known["median"] or 0) * _NANOSECONDS),
        "locator": place,
    }


COLLECTOR: Final = JsonFormat(format="pytest-benchmark", kind="benchmark", recognise=recognise, reader=read)
