"""The path: evidence in, an explained, recorded, admitted and replayed decision out; by the command, with real OPA."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from project import Project


def test_green_evidence_opens_the_stage(project: Project) -> None:
    project.green()
    ran = project.decide()
    assert (ran.code, ran.json["outcome"], ran.json["waiting"]) == (0, "allow", False)
    assert {name: result["outcome"] for name, result in ran.results.items()} == {
        "own.coverage": "pass",
        "own.tests": "pass",
        "slot.coverage": "pass",
        "slot.unit": "pass",
        "subject.digest": "pass",
    }


def test_a_failing_test_denies_and_says_where(project: Project) -> None:
    project.green()
    project.attest("test_results", ran_tests(2, "login"), slot="unit", name="red")
    ran = project.decide()
    assert ran.code == 1
    [violation] = ran.results["own.tests"]["violations"]
    assert violation["message"] == "s::login failed"
    assert violation["locator"] == "/testsuite/testcase[1]"
    assert violation["source"]["signers"] == ["ci"]
    assert violation["remedy"] == "Mend the code or the test."


def test_no_evidence_waits(project: Project) -> None:
    project.write("evidence/readme.txt", "nothing yet")
    ran = project.decide()
    assert (ran.code, ran.json["waiting"]) == (1, True)
    assert ran.results["slot.unit"]["violations"][0]["message"] == "no test_results here"
    assert ran.results["own.tests"]["outcome"] == "unanswered"
    assert ran.results["subject.digest"]["violations"] == [
        {"message": "there is no evidence", "remedy": "attest a report of this subject", "waiting": True}
    ]
    assert "ignored: readme.txt" in ran.err


def test_evidence_that_is_not_believed_is_looked_at(project: Project) -> None:
    project.attest("test_results", ran_tests(1), slot="unit", signer="other")
    [violation] = project.decide().results["subject.digest"]["violations"]
    assert violation["message"] == "none of 1 attestations is believed and about this subject"
    assert violation["remedy"] == "see what is said of each attestation"


def test_the_whole_way_from_a_deny_to_deployment(project: Project) -> None:
    project.green()
    build = project.record()
    assert project.admit(build).code == 0
    project.write("evidence/build.record.json", build.read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(index), slot="e2e", shard=f"{index}/2")
    project.attest("change", change("github:bo"), slot="change")

    waiting = project.decide("integration")
    assert (waiting.code, waiting.json["waiting"]) == (1, True)
    assert [name for name, result in waiting.results.items() if result["outcome"] != "pass"] == [
        "approval.release-manager"
    ]

    project.approve("bo")
    still = project.decide("integration")
    message = still.results["approval.release-manager"]["violations"][0]["message"]
    assert (still.code, message) == (1, "0 of 1 approvals; bo does not count: an author of the change")

    approved = project.run(
        "approve", "app.whl", "--stage", "integration", "--key", "keys/ada.key", "-o", "evidence/ada.json"
    )
    assert approved.code == 0
    record = project.record("integration")
    assert project.admit(record, stage="integration").code == 0
    assert project.admit(record, stage="build").code == 1

    replayed = project.run("replay", str(record), str(build), "--require", "signatures", "--format", "json")
    assert replayed.code == 0, replayed.out
    assert [item["identical"] for item in json.loads(replayed.out)] == [True, True]


def test_a_waiver_asked_for_by_one_and_approved_by_another(project: Project) -> None:
    project.green()
    project.attest("coverage", coverage(10, path="old.py"), slot="coverage", name="coverage")
    denied = project.record()
    assert project.decide().code == 1
    asked = project.run(
        "waive", str(denied), "own.coverage:old.py", "--reason", "legacy", "--ticket", "OPS-7", "--expires", "7d",
        "--key", "keys/ada.key", "-o", "evidence/waiver.json",
    )  # fmt: skip
    assert asked.code == 0, asked.err
    assert project.decide().code == 1
    assert project.run("approve", "--waiver", "evidence/waiver.json", "--key", "keys/cy.key").code == 0
    waived = project.decide()
    assert (waived.code, waived.results["own.coverage"]["outcome"]) == (0, "waived")
    [shown] = waived.json["waivers"]
    assert (shown["status"], shown["requester"], shown["approved_by"]) == ("used", "ada", ["cy"])


def test_the_ledger_holds_what_was_decided(project: Project) -> None:
    project.green()
    ran = project.decide("build", "--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
    assert ran.code == 0, ran.err
    assert project.run("ledger", "verify").code == 0
    listed = project.run("records", "--stage", "build", "--format", "json")
    assert listed.code == 0
    assert "allow" in listed.out


def test_names_order_and_repetition_of_files_change_no_byte(project: Project) -> None:
    project.green()
    at = "2030-01-01T00:00:00Z"
    first = project.decide("build", "--what-if", at).out
    files = sorted((project.folder / "evidence").iterdir())
    files.reverse()
    for index, path in enumerate(files):
        project.write(f"elsewhere/deep/{index}/{path.name}", path.read_bytes())
        path.unlink()
    (project.folder / "evidence").rmdir()
    twice = ("elsewhere", "elsewhere/deep", *(str(path) for path in (project.folder / "elsewhere").rglob("*.json")))
    assert project.decide("build", "--what-if", at, evidence=twice).out == first


def test_a_preview_is_no_decision(project: Project) -> None:
    project.green()
    ran = project.decide("build", "--what-if", "2030-01-01T00:00:00Z")
    assert (ran.code, ran.json["outcome"]) == (3, "preview")
    assert "not a decision" in ran.err
    refused = project.decide("build", "--what-if", "2030-01-01T00:00:00Z", "--record", "out")
    assert (refused.code, refused.json["error"]["message"]) == (2, "a preview is never sealed")
