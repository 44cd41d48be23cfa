"""Baselines: the newest record of an earlier release is what this one is compared with, or a person says there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from forge import forged

from gatekeeper import _time
from gatekeeper.attestation import PAYLOAD_TYPE
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.record import Record
from gatekeeper.replaying import RE_VERIFIED, replay
from gatekeeper.sealing import seal
from gatekeeper.subject import Subject
from gatekeeper.trust import dsse
from gatekeeper.trust.signer import KeySigner
from project import coverage, ran_tests, signing_key

if TYPE_CHECKING:
    from gatekeeper.decision import Decision
    from gatekeeper.engine.command import OpaCommand
    from project import Project, Ran

RULE = """\
# METADATA
# title: No test has vanished
# description: A test that is gone finds nothing.
# custom:
#   needs: {test_results: [names]}
#   baseline: {test_results: [names, total]}
#   remedy: Bring it back.
package gatekeeper.own.vanished

import rego.v2

deny contains violation if {
	some before in input.baseline.test_results
	some name in before.names
	not name in names
	violation := {"message": $"{name} has vanished", "term": name, "source": before.source}
}

names contains name if {
	some report in input.test_results
	some name in report.names
}
"""

SLOT = 'unit = { kind = "test_results" }'
BASELINE = 'previous = { baseline = "build", max_age = "90d", without = "release-manager" }'


@pytest.fixture
def compared(project: Project) -> Project:
    """A stage that compares with the release before; no release yet."""
    project.write("policies/own/vanished/vanished.rego", RULE)
    project.edit("gate.toml", SLOT, f"{SLOT}\n{BASELINE}")
    project.lock()
    return project


@pytest.fixture
def released(compared: Project) -> Project:
    """A first release, sealed; its record is the only evidence that is left of it. The artifact is another one now."""
    release(compared, "1", tests=3)
    return compared


def release(project: Project, version: str, *, tests: int, first: bool = True) -> Record:
    """Decide a release and keep its record as evidence for those that follow."""
    project.write("app.whl", f"the artifact {version}")
    project.attest("test_results", ran_tests(tests), slot="unit", name="unit")
    project.attest("coverage", coverage(), slot="coverage", name="coverage")
    if first:
        project.approve("ada", stage="build", without_baseline=["previous"])
    record = project.record("build")
    for path in (project.folder / "evidence").glob("*.json"):
        if not path.name.endswith(".record.json"):
            path.unlink()
    project.write(f"evidence/release-{version}.record.json", record.read_bytes())
    project.write("app.whl", f"the artifact after {version}")
    return Record.read(record)


def follow(project: Project, tests: int = 3) -> Ran:
    """Decide a later release with that many tests."""
    project.attest("test_results", ran_tests(tests), slot="unit", name="unit")
    project.attest("coverage", coverage(), slot="coverage", name="coverage")
    return project.decide()


def messages(ran: Ran, result_id: str) -> list[str]:
    return [violation["message"] for violation in ran.results[result_id]["violations"]]


def edited(project: Project, name: str, **changes: Any) -> None:
    """The record in the evidence, with its decision changed and signed again by the gate's own key."""
    path = project.folder / "evidence" / f"release-{name}.record.json"
    path.write_bytes(signed_again(Record.read(path), **changes))


def signed_again(record: Record, **changes: Any) -> bytes:
    def sign(payload: bytes) -> bytes:
        return dsse.sign(payload, PAYLOAD_TYPE, signing_key("gate"))

    return forged(record, decision=lambda said: said.update(changes), sign=sign).data


def test_a_release_is_compared_with_the_one_before(released: Project) -> None:
    ran = follow(released)
    assert (ran.code, ran.results["own.vanished"]["outcome"]) == (0, "pass")
    assert ran.results["slot.previous"] == {
        "id": "slot.previous",
        "title": "An earlier release that build allowed",
        "outcome": "pass",
        "violations": [],
    }
    fewer = follow(released, tests=2)
    assert (fewer.code, messages(fewer, "own.vanished")) == (1, ["s::p2 has vanished"])
    source = fewer.results["own.vanished"]["violations"][0]["source"]
    assert (source["slot"], source["baseline"]) == ("unit", "previous")


