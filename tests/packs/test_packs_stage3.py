"""Each standard rule about resilience, rollback and audit over real reports; see ``test_packs_real_reports.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_reports import Case, check

from gatekeeper.load.packs import Packs, load_packs

if TYPE_CHECKING:
    from gatekeeper.engine.command import OpaCommand

OLD = {"max_age": "400d"}
"""Of reports whose dates were made neutral."""

CASES = (
    Case(rule="resilience.steady_state", reports=("chaos/chaostoolkit/completed.json",), outcome="pass"),
    Case(
        rule="resilience.steady_state",
        reports=("chaos/chaostoolkit/deviated.json",),
        outcome="fail",
        violations=1,
        first=("Removing the data file deviates from steady state: the steady state was not met afterwards",),
    ),
    Case(
        rule="resilience.steady_state",
        reports=("chaos/chaostoolkit/tck_sample-journal.json",),
        outcome="fail",
        violations=4,
        first=(
            "chaos.ran_at is older than 90d: 2018-07-03T10:44:57.425490Z",
            "Setting and triggering service dependency death: 0 activities were run, 1 are needed",
            "Setting and triggering service dependency death: the steady state was not met afterwards",
            "Setting and triggering service dependency death: the steady state was not met before it began",
        ),
    ),
    Case(
        rule="resilience.steady_state",
        reports=("chaos/litmus/chaosresult.yaml",),
        outcome="unanswered",
        violations=2,
        first=("needs chaos.experiments[0].before_met", "needs chaos.ran_at"),
    ),
    Case(
        rule="resilience.steady_state",
        reports=("fixtures/chaos/held.json",),
        outcome="pass",
        parameters=OLD,
    ),
    Case(
        rule="resilience.steady_state",
        reports=("fixtures/chaos/before-bad.json",),
        outcome="fail",
        violations=3,
        first=(
            "The service keeps its labels (before): 0 activities were run, 1 are needed",
            "The service keeps its labels (before): the steady state was not met afterwards",
            "The service keeps its labels (before): the steady state was not met before it began",
        ),
        parameters=OLD,
    ),
    Case(rule="resilience.experiments", reports=("fixtures/written/litmus.yaml",), outcome="pass"),
    Case(rule="resilience.experiments", reports=("chaos/litmus/chaosresult.yaml",), outcome="pass"),
    Case(
        rule="resilience.experiments",
        reports=("fixtures/written/litmus-bad.yaml",),
        outcome="fail",
        violations=4,
        first=(
            "0% of the probes of parcel-node-drain passed, 100% are needed",
            "the experiment parcel-node-drain stopped",
        ),
    ),
    Case(
        rule="resilience.experiments",
        reports=("fixtures/chaos/rollback-bad.json",),
        outcome="fail",
        violations=1,
        first=("the experiment The service keeps its labels (rollback) failed",),
    ),
    Case(rule="resilience.rollbacks", reports=("fixtures/chaos/held.json",), outcome="pass"),
    Case(
        rule="resilience.rollbacks",
        reports=("fixtures/chaos/rollback-bad.json",),
        outcome="fail",
        violations=1,
        first=("1 of 1 rollbacks of The service keeps its labels (rollback) failed",),
    ),
    Case(
        rule="resilience.rollbacks",
        reports=("chaos/litmus/chaosresult.yaml",),
        outcome="unanswered",
        violations=2,
        first=("needs chaos.experiments[0].rollbacks", "needs chaos.experiments[0].rollbacks_failed"),
    ),
)


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(["gatekeeper"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_rule_says_of_a_real_report(case: Case, packs: Packs, command: OpaCommand) -> None:
    check(case, packs, command)
