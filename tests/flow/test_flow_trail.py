"""The stages behind a stage: the audit trail, and what has come since they decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import world

from gatekeeper import _time
from gatekeeper.load.gate_file import load_gate
from gatekeeper.record import Record
from gatekeeper.replaying import RE_VERIFIED, replay
from gatekeeper.require import require
from gatekeeper.stage import Slot
from gatekeeper.trail import find_trail, stages_before
from gatekeeper.verified import Earlier
from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from gatekeeper.decision import Result
    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.stage import GateSpec
    from gatekeeper.verified import Verdict
    from project import Project

PRODUCTION = """
[stages.production]
after = "integration"
trail = true
rules = ["own.tests"]
valid_for = "1d"
[stages.production.evidence]
smoke = { kind = "test_results" }
"""


@pytest.fixture
def chain(project: Project) -> Project:
    """Three stages; the first two are decided, and everything that they had is still there."""
    project.write("gate.toml", (project.folder / "gate.toml").read_text() + PRODUCTION)
    project.lock()
    project.green()
    project.write("evidence/build.record.json", project.record("build").read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    project.attest("change", change("github:bo"), slot="change", name="change")
    project.approve("ada")
    project.write("evidence/integration.record.json", project.record("integration").read_bytes())
    project.attest("test_results", ran_tests(7), slot="smoke", name="smoke")
    return project


def said(project: Project, name: str) -> Record:
    return Record.read(project.folder / "evidence" / f"{name}.record.json")


def messages(results: dict[str, Any], result_id: str) -> list[str]:
    return [violation["message"] for violation in results[result_id]["violations"]]


def test_a_decision_names_the_one_that_it_rests_on(chain: Project) -> None:
    build, integration = said(chain, "build").decision, said(chain, "integration").decision
    assert build.after is None
    assert "after" not in build.as_json()
    assert integration.as_json()["after"] == {"stage": "build", "decision": build.id}


def test_the_trail_says_who_decided_what_and_when_down_to_the_first_stage(chain: Project) -> None:
    ran = chain.decide("production")
    build, integration = said(chain, "build"), said(chain, "integration")
    assert ran.code == 0
    assert [ran.results[name]["outcome"] for name in ("trail.build", "trail.integration")] == ["pass", "pass"]
    assert ran.json["trail"] == [
        {
            "stage": "integration",
            "decision": integration.decision_id,
            "record": integration.digest,
            "at": _time.format_instant(integration.decision.at),
            "signers": ["gate"],
            "approved_by": ["ada"],
        },
        {
            "stage": "build",
            "decision": build.decision_id,
            "record": build.digest,
            "at": _time.format_instant(build.decision.at),
            "signers": ["gate"],
        },
    ]


def test_a_record_that_is_missing_further_back_is_named(chain: Project) -> None:
    build = said(chain, "build").decision_id
    (chain.folder / "evidence/build.record.json").unlink()
    ran = chain.decide("production")
    assert (ran.code, ran.results["trail.integration"]["outcome"]) == (1, "pass")
    message = f"no signed record of build is here: integration rested on {build}"
    assert messages(ran.results, "trail.build") == [message]
    assert ran.results["trail.build"]["violations"][0]["waiting"] is True


def test_another_allow_of_the_same_stage_is_not_the_one_it_rested_on(chain: Project) -> None:
    """Build is decided again on other evidence: what integration stood on is gone."""
    build = said(chain, "build").decision_id
    chain.attest("coverage", coverage(95), slot="coverage", name="coverage")
    (chain.folder / "evidence/build.record.json").unlink()
    chain.write("evidence/build.record.json", chain.record("build").read_bytes())
    ran = chain.decide("production")
    assert messages(ran.results, "trail.build") == [f"no signed record of build is here: integration rested on {build}"]


def test_without_the_record_before_nothing_further_back_can_be_told(chain: Project) -> None:
    (chain.folder / "evidence/integration.record.json").unlink()
    results = chain.decide("production").results
    assert messages(results, "stage.integration") == ["no signed record of integration is here"]
    assert messages(results, "trail.integration") == ["no signed record of integration is here"]
    assert messages(results, "trail.build") == [
        "which record it would be cannot be told: that of integration is missing or does not count"
    ]


def test_a_stage_without_trail_needs_the_stage_before_only(chain: Project) -> None:
    chain.edit("gate.toml", "trail = true\n", "")
    chain.lock()
    results = chain.decide("production").results
    assert not [name for name in results if name.startswith("trail.")]


def test_a_red_repeat_that_comes_after_the_allow_closes_the_stage_after(chain: Project) -> None:
    """The stage itself has no slot for it: without this, an allow would be a shield against the report."""
    chain.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="unit-again")
    ran = chain.decide("integration")
    assert (ran.code, messages(ran.results, "stage.build")) == (
        1,
        ["unit.json (slot unit) is here, and build has not judged it"],
    )
    assert ran.results["stage.build"]["violations"][0]["remedy"] == "decide build again, with it"
    later = chain.decide("production")
    assert messages(later.results, "stage.integration") == [
        "unit.json (slot unit) is here, and build has not judged it"
    ]


def test_what_was_judged_may_be_wrapped_again_or_left_out(chain: Project) -> None:
    chain.attest("test_results", ran_tests(), slot="unit", name="unit-copy")
    assert chain.decide("production").code == 0
    for name in ("unit", "unit-copy", "coverage"):
        (chain.folder / f"evidence/{name}.json").unlink()
    assert chain.decide("production").code == 0


def test_what_nobody_believes_speaks_against_nobody(chain: Project) -> None:
    chain.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="unit-again", signer="stranger")
    assert chain.decide("production").code == 0


def test_a_later_deny_further_back_is_found(chain: Project) -> None:
    chain.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="unit-again")
    denied = chain.record("build", folder="denied")
    (chain.folder / "evidence/unit-again.json").unlink()
    chain.write("evidence/denied.record.json", denied.read_bytes())
    ran = chain.decide("production")
    when = _time.format_instant(Record.read(denied).decision.at)
    assert messages(ran.results, "stage.integration") == [f"build has denied it since, at {when}"]


def test_a_record_does_not_hold_the_records_before_it(chain: Project, command: OpaCommand) -> None:
    build, integration = said(chain, "build"), said(chain, "integration")
    held = Record.read(chain.record("production"))
    assert held.material.elsewhere == tuple(sorted([build.digest, integration.digest]))
    assert build.data not in held.material.attestations
    assert replay(held, engine=command)
    alone = replay(held, engine=command, signatures=True)
    assert (bool(alone), alone.depth) == (
        True,
        f"{RE_VERIFIED}, but for 2 records that this one names and does not hold",
    )
    whole = replay(held, engine=command, signatures=True, records=[build, integration])
    assert (bool(whole), whole.depth) == (True, RE_VERIFIED)


def test_the_command_replays_records_beside_each_other(chain: Project) -> None:
    records = [str(chain.folder / f"evidence/{name}.record.json") for name in ("build", "integration")]
    assert chain.run("replay", *records, "--require", "signatures").out.count(f"  {RE_VERIFIED}\n") == 2
    assert "but for 1 record that" in chain.run("replay", records[1], "--require", "signatures").out


def test_the_gate_is_shown_with_its_trail(chain: Project) -> None:
    shown = " ".join(chain.run("gate", "show").out.split())
    assert "production - after integration - with the records of all earlier stages" in shown


def test_trail_needs_a_stage_before(project: Project) -> None:
    project.edit("gate.toml", 'valid_for = "7d"', 'valid_for = "7d"\ntrail = true')
    ran = project.run("gate", "check")
    assert ran.error["error"] == "trail asks for the records of earlier stages, and there is none"


# the links of the chain, one change away from holding


def chained(**last: Any) -> GateSpec:
    build = world.stage(name="build", slots={"unit": Slot(name="unit", kind="test_results")})
    integration = world.stage(name="integration", slots={"e2e": Slot(name="e2e", kind="test_results")}, after="build")
    production = world.stage(name="production", slots={}, after="integration", trail=True, **last)
    return world.gate(build, integration, production)


GATE = chained()


def earlier(stage: str, hours: float, **more: Any) -> Earlier:
    values: dict[str, Any] = {
        "stage": stage,
        "gate": GATE.name,
        "gate_digest": GATE.digest,
        "decision": world.digest(stage),
        "outcome": "allow",
        "at": world.NOW - timedelta(hours=hours),
        "valid_until": world.NOW + timedelta(hours=5),
        "valid_for_seconds": 7 * 86_400,
        "rests_on_unsigned": False,
        "rests_on": "",
    }
    return Earlier(**{**values, **more})


def trail(*records: Verdict) -> dict[str, Result]:
    stage = GATE.stages["production"]
    required = require(GATE, stage, world.SUBJECT, world.verified(*records), at=world.NOW)
    return {result.id: result for result in required.results}


def records(build: dict[str, Any], integration: dict[str, Any]) -> list[Verdict]:
    first = world.verdict(world.changed(earlier("build", 3), **build))
    second = world.verdict(earlier("integration", 2, **({"rests_on": world.digest("build")} | integration)))
    return [first, second]


OTHER = "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("build", "integration", "message"),
    [
        ({}, {}, ""),
        ({}, {"rests_on": ""}, "the record of integration does not name the decision of build that it rested on"),
        ({}, {"rests_on": None}, "the record of integration does not name the decision of build that it rested on"),
        ({}, {"rests_on": OTHER}, f"no signed record of build is here: integration rested on {OTHER}"),
        ({"stage": "smoke"}, {}, "integration rested on a decision of smoke"),
        ({"gate": "other"}, {}, "the record is of the gate other"),
        ({"gate_digest": OTHER}, {}, f"the gate has changed since: the record is of {OTHER}"),
        ({"outcome": "deny"}, {}, "build denied it"),
        ({"at": world.NOW - timedelta(hours=1)}, {}, "integration was decided at 2026-11-24T10:00:00Z, before build"),
        ({"at": world.NOW - timedelta(hours=2)}, {}, ""),
        (
            {"valid_until": world.NOW - timedelta(hours=2)},
            {},
            "the allow of build had ended at 2026-11-24T10:00:00Z, before integration was decided",
        ),
        ({"valid_until": world.NOW - timedelta(hours=1)}, {}, ""),
    ],
)
def test_each_record_is_the_one_that_the_next_rested_on(
    build: dict[str, Any], integration: dict[str, Any], message: str
) -> None:
    results = trail(*records(build, integration))
    found = [violation.message for violation in results["trail.build"].violations]
    assert (found, results["trail.build"].outcome) == (([message], "fail") if message else ([], "pass"))
    assert results["trail.integration"].outcome == "pass"


def test_a_record_in_two_envelopes_is_one_record() -> None:
    first, second = records({}, {})
    again = world.verdict(earlier("build", 3), name="again")
    stage = GATE.stages["production"]
    one = find_trail(GATE, stage, second, world.verified(first, again, second))
    two = find_trail(GATE, stage, second, world.verified(again, second, first))
    assert one == two
    assert [step["record"] for step in one.steps] == [second.item.digest, min(first.item.digest, again.item.digest)]


def test_a_stage_that_was_broken_through_is_marked() -> None:
    first, second = records({"emergency_since": world.NOW - timedelta(hours=4)}, {})
    found = find_trail(GATE, GATE.stages["production"], second, world.verified(first, second))
    assert [step.get("emergency") for step in found.steps] == [None, "2026-11-24T08:00:00Z"]


def test_an_old_verdict_does_not_say_what_was_seen_and_names_nothing() -> None:
    """Records that were written before decisions named the one before replay to what they said then."""
    old = earlier("integration", 2, rests_on=None)
    assert {"rests_on", "seen", "approved_by"}.isdisjoint(old.as_json())
    assert Earlier.from_json(old.as_json()) == old
    late = world.verdict(world.document("test_results", world.results(), slot="e2e"), status="unsigned")
    required = require(
        GATE, GATE.stages["production"], world.SUBJECT, world.verified(world.verdict(old), late), at=world.NOW
    )
    assert required.after is None


def test_what_is_new_in_a_verdict_is_read_back() -> None:
    new = earlier("integration", 2, seen=(OTHER,), approved_by=("ada",))
    assert Earlier.from_json(new.as_json()) == new


def test_stages_of_a_recorded_gate_that_go_round_in_a_circle_come_once(project: Project) -> None:
    """``gate.toml`` refuses it; a record can say it, and reading that has to end."""
    spec = load_gate(project.folder / "gate.toml")
    recorded = {"stages": {"build": {"after": {"stage": "integration"}}, "integration": {"after": {"stage": "build"}}}}
    circle = replace(spec, recorded=recorded)
    assert stages_before(circle, spec.stages["integration"]) == ("build", "integration")