def test_the_decision_shows_what_it_was_compared_with(released: Project) -> None:
    record = Record.read(released.folder / "evidence/release-1.record.json")
    assert follow(released).json["baseline"] == {
        "slot": "previous",
        "stage": "build",
        "record": record.digest,
        "decision": record.decision_id,
        "subject": record.decision.subject.as_json(),
        "gate_digest": record.decision.gate_digest,
        "at": _time.format_instant(record.decision.at),
        "signers": ["gate"],
        "documents": 1,
    }


def test_without_a_baseline_nothing_opens(compared: Project) -> None:
    ran = follow(compared)
    assert (ran.code, ran.json["waiting"]) == (1, True)
    assert messages(ran, "slot.previous") == ["no signed allow of build for an earlier subject is here"]
    assert ran.results["slot.previous"]["violations"][0]["remedy"] == (
        "give the record of the release before as evidence, "
        "or a release-manager runs gatekeeper approve --without-baseline previous"
    )
    assert (ran.results["own.vanished"]["outcome"], messages(ran, "own.vanished")) == (
        "unanswered",
        ["needs baseline.test_results: there is none"],
    )
    assert "baseline" not in ran.json


def test_a_person_says_that_a_release_is_the_first_and_the_decision_shows_it(compared: Project) -> None:
    compared.approve("ada", stage="build", without_baseline=["previous"])
    ran = follow(compared)
    assert ran.code == 0
    assert ran.results["slot.previous"]["outcome"] == "warn"
    assert messages(ran, "slot.previous") == ["there is no baseline: ada approves a release without one"]
    assert ran.results["own.vanished"]["outcome"] == "warn"
    assert messages(ran, "own.vanished") == [
        "needs baseline.test_results: there is none, and ada approves a release without one"
    ]
    assert ran.json["baseline"] == {"slot": "previous", "stage": "build", "without": ["ada"]}
    assert ran.json["approvals"][0]["without_baseline"] == ["previous"]


@pytest.mark.parametrize(
    ("person", "more"),
    [
        ("ada", {}),  # an ordinary approval says nothing of baselines: leaving the record out would open the gate
        ("ada", {"without_baseline": ["other"]}),
        ("cy", {"without_baseline": ["previous"]}),  # not the role
        ("ada", {"without_baseline": ["previous"], "verdict": "reject"}),
        ("ada", {"without_baseline": ["previous"], "expires": "2026-01-02T00:00:00Z", "issued_at": "2026-01-01T00:00:00Z"}),
        ("ada", {"without_baseline": ["previous"], "subject": {"name": "app.whl", "digest": {"sha256": "e" * 64}}}),
    ],
)  # fmt: skip
def test_nothing_less_than_that_excuses(compared: Project, person: str, more: dict[str, Any]) -> None:
    compared.approve(person, stage="build", **more)
    ran = follow(compared)
    assert (ran.code, ran.results["slot.previous"]["outcome"]) == (1, "fail")
    assert ran.results["own.vanished"]["outcome"] == "unanswered"


def test_somebody_of_the_role_who_rejects_it_keeps_it_shut(compared: Project) -> None:
    compared.approve("ada", stage="build", without_baseline=["previous"])
    compared.approve("bo", stage="build", verdict="reject")
    assert follow(compared).results["slot.previous"]["outcome"] == "fail"


def test_a_gate_that_names_nobody_needs_a_baseline(compared: Project) -> None:
    compared.edit("gate.toml", ', without = "release-manager"', "")
    compared.lock()
    compared.approve("ada", stage="build", without_baseline=["previous"])
    ran = follow(compared)
    assert ran.code == 1
    remedy = "give the record of the release before as evidence"
    assert ran.results["slot.previous"]["violations"][0]["remedy"] == remedy


def test_an_excuse_takes_nothing_away_from_a_baseline_that_is_here(released: Project) -> None:
    released.approve("ada", stage="build", without_baseline=["previous"])
    ran = follow(released, tests=2)
    assert (ran.code, messages(ran, "own.vanished")) == (1, ["s::p2 has vanished"])
    assert ran.results["slot.previous"]["outcome"] == "pass"


def test_an_excuse_is_for_the_baseline_and_for_nothing_else_that_is_missing(compared: Project) -> None:
    compared.approve("ada", stage="build", without_baseline=["previous"])
    compared.attest("coverage", coverage(), slot="coverage", name="coverage")
    ran = compared.decide()
    assert ran.results["own.vanished"]["outcome"] == "unanswered"
    assert messages(ran, "own.vanished") == [
        "needs test_results: there is none",
        "needs baseline.test_results: there is none",
    ]


