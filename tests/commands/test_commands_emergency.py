"""Emergencies on the command line: what is refused, and what a refusal leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.emergency import EMERGENCY_NAMESPACE, EMERGENCY_TYPE
from project import coverage, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project

TERMS = '[emergency]\nrole = "security"\nmax = "4h"\nreview = "release-manager"\n\n[waivers]'
KEY = ("--key", "keys/cy.key", "-o", "out.json")
HOUR = timedelta(hours=1)


@pytest.fixture
def burning(project: Project) -> Project:
    project.edit("gate.toml", "[waivers]", TERMS)
    project.lock()
    project.green()
    return project


def record_of(project: Project, *more: str) -> Path:
    ran = project.decide("build", "--record", "records", "--key", "keys/gate.key", *more)
    return project.folder / ran.err.split("record ", 1)[1].split()[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--emergency", "fire"), "a subject and --stage are needed | S --stage STAGE"),
        (("app.whl", "--emergency", "fire"), "a subject and --stage are needed | S --stage STAGE"),
        (("app.whl", "--stage", "biuld", "--emergency", "fire"), "the gate parcel has no stage 'biuld' | did you mean build?"),
        (("app.whl", "--stage", "build", "--emergency", " "), "argument --emergency: it is empty"),
        (("--review", "r.json", "--emergency", "fire"), "--waiver, --emergency and --review are three things | one at a time"),
        (("app.whl", "--stage", "build", "--review", "r.json"), "a record says itself what it is of | leave out S and --stage"),
        (("--review", "r.json"), "what was found? | add --comment TEXT"),
    ],
)  # fmt: skip
def test_approve_refuses_and_writes_nothing(burning: Project, words: tuple[str, ...], message: str) -> None:
    ran = burning.run("approve", *words, *KEY)
    assert (ran.code, ran.out) == (2, "")
    said = ran.error
    assert " | ".join(filter(None, [said["error"], said.get("hint", "") if "|" in message else ""])) == message
    assert not (burning.folder / "out.json").exists()


def test_a_reject_knows_no_emergency(burning: Project) -> None:
    ran = burning.run("reject", "app.whl", "--stage", "build", "--emergency", "fire", *KEY)
    assert (ran.code, "unrecognized arguments: --emergency" in ran.err) == (2, True)


def test_an_ordinary_record_has_no_emergency_to_review(burning: Project) -> None:
    record = record_of(burning)
    ran = burning.run("approve", "--review", str(record), "--comment", "seen", *KEY)
    assert (ran.code, ran.error["error"]) == (2, "no emergency was used in it")


def test_reviews_are_of_emergencies(burning: Project) -> None:
    ran = burning.run("records", "--reviews", "reviews")
    assert (ran.code, ran.error["error"]) == (2, "--reviews are of emergencies")


def test_a_gate_that_declares_none_signs_none(project: Project) -> None:
    ran = project.run("approve", "app.whl", "--stage", "build", "--emergency", "fire", *KEY)
    assert (ran.code, ran.error["error"]) == (3, "the gate declares no emergency")


def test_what_is_signed_is_said(burning: Project) -> None:
    ran = burning.run("approve", "app.whl", "--stage", "build", "--emergency", "fire", "--expires", "30m", *KEY)
    assert (ran.code, ran.out) == (0, "out.json\n")
    assert ran.err.startswith("declared by cy until ")
    assert ran.err.endswith("gatekeeper decide ... --evidence out.json --emergency REASON\n")


def test_decide_prints_it_first(burning: Project) -> None:
    burning.attest("coverage", coverage(10), slot="coverage", name="coverage")
    said = {
        "stage": "build",
        "gate": {"name": "parcel", "digest": burning.gate_digest},
        "reason": "hotfix",
        "issued_at": stamp(burning.now - HOUR),
        "expires": stamp(burning.now + HOUR),
    }
    burning.sign_ssh(said, EMERGENCY_TYPE, ["cy"], "emergency", namespace=EMERGENCY_NAMESPACE)
    words = ("decide", "app.whl", "--stage", "build", "--evidence", "evidence", "--emergency", "down")
    lines = [line.strip() for line in burning.run(*words).out.splitlines()]
    assert lines[0].startswith("ALLOW  app.whl")
    assert lines[2] == "EMERGENCY: cy breaks through own.coverage"
    assert lines[3].startswith("hotfix; to be reviewed, and over at ")
    (burning.folder / "evidence/emergency.json").unlink()
    refused = burning.run(*words)
    assert refused.code == 1
    told = "the emergency opens nothing: nobody has signed it: a security runs gatekeeper approve --emergency"
    assert told in " ".join(refused.out.split())


def test_gate_show_and_check_tell_of_it(burning: Project) -> None:
    burning.edit("gate.toml", 'max = "4h"\n', 'max = "4h"\nnever = ["own.tests"]\n')
    burning.lock()
    shown = " ".join(burning.run("gate", "show").out.split()).replace(" - ", " · ")
    assert (
        "emergency declared by security · reviewed by release-manager · for at most 4h · never through own.tests"
        in shown
    )
    assert "waivers approved by security · for at most 30d" in shown
    burning.edit("gate.toml", 'review = "release-manager"\n', "")
    burning.lock()
    ran = burning.run("gate", "check")
    problem = "nobody can review an emergency but who declared it: 2 of role security needed, and there is only cy"
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"warning: gate.toml:6: {problem}")
