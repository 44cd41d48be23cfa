"""Whatever a member of a canary's reports is replaced with, it is read or refused with its place; nothing else comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import small_reports as small
from hypothesis import given
from hypothesis import strategies as st
from test_collect_analysis import argo, kayenta
from test_collect_canary import HEADER, TELEMETRY, prometheus
from test_collect_flags_capacity import capacity, flag, scaler
from test_collect_slo import evaluated, generated, joined

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError

REPORTS: dict[str, Any] = {
    "canary-prometheus": prometheus(),
    "argo-analysisrun": argo(),
    "kayenta": kayenta(),
    "slo-generator": [generated()],
    "keptn-evaluation": evaluated(),
    "openslo-prometheus": joined(),
    "flagd": {"flags": {"express": flag(targeting={"if": []})}},
    "capacity-prometheus": capacity(),
    "kubernetes-hpa": scaler(),
}
JUNK: tuple[Any, ...] = (None, -1, 10**30, "x", [None], {"x": None})
PLACES = [(name, place) for name, report in REPORTS.items() for place in small.places(report)]


def read(report: Any) -> Any:
    return registry.read(Report(small.encoded(report), "r.json"))


def refusal(report: Report) -> GatekeeperError | None:
    """What a report is refused with, which is never a mistake of a collector; None when it is read."""
    try:
        registry.read(report)
    except (MalformedError, UsageError) as problem:
        refused: GatekeeperError = problem
    else:
        return None
    assert refused.code != "collect.broken", refused
    return refused


@pytest.mark.parametrize("name", REPORTS)
def test_each_is_read_as_its_format(name: str) -> None:
    assert read(REPORTS[name]).format == name


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_a_member_of_another_type_is_read_or_refused_with_its_place(name: str, place: str) -> None:
    for junk in JUNK:
        refused = refusal(Report(small.encoded(small.changed(REPORTS[name], place, junk)), "r.json"))
        if isinstance(refused, UsageError):
            assert refused.code == "collect.unrecognised", junk
        elif refused is not None:
            assert refused.where.startswith("r.json"), refused


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_is_cut_off_is_refused(name: str) -> None:
    data = small.encoded(REPORTS[name])
    for size in range(1, len(data) - 1, 23):
        with pytest.raises(MalformedError):
            registry.read(Report(data[:size], "r.json"))


@pytest.mark.parametrize("name", REPORTS)
def test_the_order_of_keys_changes_nothing(name: str) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(member) for key, member in reversed(value.items())}
        return [turned(item) for item in value] if isinstance(value, list) else value

    def plain(report: Any) -> list[str]:
        facts = read(report).facts
        lists = [facts.pop(key) for key in sorted(facts) if isinstance(facts[key], list)]
        return [
            json.dumps(facts, sort_keys=True),
            *sorted(json.dumps(item, sort_keys=True) for part in lists for item in part),
        ]

    assert plain(turned(REPORTS[name])) == plain(REPORTS[name])


@given(st.data())
def test_of_damaged_rows_only_typed_errors_come(data: st.DataObject) -> None:
    damaged = bytearray("\n".join([HEADER, *TELEMETRY, ""]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(len(HEADER) + 1, len(damaged)))
        size = data.draw(st.integers(0, 20))
        damaged[start : start + size] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b",", b"\n", b'"', b"\0", b"end"])
        )
    refusal(Report(bytes(damaged), "canary.csv"))
