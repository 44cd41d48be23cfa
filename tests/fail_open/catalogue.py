"""All scenarios, by area."""

from __future__ import annotations

import input_scenarios
import slot_scenarios

AREAS = {module.AREA: module.SCENARIOS for module in (input_scenarios, slot_scenarios)}
SCENARIOS = tuple(scenario for table in AREAS.values() for scenario in table)
