"""All scenarios, by area."""

from __future__ import annotations

import admit_scenarios
import algebra_scenarios
import attest_scenarios
import base_scenarios
import chain_scenarios
import command_scenarios
import conftest_scenarios
import emergency_scenarios
import engine_scenarios
import gate_scenarios
import input_scenarios
import people_scenarios
import record_scenarios
import revert_scenarios
import rule_scenarios
import slot_scenarios
import stage1_scenarios
import stage2b_scenarios
import stage3_scenarios
import stage4_scenarios
import stage5_scenarios
import trust_scenarios
import waiver_scenarios

AREAS = {
    module.AREA: module.SCENARIOS
    for module in (
        input_scenarios,
        slot_scenarios,
        trust_scenarios,
        gate_scenarios,
        rule_scenarios,
        engine_scenarios,
        people_scenarios,
        waiver_scenarios,
        emergency_scenarios,
        algebra_scenarios,
        revert_scenarios,
        record_scenarios,
        admit_scenarios,
        attest_scenarios,
        command_scenarios,
        stage1_scenarios,
        base_scenarios,
        chain_scenarios,
        stage2b_scenarios,
        stage4_scenarios,
        stage5_scenarios,
        stage3_scenarios,
        conftest_scenarios,
    )
}
SCENARIOS = tuple(scenario for table in AREAS.values() for scenario in table)