def test_the_newest_is_what_counts(released: Project) -> None:
    """An older one beside it changes nothing; withholding the newest is what only its age bounds."""
    later = release(released, "2", tests=5, first=False)
    path = released.folder / "evidence/release-2.record.json"
    second = (later.decision.at + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    path.write_bytes(signed_again(later, at=second))
    at = later.decision.at + timedelta(minutes=1)
    assert [violation.message for violation in vanished(released, 3, at)] == [
        "s::p3 has vanished",
        "s::p4 has vanished",
    ]
    path.unlink()
    assert vanished(released, 3, at) == ()


def vanished(project: Project, tests: int, at: datetime) -> tuple[Any, ...]:
    return {result.id: result for result in looked_at(project, tests, at).results}["own.vanished"].violations


def looked_at(project: Project, tests: int, at: datetime) -> Decision:
    """What is decided at another instant, with the signatures of then."""
    project.attest("test_results", ran_tests(tests), slot="unit", name="unit")
    project.attest("coverage", coverage(), slot="coverage", name="coverage")
    gate = Gate.load(project.folder / "gate.toml")
    return gate.preview(project.subject, "build", Evidence.read(project.folder / "evidence"), at=at).decision


def test_a_baseline_is_too_old_at_the_end_of_its_age_and_the_decision_knows_when(released: Project) -> None:
    released.edit("gate.toml", 'valid_for = "7d"', 'valid_for = "30d"')
    released.edit("gate.toml", '"90d"', '"5d"')
    released.lock()
    made = Record.read(released.folder / "evidence/release-1.record.json").decision.at
    end = made + timedelta(days=5)
    before = looked_at(released, 3, end - timedelta(seconds=1))
    assert before.allowed
    assert before.valid_until == end
    assert (end, "the baseline previous gets too old") in before.lapses
    after = looked_at(released, 3, end)
    assert not after.allowed
    told = {
        violation.message for violation in {result.id: result for result in after.results}["slot.previous"].violations
    }
    assert told == {
        "no signed allow of build for an earlier subject is here",
        f"release-1.record.json is rejected: it is of {_time.format_instant(made)}, and a baseline is at most 5d old",
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stage": "integration"}, "it is for the stage integration, a baseline is of build"),
        ({"rests_on_unsigned": True}, "it rests on unsigned evidence"),
        ({"at": "2030-01-01T00:00:00Z"}, "it is of 2030-01-01T00:00:00Z, in the future"),
    ],
)
def test_a_record_that_is_no_baseline_says_why(released: Project, changes: dict[str, Any], reason: str) -> None:
    edited(released, "1", **changes)
    ran = follow(released)
    assert ran.code == 1
    told = messages(ran, "slot.previous")
    assert [message for message in told if message.endswith(f"is rejected: {reason}")], told
    assert ran.json["waiting"] is False
    assert ran.results["own.vanished"]["outcome"] == "unanswered"


def test_a_deny_is_no_baseline(compared: Project) -> None:
    compared.attest("test_results", ran_tests(9, "t_pay"), slot="unit", name="unit")
    compared.attest("coverage", coverage(), slot="coverage", name="coverage")
    denied = compared.record("build").read_bytes()
    compared.write("app.whl", "another artifact")
    compared.write("evidence/denied.record.json", denied)
    ran = follow(compared)
    assert any(message.endswith("is rejected: build denied it") for message in messages(ran, "slot.previous"))


def test_a_record_of_another_gate_or_repository_is_no_baseline(released: Project) -> None:
    released.edit("gate.toml", 'engine = "opa', 'repository = "acme/parcel"\nengine = "opa')
    released.lock()
    told = messages(follow(released), "slot.previous")
    assert any(message.endswith("is rejected: its gate is of the repository ''") for message in told)
    released.edit("gate.toml", 'name = "parcel"', 'name = "other"')
    released.lock()
    told = messages(follow(released), "slot.previous")
    assert any(message.endswith("is rejected: it is of the gate parcel") for message in told)


def test_the_gate_may_have_changed_since(released: Project) -> None:
    released.edit("gate.toml", 'valid_for = "7d"', 'valid_for = "6d"')
    released.lock()
    ran = follow(released)
    assert ran.code == 0
    assert ran.json["baseline"]["gate_digest"] != ran.json["gate"]["digest"]


