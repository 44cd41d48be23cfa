"""Guards are switched off one by one: each scenario then comes out differently, so that its guard is what held it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from catalogue import SCENARIOS
from guards import CRASH_WITHOUT, GUARDS

if TYPE_CHECKING:
    from scenario import Scenario

    from project import Project

MISTAKE = "a mistake in gatekeeper itself"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.what)
def test_without_its_guard_it_comes_out_differently(project: Project, scenario: Scenario) -> None:
    ran = scenario.happen(project, without=GUARDS[scenario.guard].taken_away)
    assert not scenario.held(ran), f"something else than {scenario.guard} closes it: {ran.reasons}"
    if MISTAKE in ran.err and MISTAKE not in scenario.says:  # the replacement must not be what fails
        assert scenario.guard in CRASH_WITHOUT, ran.err


def test_every_guard_has_a_scenario() -> None:
    assert {scenario.guard for scenario in SCENARIOS} == GUARDS.keys()


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_was_taken_away_comes_back(name: str) -> None:
    guard = GUARDS[name]
    before = guard.standing
    with guard.taken_away():
        assert guard.standing is not before
    assert guard.standing is before
