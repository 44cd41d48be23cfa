"""It cannot fail open: every harm closes the gate for its own reason, and every twin without the harm is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import evidence_scenarios
import pytest
from bases import BASES

if TYPE_CHECKING:
    from scenario import Base, Scenario

    from project import Project

SCENARIOS: tuple[Scenario, ...] = (*evidence_scenarios.SCENARIOS,)


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_without_harm_the_command_says_yes(project: Project, base: Base) -> None:
    base.build(project)
    ran = base.run(project)
    assert ran.code == 0, ran.reasons


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.what)
def test_harm_closes_the_gate_for_its_own_reason(project: Project, scenario: Scenario) -> None:
    ran = scenario.happen(project)
    assert (ran.code, scenario.says in ran.reasons) == (scenario.code, True), ran.reasons