def test_facts_that_were_altered_make_no_baseline(released: Project) -> None:
    """The names of two tests are taken out of the record, so that nothing seems to have vanished."""
    path = released.folder / "evidence/release-1.record.json"
    path.write_bytes(path.read_bytes().replace(b'"s::p0","s::p1","s::p2"', b'"s::p0"'))
    ran = follow(released, tests=1)
    assert ran.code == 1
    assert ran.results["own.vanished"]["outcome"] == "unanswered"
    [item] = [one for one in ran.json["evidence"]["items"] if one["name"] == "release-1.record.json"]
    assert (item["status"], item["reason"]) == ("rejected", "$.material: the material is not what was signed")


def test_a_record_by_somebody_else_or_nobody_is_no_baseline(compared: Project) -> None:
    for key in ("stranger", "ci", ""):
        compared.write("app.whl", "the artifact 1")
        compared.attest("test_results", ran_tests(1), slot="unit", name="unit")
        compared.attest("coverage", coverage(), slot="coverage", name="coverage")
        compared.approve("ada", stage="build", without_baseline=["previous"])
        record = compared.record("build", key=key, folder=f"records-{key}").read_bytes()
        (compared.folder / "evidence/approval-ada.json").unlink()
        compared.write("evidence/before.record.json", record)
        compared.write("app.whl", "the artifact 2")
        ran = follow(compared)
        assert (ran.code, ran.results["slot.previous"]["outcome"]) == (1, "fail"), key


def test_a_record_of_this_very_subject_is_no_baseline(released: Project) -> None:
    """It would be compared with itself, and nothing would ever have vanished."""
    released.write("app.whl", "the artifact 1")
    ran = follow(released)
    assert (ran.code, ran.results["slot.previous"]["outcome"]) == (1, "fail")


def test_another_algorithm_does_not_make_it_another_subject(released: Project) -> None:
    digest = {"sha512": "a" * 128}
    released.attest("test_results", ran_tests(), slot="unit", subject={"name": "app.whl", "digest": digest})
    gate = Gate.load(released.folder / "gate.toml")
    evidence = Evidence.read(released.folder / "evidence")
    decision = gate.decide(Subject.of("app.whl", digest), "build", evidence, at=released.now)
    [item] = [one for one in decision.items if one.name == "release-1.record.json"]
    assert (item.status, item.reason) == ("rejected", "nobody can tell whether it is of this very subject")


def test_a_baseline_is_no_record_of_the_stage_before(released: Project) -> None:
    """A record about another subject opens no later stage, whatever it is good for."""
    results = released.decide("integration").results
    assert [violation["message"] for violation in results["stage.build"]["violations"]] == [
        "no signed record of build is here"
    ]
    assert results["subject.digest"]["outcome"] == "fail"


def test_a_baseline_is_no_evidence_about_this_subject(released: Project) -> None:
    ran = released.decide()
    assert ran.results["subject.digest"]["outcome"] == "fail"
    assert ran.results["slot.unit"]["outcome"] == "fail"


def test_the_baseline_of_the_baseline_is_not_held_and_all_of_it_replays(released: Project, command: OpaCommand) -> None:
    first = Record.read(released.folder / "evidence/release-1.record.json")
    second = release(released, "2", tests=4, first=False)
    assert second.material.elsewhere == (first.digest,)
    assert first.digest not in second.material.as_json()["attestations"]
    done = replay(second, engine=command, signatures=True, records=[first])
    assert (bool(done), done.depth) == (True, RE_VERIFIED)
    assert replay(second, engine=command)


def test_only_the_newest_is_kept_with_its_documents(released: Project) -> None:
    """Ten old records among the evidence do not make a record ten times as large."""
    release(released, "2", tests=4, first=False)
    third = release(released, "3", tests=4, first=False)
    held = [
        verdict["content"]["baseline"]
        for verdict in third.material.verdicts
        if "baseline" in (verdict["content"] or {})
    ]
    assert sorted(len(one["documents"]) for one in held) == [0, 1]


def test_a_repeat_that_the_earlier_stage_did_not_judge_is_not_compared_with(compared: Project) -> None:
    """A document for a slot of another stage lay among the evidence; the rules of build never saw it."""
    compared.attest("test_results", ran_tests(9), slot="e2e", name="e2e")
    release(compared, "1", tests=3)
    ran = follow(compared, tests=3)
    assert (ran.code, ran.json["baseline"]["documents"]) == (0, 1)


