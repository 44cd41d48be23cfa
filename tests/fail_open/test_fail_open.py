"""It cannot fail open: every harm closes the gate for its own reason, and every twin without the harm is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bases import BASES
from catalogue import SCENARIOS
from scenario import ALLOW

if TYPE_CHECKING:
    from scenario import Base, Scenario

    from project import Project


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_without_harm_the_command_says_yes(project: Project, base: Base) -> None:
    ran = base.happen(project)
    assert ran.code == ALLOW, ran.reasons


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.what)
def test_harm_closes_the_gate_for_its_own_reason(project: Project, scenario: Scenario) -> None:
    ran = scenario.happen(project)
    assert ran.code == scenario.code, ran.reasons
    assert scenario.says in ran.reasons
