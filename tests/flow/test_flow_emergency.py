"""Break-glass: signed by a person, marked, over when it says, never through what the gate spares, listed until reviewed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import defusedxml.ElementTree
import pytest

from gatekeeper import _json
from gatekeeper.decision_json import read_decision
from gatekeeper.emergency import EMERGENCY_NAMESPACE, EMERGENCY_TYPE
from gatekeeper.errors import GatekeeperError, MalformedError
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.ledger import Ledger
from gatekeeper.load.gate_file import load_gate
from gatekeeper.record import Record
from gatekeeper.report import render
from gatekeeper.report.github import outputs
from gatekeeper.vsa import summary
from project import coverage, ran_tests, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project

HOUR = timedelta(hours=1)
TERMS = '[emergency]\nrole = "security"\nmax = "4h"\nnever = ["own.tests"]\nreview = "release-manager"\n\n[waivers]'
ASKED = ("--emergency", "the shop is down")
LEDGER = ("--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
ENDED = "one was declared at {}, and 4h are over: staying out there takes an ordinary decision"


@pytest.fixture
def burning(project: Project) -> Project:
    """Thin coverage denies; cy, of the role ``security``, may declare an emergency, and tests are never broken through."""
    project.edit("gate.toml", "[waivers]", TERMS)
    project.lock()
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    return project


def declare(project: Project, person: str = "cy", *, name: str = "emergency", **more: Any) -> Path:
    """An emergency, SSH-signed."""
    said = {
        "stage": "build",
        "gate": {"name": "parcel", "digest": project.gate_digest},
        "reason": "hotfix of the checkout",
        "issued_at": stamp(project.now - HOUR),
        "expires": stamp(project.now + 2 * HOUR),
    }
    namespace = more.pop("namespace", EMERGENCY_NAMESPACE)
    return project.sign_ssh(said | more, EMERGENCY_TYPE, more.pop("signers", [person]), name, namespace=namespace)


def test_what_is_declared_and_asked_for_opens_is_marked_and_ends(burning: Project) -> None:
    signed = declare(burning)
    ran = burning.decide("build", *ASKED)
    assert (ran.code, ran.json["outcome"], ran.json["valid_until"]) == (0, "allow", stamp(burning.now + 2 * HOUR))
    assert ran.json["emergency"] == {
        "asked": "the shop is down",
        "status": "used",
        "reason": "hotfix of the checkout",
        "by": ["cy"],
        "digest": _json.digest(signed.read_bytes()),
        "declared_at": stamp(burning.now - HOUR),
        "ends": stamp(burning.now + 2 * HOUR),
        "through": ["own.coverage"],
    }
    broken = ran.results["own.coverage"]
    assert (broken["outcome"], broken["emergency"]) == ("fail", ran.json["emergency"]["digest"])


def test_the_command_line_alone_opens_nothing(burning: Project) -> None:
    ran = burning.decide("build", *ASKED)
    assert ran.code == 1
    assert ran.json["emergency"] == {
        "asked": "the shop is down",
        "status": "refused",
        "why": "nobody has signed it: a security runs gatekeeper approve --emergency",
    }


def test_the_statement_alone_opens_nothing(burning: Project) -> None:
    declare(burning)
    ran = burning.decide()
    assert (ran.code, ran.json["emergency"]) == (1, None)


def test_where_nothing_is_closed_it_is_an_ordinary_allow(burning: Project) -> None:
    burning.green()
    declare(burning)
    ran = burning.decide("build", *ASKED)
    assert ran.json["emergency"] == {"asked": "the shop is down", "status": "unneeded"}
    assert ran.json["valid_until"] == stamp(datetime.fromisoformat(ran.json["at"]) + timedelta(days=7))


@pytest.mark.parametrize(
    ("person", "changes", "why"),
    [
        ("ada", {}, "ada may not declare an emergency: no security at this time"),
        ("cy", {"issued": 1, "expires": 2}, "it is issued at {issued}, in the future"),
        ("cy", {"issued": -1, "expires": 3.5}, "it lasts longer than 4h"),
        ("cy", {"issued": -3, "expires": -0.5}, "it ended at {expires}"),
        ("cy", {"issued": -4, "expires": 0}, "it ended at {expires}"),
    ],
)
def test_what_does_not_count_says_why(burning: Project, person: str, changes: dict[str, float], why: str) -> None:
    times = {name: stamp(burning.now + hours * HOUR) for name, hours in changes.items()}
    said = {"issued_at" if name == "issued" else name: text for name, text in times.items()}
    declare(burning, person, **said)
    ran = burning.decide("build", *ASKED)
    assert (ran.code, ran.json["emergency"]["status"]) == (1, "refused")
    assert ran.json["emergency"]["why"] == why.format(**times)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stage": "integration"}, "it is for the stage integration"),
        (
            {"gate": {"name": "parcel", "digest": "sha256:" + "0" * 64}},
            "it is for another gate: parcel sha256:" + "0" * 64,
        ),
        ({"namespace": "approval@gatekeeper.dev"}, "signed for 'approval@gatekeeper.dev', not for"),
        ({"scope": "all"}, "$.predicate.scope: not known here"),
        ({"reason": ""}, "$.predicate.reason: empty"),
    ],
)
def test_what_is_not_believed_opens_nothing(burning: Project, changes: dict[str, Any], reason: str) -> None:
    declare(burning, **changes)
    ran = burning.decide("build", *ASKED)
    assert ran.code == 1
    assert reason in " ".join(item.get("reason", "") for item in ran.json["evidence"]["items"])


def test_what_the_gate_spares_stays_closed_and_with_it_all(burning: Project) -> None:
    declare(burning)
    burning.attest("test_results", ran_tests(2, "login"), slot="unit", name="unit")
    ran = burning.decide("build", *ASKED)
    assert (ran.code, ran.json["emergency"]["why"]) == (1, "own.tests is never broken through in this gate")
    assert [result for result in ran.json["results"] if "emergency" in result] == []


def test_a_pack_can_be_spared_as_a_whole(burning: Project) -> None:
    burning.edit("gate.toml", 'never = ["own.tests"]', 'never = ["own.*"]')
    burning.lock()
    declare(burning)
    ran = burning.decide("build", *ASKED)
    assert ran.json["emergency"]["why"] == "own.coverage is never broken through in this gate"


def test_what_is_missing_is_broken_through_and_what_is_wrong_is_not(burning: Project) -> None:
    declare(burning)
    coverage_file = burning.folder / "evidence/coverage.json"
    coverage_file.unlink()
    through = burning.decide("build", *ASKED).json["emergency"]["through"]
    assert through == ["own.coverage", "slot.coverage"]
    burning.attest("coverage", coverage(), slot="coverage", name="coverage", signer="scanner")
    ran = burning.decide("build", *ASKED)
    assert ran.code == 1
    assert (
        ran.json["emergency"]["why"] == "slot.coverage cannot be broken through: something is wrong, not only missing"
    )


def test_another_signature_does_not_prolong_it(burning: Project) -> None:
    times = {"issued_at": stamp(burning.now - 3.5 * HOUR), "expires": stamp(burning.now + 0.5 * HOUR)}
    declare(burning, name="first", **times)
    declare(burning, name="again", expires=stamp(burning.now + 3 * HOUR))
    assert burning.decide("build", *ASKED).json["emergency"]["ends"] == stamp(burning.now + 0.5 * HOUR)


def test_when_it_is_over_another_signature_opens_nothing(burning: Project) -> None:
    since = stamp(burning.now - 5 * HOUR)
    declare(burning, name="first", issued_at=since, expires=stamp(burning.now - HOUR))
    declare(burning, name="again")
    ran = burning.decide("build", *ASKED)
    assert ran.code == 1
    assert ENDED.format(since) in ran.json["emergency"]["why"]


def test_an_earlier_record_counts_like_its_statement(burning: Project) -> None:
    declare(burning, issued_at=stamp(burning.now - 3 * HOUR), expires=stamp(burning.now + HOUR))
    burning.decide("build", *ASKED, "--record", "evidence", "--key", "keys/gate.key")
    declare(burning, issued_at=stamp(burning.now), expires=stamp(burning.now + 4 * HOUR))
    ran = burning.decide("build", *ASKED)
    assert ran.json["emergency"]["ends"] == stamp(burning.now + HOUR)


def test_the_ledger_remembers_what_the_evidence_leaves_out(burning: Project) -> None:
    declare(burning, issued_at=stamp(burning.now - 3 * HOUR), expires=stamp(burning.now + HOUR))
    assert burning.decide("build", *ASKED, *LEDGER).code == 0
    declare(burning, issued_at=stamp(burning.now), expires=stamp(burning.now + 4 * HOUR))
    ran = burning.decide("build", *ASKED, *LEDGER)
    assert ran.json["emergency"]["ends"] == stamp(burning.now + HOUR)
    assert burning.run("ledger", "verify", "--ledger", "sqlite:///decisions.db").code == 0


def test_admit_refuses_it_unless_told(burning: Project) -> None:
    declare(burning)
    burning.decide("build", *ASKED, "--record", "records", "--key", "keys/gate.key")
    [record] = (burning.folder / "records").iterdir()
    refused = burning.admit(record)
    assert refused.code == 1
    assert "it is an emergency's: cy broke through own.coverage" in refused.err
    ran = burning.admit(record, "--emergency")
    assert (ran.code, ran.out.splitlines()[1]) == (0, "EMERGENCY  broken through: own.coverage")
    assert burning.admit(record, "--emergency", "--format", "json").json["emergency"]["by"] == ["cy"]
    assert burning.run("replay", str(record), "--require", "signatures").code == 0
    assert b'"FAILED"' in summary(Record.read(record), verifier="https://v", resource="https://r")


def test_the_next_stage_takes_it_only_in_an_emergency_of_its_own(burning: Project) -> None:
    declare(burning)
    burning.decide("build", *ASKED, "--record", "records", "--key", "keys/gate.key")
    for path in (burning.folder / "evidence").iterdir():
        path.unlink()
    [record] = (burning.folder / "records").iterdir()
    burning.write("evidence/build.record.json", record.read_bytes())
    ran = burning.decide("integration")
    message = f"the allow of build is of the emergency that was declared at {stamp(burning.now - HOUR)}"
    assert ran.results["stage.build"]["violations"][0]["message"] == message
    declare(burning, stage="integration")
    opened = burning.decide("integration", *ASKED)
    assert "own.tests is never broken through in this gate" in opened.json["emergency"]["why"]
    for index in (1, 2):
        burning.attest("test_results", ran_tests(index), slot="e2e", name=f"e2e-{index}", shard=f"{index}/2")
    burning.attest(
        "change",
        {"commit": "c" * 40, "authors": ["github:bo"], "committers": [], "complete": True},
        slot="change",
        name="change",
    )
    opened = burning.decide("integration", *ASKED)
    assert (opened.code, opened.json["emergency"]["through"]) == (0, ["approval.release-manager", "stage.build"])


def test_what_speaks_against_an_earlier_emergency_is_not_broken_through(burning: Project) -> None:
    test_the_next_stage_takes_it_only_in_an_emergency_of_its_own(burning)
    burning.attest("test_results", ran_tests(2, "t_pay"), slot="unit", name="late")
    shut = burning.decide("integration", *ASKED)
    assert (shut.code, shut.json["emergency"]["status"]) == (1, "refused")
    assert shut.json["emergency"]["why"] == "stage.build cannot be broken through: something is wrong, not only missing"


def test_a_no_is_not_broken_through(burning: Project) -> None:
    test_the_next_stage_takes_it_only_in_an_emergency_of_its_own(burning)
    burning.approve("bo", verdict="reject", name="no")
    ran = burning.decide("integration", *ASKED)
    assert (
        ran.json["emergency"]["why"]
        == "approval.release-manager cannot be broken through: something is wrong, not only missing"
    )


def test_it_is_said_in_every_form(burning: Project) -> None:
    declare(burning)
    decision = burning.decide("build", *ASKED).json
    page = render(decision, width=100)
    assert "EMERGENCY: cy breaks through own.coverage" in page
    assert "Broken through by an emergency" in page
    assert "1 broken through · 4 passed" in page
    assert "🚨 ALLOW" in render(decision, "markdown")
    assert "::warning" in render(decision, "github")
    assert "emergency<<" in outputs(decision)
    [run] = json.loads(render(decision, "sarif"))["runs"]
    assert run["properties"]["emergency"] == "broken through by the emergency of cy: hotfix of the checkout"
    assert [result["level"] for result in run["results"]] == ["warning"]
    suite = defusedxml.ElementTree.fromstring(render(decision, "junit").encode())[0]
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")


def test_it_is_listed_until_somebody_else_of_the_role_has_reviewed_it(burning: Project) -> None:
    declare(burning)
    burning.decide("build", *ASKED, *LEDGER, "--record", "records")
    [record] = (burning.folder / "records").iterdir()
    listed = burning.run("records", "--emergency")
    assert "emergency: own.coverage" in listed.out
    assert "1 entry" in listed.out
    assert "emergency: own.coverage" in burning.run("records").out
    review = ("approve", "--review", str(record), "--comment", "rolled out again with tests")
    assert "cy declared this emergency" in burning.run(*review, "--key", "keys/cy.key").err
    assert burning.run(*review, "--key", "keys/ada.key", "-o", "reviews.json").code == 0
    assert "0 entries" in burning.run("records", "--emergency", "--reviews", "reviews.json").out


def test_a_review_by_the_wrong_person_or_of_another_record_leaves_it_listed(burning: Project) -> None:
    declare(burning)
    burning.decide("build", *ASKED, *LEDGER, "--record", "records")
    [record] = (burning.folder / "records").iterdir()
    review = ("approve", "--review", str(record), "--comment", "seen")
    burning.edit("trust.toml", '[people.ada]\nroles = ["release-manager"]', '[people.ada]\nroles = ["other"]')
    burning.run(*review, "--key", "keys/ada.key", "-o", "reviews.json")
    assert "1 entry" in burning.run("records", "--emergency", "--reviews", "reviews.json").out
    burning.approve("bo", name="approval")
    assert "1 entry" in burning.run("records", "--emergency", "--reviews", "evidence/approval.json").out


def test_the_command_declares_it(burning: Project) -> None:
    key = ("--key", "keys/cy.key")
    ran = burning.run(
        "approve", "app.whl", "--stage", "build", "--emergency", "it burns", *key, "-o", "evidence/now.json"
    )
    assert (ran.code, ran.out) == (0, "evidence/now.json\n")
    opened = burning.decide("build", *ASKED).json["emergency"]
    assert (opened["status"], opened["reason"]) == ("used", "it burns")
    ends = datetime.fromisoformat(opened["ends"])
    assert ends - datetime.fromisoformat(opened["declared_at"]) == 4 * HOUR


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--key", "keys/ada.key"), "ada may not declare an emergency: no security at this time"),
        (("--key", "keys/cy.key", "--expires", "5h"), "an emergency lasts 4h at most"),
        (("--key", "keys/dee.key"), "this key belongs to nobody in trust.toml"),
        (("--key", "keys/cy.key", "--waiver", "x.json"), "--waiver, --emergency and --review are three things"),
    ],
)
def test_what_would_not_count_is_not_signed(burning: Project, words: tuple[str, ...], said: str) -> None:
    ran = burning.run("approve", "app.whl", "--stage", "build", "--emergency", "it burns", "-o", "now.json", *words)
    assert ran.code in {2, 3}
    assert said in ran.err
    assert not (burning.folder / "now.json").exists()


def test_a_gate_without_emergency_knows_none(project: Project) -> None:
    project.green()
    ran = project.run("decide", "app.whl", "--stage", "build", "--evidence", "evidence", *ASKED)
    assert (ran.code, ran.error["error"]) == (2, "the gate declares no emergency")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'role = "security"\nmax = "4h"',
            'role = "secrity"\nmax = "4h"',
            "nobody in trust.toml has the role 'secrity'",
        ),
        ('max = "4h"\n', "", "an emergency needs a maximum length of at most 24h"),
        ('max = "4h"', 'max = "25h"', "an emergency needs a maximum length of at most 24h"),
        ('never = ["own.tests"]', 'never = ["own.test"]', "'own.test' is no rule or requirement here"),
        ('review = "release-manager"', 'reviewer = "release-manager"', "'reviewer' is not known here"),
    ],
)
def test_mistakes_in_the_terms_are_errors_with_their_line(burning: Project, old: str, new: str, message: str) -> None:
    burning.edit("gate.toml", old, new)
    with pytest.raises(GatekeeperError) as caught:
        load_gate(burning.folder / "gate.toml")
    assert caught.value.message == message
    assert caught.value.where.startswith("gate.toml:")


def test_a_trust_that_takes_no_records_could_not_see_an_earlier_one(burning: Project) -> None:
    gate = (burning.folder / "gate.toml").read_text().split("[stages.integration]")[0]
    burning.write("gate.toml", gate)
    burning.edit("trust.toml", 'decision = ["gate"]\n', "")
    with pytest.raises(GatekeeperError, match="an earlier emergency could not be seen"):
        load_gate(burning.folder / "gate.toml")


def edited(decision: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**decision, "emergency": {**decision["emergency"], **changes}}


def test_a_decision_that_was_edited_is_not_read(burning: Project) -> None:
    declare(burning)
    decision = burning.decide("build", *ASKED).json
    assert read_decision(decision).broken == ("own.coverage",)
    wrong = [
        decision | {"emergency": None},
        edited(decision, status="refused"),
        edited(decision, through=["own.tests"]),
        edited(decision, digest="sha256:" + "0" * 64),
        edited(decision, by=[]),
        edited(decision, declared_at=""),
    ]
    for one in wrong:
        with pytest.raises(MalformedError):
            read_decision(one)
    for one in wrong[:2]:
        with pytest.raises(MalformedError):
            render(one)


def test_from_python_and_at_another_instant(burning: Project) -> None:
    declare(burning)
    gate = Gate.load(burning.folder / "gate.toml")
    evidence = Evidence.read(burning.folder / "evidence")
    at = datetime.now(UTC)
    assert gate.decide(burning.subject, "build", evidence, at=at, emergency="it burns")
    edge = burning.now + 2 * HOUR
    before = gate.preview(burning.subject, "build", evidence, at=edge - timedelta(seconds=1), emergency="it burns")
    after = gate.preview(burning.subject, "build", evidence, at=edge, emergency="it burns")
    assert (before.decision.outcome, after.decision.outcome) == ("allow", "deny")


def test_an_entry_keeps_what_was_broken_through(burning: Project) -> None:
    declare(burning)
    burning.decide("build", *ASKED, *LEDGER)
    [entry] = Ledger(burning.folder / "decisions.db").query(emergency=True)
    assert (entry.broken, entry.waived) == (("own.coverage",), ())
    assert list(Ledger(burning.folder / "decisions.db").query(emergency=False)) == []