def test_the_command_signs_what_the_slot_asks_and_nothing_else(compared: Project) -> None:
    said = ("approve", "app.whl", "--stage", "build", "--key", "keys/ada.key", "-o", "evidence/ada.json")
    assert compared.run(*said, "--without-baseline", "previous").code == 0
    assert follow(compared).code == 0
    wrong = compared.run(*said, "--without-baseline", "unit")
    assert (wrong.code, wrong.error["error"], wrong.error["hint"]) == (
        2,
        "build has no baseline 'unit' that somebody may do without",
        "known here: previous",
    )
    later = compared.run(*said[:2], "--stage", "integration", *said[4:], "--without-baseline", "previous")
    assert (later.code, later.error["hint"]) == (2, 'a slot says who may: without = "ROLE"')


@pytest.mark.parametrize(
    ("slot", "message"),
    [
        ('{ baseline = "build" }', "a baseline needs max_age: an older one may be given and the newest left out"),
        ('{ baseline = "build", max_age = "366d" }', "max_age of a baseline is longer than 365d"),
        ('{ baseline = "biuld", max_age = "9d" }', "the baseline is a record of 'biuld', which is no stage"),
        ('{ baseline = "build", max_age = "9d", kind = "coverage" }', "'kind' is not known here"),
        ('{ baseline = "build", max_age = "9d", without = "boss" }', "nobody in trust.toml has the role 'boss'"),
        ('{ kind = "coverage" }', "own.vanished needs baseline.test_results, and no slot is a baseline"),
        (
            '{ baseline = "build", max_age = "9d" }\nother = { baseline = "build", max_age = "9d" }',
            "a stage compares with one earlier release, and two slots are a baseline",
        ),
    ],
)
def test_what_the_gate_may_say(compared: Project, slot: str, message: str) -> None:
    compared.edit("gate.toml", BASELINE, f"previous = {slot}")
    assert compared.run("gate", "check").error["error"] == message


def test_a_stage_that_has_no_slot_for_it_is_no_baseline_for_a_rule(compared: Project) -> None:
    compared.edit("gate.toml", 'e2e = { kind = "test_results", shards = 2 }', 'e2e = { kind = "coverage" }')
    compared.edit("gate.toml", 'rules = ["own.tests"]', 'rules = ["own.coverage"]')
    compared.edit("gate.toml", 'baseline = "build"', 'baseline = "integration"')
    message = "own.vanished needs baseline.test_results, and the stage integration has no slot for it"
    assert compared.run("gate", "check").error["error"] == message


def test_nobody_whose_decisions_are_accepted_is_an_error(compared: Project) -> None:
    compared.edit("trust.toml", 'decision = ["gate"]\n', "")
    compared.edit("gate.toml", 'after = "build"\n', "")
    message = "build compares with a record, and trust.toml accepts decisions from nobody"
    assert compared.run("gate", "check").error["error"] == message


def test_the_gate_is_shown_with_it_and_an_emergency_can_be_kept_from_it(compared: Project) -> None:
    shown = " ".join(compared.run("gate", "show").out.split())
    what = "what build allowed before, at most 90d ago - or a release-manager approves a release without one"
    assert f"baseline previous - {what}" in shown
    terms = '[emergency]\nrole = "security"\nmax = "4h"\nnever = ["slot.previous"]\n\n[stages.build]'
    compared.edit("gate.toml", "[stages.build]", terms)
    compared.lock()
    assert compared.run("gate", "check").code == 0


def test_an_unsigned_baseline_is_shown_where_the_gate_allows_it(released: Project) -> None:
    edited(released, "1", rests_on_unsigned=True)
    released.edit("gate.toml", 'max_age = "90d"', 'max_age = "90d", unsigned = true')
    released.lock()
    ran = follow(released)
    assert (ran.code, ran.json["rests_on_unsigned"]) == (0, True)


def test_a_gate_is_sealed_with_its_baseline(released: Project) -> None:
    assert json.loads(follow(released).out)["baseline"]["slot"] == "previous"
    gate = Gate.load(released.folder / "gate.toml")
    evidence = Evidence.read(released.folder / "evidence")
    at = datetime.now(released.now.tzinfo)
    decision = gate.decide(released.subject, "build", evidence, at=at)
    record = seal(decision, signer=KeySigner.load(released.folder / "keys/gate.key"), now=at)
    assert record.decision.baseline == decision.baseline
    assert replace(decision, baseline=None).id != decision.id
