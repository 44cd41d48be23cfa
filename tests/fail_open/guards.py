"""Every guard by name, with the way to take it away."""

from __future__ import annotations

import guards_base
import guards_chain
import guards_command
import guards_conftest
import guards_emergency
import guards_evidence
import guards_people
import guards_policy
import guards_record
import guards_revert
import guards_rules
import guards_stage1
import guards_stage2b
import guards_stage3
import guards_stage4
import guards_trust

MODULES = (
    guards_evidence,
    guards_trust,
    guards_policy,
    guards_rules,
    guards_people,
    guards_emergency,
    guards_record,
    guards_revert,
    guards_command,
    guards_stage1,
    guards_base,
    guards_chain,
    guards_stage2b,
    guards_stage4,
    guards_stage3,
    guards_conftest,
)
GUARDS = {guard.name: guard for module in MODULES for guard in module.GUARDS}

CRASH_WITHOUT = frozenset(
    {
        "approval.schema",
        "cli.seconds",
        "config.integer",
        "gate.branches",
        "evaluate.shape",
        "facts.schema",
        "metadata.kind",
        "slots.stale",
    }
)
"""Guards without which the next step may fail on what it gets: that is no decision, and no allow either."""
