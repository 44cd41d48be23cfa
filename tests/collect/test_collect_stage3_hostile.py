"""Broken reports on resilience, access and configuration: refused with a place, or facts that hold; nothing else."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError
from gatekeeper.facts import kind

ROOT = Path(__file__).resolve().parents[2] / "fixtures"
KINDS = frozenset(
    {
        "chaos",
        "configuration",
        "endurance",
        "privileges",
        "release_notes",
        "risk",
        "rollback",
        "secret_management",
        "workload_identity",
    }
)
SECONDS = 20
"""Far more than any of these takes, less than anything that runs away."""

quick = settings(
    deadline=None,
    max_examples=int(os.environ.get("GATEKEEPER_TEST_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow],
)


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Each report of these kinds, with its kind."""
    expected: dict[str, Any] = json.loads((ROOT / "expected.json").read_bytes())
    return tuple(
        (said["kind"], (ROOT / name).read_bytes()) for name, said in sorted(expected.items()) if said["kind"] in KINDS
    )


def read_or_refused(data: bytes, wanted: str) -> None:
    refused: GatekeeperError | None = None
    try:
        reading = registry.read(Report(data, "r"), kind=wanted)
    except GatekeeperError as error:
        refused = error
    if refused is None:
        kind(reading.kind).validate(reading.facts)
    else:
        assert refused.code != "collect.broken", str(refused)
        assert refused.where.startswith("r")


def test_every_kind_has_reports_to_begin_with() -> None:
    assert {wanted for wanted, _ in seeds()} == KINDS


@quick
@given(st.data())
def test_only_typed_errors_come_out_of_broken_reports(data: st.DataObject) -> None:
    wanted, report = data.draw(st.sampled_from(seeds()))
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(report)), st.integers(0, len(report)))))
    piece = data.draw(st.sampled_from([b"", b"\0", b"\xff", b"- ", b": ", b"&a ", b"*a", b"[", b"{", b'"', b"9" * 400]))
    read_or_refused(report[:start] + piece + report[min(end, start + 40) :], wanted)


values: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.text(max_size=4) | st.just([]) | st.just({}) | st.just([{}])
)


@quick
@given(st.data())
def test_only_typed_errors_come_out_of_a_member_of_another_shape(data: st.DataObject) -> None:
    held = [(wanted, report) for wanted, report in seeds() if report[:1] in (b"{", b"[")]
    wanted, report = data.draw(st.sampled_from(held))
    lines = report.splitlines() if Report(report).is_stream else [report]
    at = data.draw(st.integers(0, len(lines) - 1))
    document = json.loads(lines[at])
    place: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place)))))
        if not place[key] or not isinstance(place[key], (dict, list)) or data.draw(st.integers(0, 4)) == 0:
            break
        place = place[key]
    if data.draw(st.booleans()) and isinstance(place, dict):
        del place[key]
    else:
        place[key] = data.draw(values)
    lines[at] = json.dumps(document).encode()
    read_or_refused(b"\n".join(lines), wanted)


HEAD = b"apiVersion: v1\nkind: Deployment\nmetadata: {name: a}\n"
FLOODS = {
    "documents": ("configuration", b"---\n".join([b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"] * 3_000)),
    "depth": ("configuration", HEAD + b"spec: " + b"[" * 20_000),
    "aliases": ("configuration", HEAD + b"a: &a [x]\nb: [" + b"*a," * 10_000 + b"]\n"),
    "one key": ("configuration", HEAD + b"a" * 1_000_000 + b": 1\n"),
    "headings": ("release_notes", b"# Changelog\n" + b"\n## 1.0.0 - 2026-01-15" * 20_000),
    "dashes": ("release_notes", b"# Changelog\n\n## " + b"- " * 200_000 + b"\n"),
    "comments": ("release_notes", b"# Changelog\n\n## 1.0.0\n" + b"<!--" * 200_000),
    "rows": ("endurance", b"Timestamp,User Count,Type,Name,Requests/s,Failures/s,95%\n" + b"1,1,,Aggregated,0,0,1\n" * 50_000),
    "tags": ("risk", json.dumps([{"category": "c", "risk_status": "accepted", "severity": "low", "synthetic_id": "s", "title": "<" * 200_000}]).encode()),
}  # fmt: skip


@pytest.mark.no_cover  # a measured line costs several times itself
@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_ends_in_bounded_time(name: str) -> None:
    wanted, data = FLOODS[name]
    started = time.monotonic()
    read_or_refused(data, wanted)

    assert time.monotonic() - started < SECONDS
