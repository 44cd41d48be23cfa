"""VEX, misconfigurations, secrets: whatever a member is replaced with is read or refused with its place."""

from __future__ import annotations

from typing import Any

import pytest
import small_reports as small
import small_stage2b as ours

from gatekeeper.collect import registry
from gatekeeper.collect.reading import Report
from gatekeeper.errors import GatekeeperError, MalformedError, UsageError

JUNK: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "", "x", [], [None], [[]], {}, {"x": None})
PLACES = [(name, place) for name, report in ours.JSON.items() for place in small.places(report)]


@pytest.mark.parametrize("name", ours.JSON)
def test_a_small_report_is_read_as_its_format(name: str) -> None:
    reading = registry.read(Report(small.encoded(ours.JSON[name]), "r.json"))
    assert reading.format == name.split(maxsplit=1)[0]


def refusal(report: Report) -> GatekeeperError | None:
    """What a report is refused with; None when it is read."""
    try:
        registry.read(report)
    except (MalformedError, UsageError) as problem:
        refused: GatekeeperError = problem
        return refused
    return None


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_a_member_of_another_type_is_read_or_refused_with_its_place(name: str, place: str) -> None:
    for junk in JUNK:
        refused = refusal(Report(small.encoded(small.changed(ours.JSON[name], place, junk)), "r.json"))
        if isinstance(refused, UsageError):
            assert refused.code == "collect.unrecognised", junk
        elif refused is not None:
            assert refused.code != "collect.broken", refused
            assert refused.where.startswith("r.json: /"), refused


@pytest.mark.parametrize("name", ours.JSON)
def test_no_secret_of_a_report_becomes_a_fact(name: str) -> None:
    facts = registry.read(Report(small.encoded(ours.JSON[name]), "r.json")).facts
    assert "hunter2" not in repr(facts)
