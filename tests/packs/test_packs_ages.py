"""Ages of times that stand in items: each is looked at, and the oldest closes the gate."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pack_files import write_pack

from gatekeeper import _time
from gatekeeper.testing import NOW, MadeDocument, Rules, facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.testing import AskedRule

RULE = """\
# METADATA
# title: Runbooks were looked at not long ago
# description: For a test.
# custom:
#   needs: {runbook: [runbooks.name, runbooks.reviewed_at, runbooks.reviewers, runbooks.locator]}
#   parameters: {longest: {type: string, default: 90d, tighten: down}}
#   ages: {runbook.runbooks.reviewed_at: longest}
#   remedy: Review it.
package gatekeeper.demo.probe

import rego.v2

deny contains violation if {
	some report in input.runbook
	some runbook in report.runbooks
	count(runbook.reviewers) == 0
	violation := {
		"message": $"nobody reviewed {runbook.name} at {runbook.reviewed_at}",
		"term": runbook.name,
		"source": report.source,
		"locator": runbook.locator,
	}
}
"""


@pytest.fixture
def probe(tmp_path: Path, binary: OpaBinary) -> Iterator[AskedRule]:
    with Rules.load([write_pack(tmp_path, RULE)], binary) as rules:
        yield rules("demo.probe")


def reviewed(*days: int) -> MadeDocument:
    times = [_time.format_instant(NOW - timedelta(days=ago)) for ago in days]
    return facts.runbook(runbooks=[{"name": f"r{at}", "reviewed_at": time} for at, time in enumerate(times)])


@pytest.mark.parametrize(
    ("days", "messages"),
    [
        ((1, 90), []),
        ((1, 91), ["runbook.runbooks[1].reviewed_at is older than 90d: 2025-10-02T12:00:00Z"]),
        ((-1, 1), ["runbook.runbooks[0].reviewed_at is 2026-01-02T12:00:00Z, in the future"]),
    ],
)
def test_every_item_is_looked_at(days: tuple[int, ...], messages: list[str], probe: AskedRule) -> None:
    assert probe.given(reviewed(*days)).messages == messages
    assert probe.given(reviewed(*days)).outcome == ("fail" if messages else "pass")


def test_a_time_that_is_not_there_is_unanswered(probe: AskedRule) -> None:
    outcome = probe.given(reviewed(1).without("runbooks.reviewed_at"))

    assert outcome.outcome == "unanswered"
    assert outcome.messages == ["needs runbook.runbooks[0].reviewed_at: absent in runbook.json"]
