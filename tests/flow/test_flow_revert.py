"""A gate for rolling back: a canary or a person asks for it, by a signature, and the target was released before."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.errors import GatekeeperError
from gatekeeper.evidence import Evidence
from gatekeeper.gate import Gate
from gatekeeper.load.gate_file import load_gate
from gatekeeper.subject import Subject
from project import coverage, ran_tests, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project

HOUR = timedelta(hours=1)
STAGES = """\
[stages.canary]
canary = true
rules = ["own.tests"]
valid_for = "1d"
[stages.canary.evidence]
unit = { kind = "test_results" }

[stages.revert]
revert = { when = "canary", to = "build", max_age = "24h", within = "30d", role = "security" }
valid_for = "1h"

[stages.integration]"""
TESTS_RULE = "policies/own/tests/tests.rego"
SIGNED = ("--key", "keys/gate.key")


@pytest.fixture
def rolled(project: Project) -> Project:
    """``old.whl`` was released; the canary of ``app.whl`` says roll back; both records are in the evidence."""
    project.edit("gate.toml", "[stages.integration]", STAGES)
    project.edit(TESTS_RULE, "#   severity: high", "#   severity: high\n#   on_fail: roll_back")
    project.lock()
    project.write("old.whl", "the release before")
    release(project)
    canary(project, "app.whl", ran_tests(2, "checkout"))
    return project


def about(project: Project, name: str) -> dict[str, Any]:
    return Subject.file(project.folder / name).as_json()


def sealed(project: Project, name: str, stage: str, kept: str) -> None:
    """Decide about a subject on what is in the folder ``given``, and keep the record as evidence."""
    ran = project.run("decide", name, "--stage", stage, "--evidence", "given", "--record", "records", *SIGNED)
    path = ran.err.split("record ", 1)[1].split()[0]
    project.write(f"evidence/{kept}.json", (project.folder / path).read_bytes())
    for file in (project.folder / "given").iterdir():
        file.unlink()


def given(project: Project, path: Path) -> None:
    (project.folder / "given").mkdir(exist_ok=True)
    path.rename(project.folder / "given" / path.name)


def release(project: Project, kept: str = "release", covered: int = 90, name: str = "old.whl") -> None:
    subject = about(project, name)
    given(project, project.attest("test_results", ran_tests(), slot="unit", name="unit", subject=subject))
    given(project, project.attest("coverage", coverage(covered), slot="coverage", name="coverage", subject=subject))
    sealed(project, name, "build", kept)


def canary(project: Project, name: str, facts: dict[str, Any], kept: str = "canary") -> None:
    given(project, project.attest("test_results", facts, slot="unit", name="unit", subject=about(project, name)))
    sealed(project, name, "canary", kept)


def decide(project: Project, *more: str, name: str = "old.whl") -> Any:
    return project.run("decide", name, "--stage", "revert", "--evidence", "evidence", "--format", "json", *more)


def reasons(ran: Any) -> list[str]:
    return [violation["message"] for result in ran.json["results"] for violation in result["violations"]]


def test_a_canary_that_says_roll_back_lets_the_earlier_release_come_back(rolled: Project) -> None:
    ran = decide(rolled, "--record", "records", *SIGNED)
    assert (ran.code, ran.json["outcome"]) == (0, "allow")
    assert ran.results["revert.reason"]["title"] == "Rolling back is asked for by canary of app.whl"
    record = ran.err.split("record ", 1)[1].split()[0]
    assert rolled.admit(record, stage="revert", subject="old.whl").code == 0
    assert rolled.admit(record, stage="revert").code == 1
    assert rolled.run("replay", record, "--require", "signatures").code == 0


def test_a_canary_that_rests_on_unsigned_evidence_asks_for_nothing(rolled: Project) -> None:
    """Else whoever writes a red report brings back an older release, with its older holes."""
    rolled.edit("trust.toml", "[accept]", '[stages.canary.accept]\ntest_results = ["ci", "unsigned"]\n[accept]')
    rolled.lock()
    release(rolled)
    canary(rolled, "app.whl", ran_tests(2, "checkout"))
    assert decide(rolled).code == 0
    red, subject = ran_tests(2, "checkout"), about(rolled, "app.whl")
    given(rolled, rolled.attest("test_results", red, slot="unit", name="unit", subject=subject, signer=None))
    sealed(rolled, "app.whl", "canary", "canary")
    ran = decide(rolled)
    assert (ran.code, ran.results["revert.reason"]["outcome"]) == (1, "fail")
    [item] = [item for item in ran.json["evidence"]["items"] if item["status"] == "rejected"]
    assert item["reason"] == "canary says roll_back, and rests on unsigned evidence"


def test_no_emergency_brings_back_what_was_never_released(rolled: Project) -> None:
    rolled.edit("gate.toml", "[waivers]", '[emergency]\nrole = "security"\nmax = "4h"\n\n[waivers]')
    rolled.lock()
    release(rolled)
    canary(rolled, "app.whl", ran_tests(2, "checkout"))
    words = ("old.whl", "--stage", "revert", "--emergency", "fire", "--key", "keys/cy.key")
    assert rolled.run("approve", *words, "-o", "evidence/emergency.json").code == 0
    assert decide(rolled, "--emergency", "fire").code == 0  # the release is there: nothing has to be broken through
    (rolled.folder / "evidence/release.json").unlink()
    ran = decide(rolled, "--emergency", "fire")
    assert ran.code == 1
    assert ran.json["emergency"]["why"] == (
        "revert.target is never broken through: what comes back was released, and its return is asked for"
    )


def test_the_bad_release_itself_does_not_come_back(rolled: Project) -> None:
    assert decide(rolled, name="app.whl").code == 1


def test_without_the_canarys_record_nothing_asks_for_it(rolled: Project) -> None:
    (rolled.folder / "evidence/canary.json").unlink()
    ran = decide(rolled)
    assert (ran.code, reasons(ran), ran.json["waiting"]) == (1, ["nothing here asks for it"], True)


@pytest.mark.parametrize(
    ("facts", "word"), [(ran_tests(3), "proceed"), (ran_tests(0), "hold")], ids=["proceed", "hold"]
)
def test_a_canary_that_says_something_else_asks_for_nothing(rolled: Project, facts: dict[str, Any], word: str) -> None:
    canary(rolled, "app.whl", facts)
    assert reasons(decide(rolled)) == [f"nothing here asks for it; canary says {word} of app.whl"]


def test_the_last_word_of_the_canary_counts(rolled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    canary(rolled, "app.whl", ran_tests(3), kept="later")
    # of one second the rollback is not the last word either
    assert reasons(decide(rolled)) == ["nothing here asks for it; canary says proceed of app.whl"]


def test_a_person_of_the_role_may_ask_for_it_instead(rolled: Project) -> None:
    (rolled.folder / "evidence/canary.json").unlink()
    rolled.approve("cy", stage="revert", subject=about(rolled, "old.whl"))
    ran = decide(rolled)
    assert (ran.code, ran.results["revert.reason"]["title"]) == (0, "Rolling back is asked for by cy")


def test_a_person_without_the_role_asks_for_nothing(rolled: Project) -> None:
    (rolled.folder / "evidence/canary.json").unlink()
    rolled.approve("ada", stage="revert", subject=about(rolled, "old.whl"))
    assert reasons(decide(rolled)) == ["nothing here asks for it"]


def test_a_no_by_the_role_keeps_it_where_it_is(rolled: Project) -> None:
    rolled.approve("cy", stage="revert", subject=about(rolled, "old.whl"), verdict="reject")
    ran = decide(rolled)
    assert (ran.code, reasons(ran), ran.json["waiting"]) == (1, ["cy says no to rolling back"], False)


def test_a_target_that_was_never_released_is_refused(rolled: Project) -> None:
    (rolled.folder / "evidence/release.json").unlink()
    rolled.approve("cy", stage="revert", subject=about(rolled, "old.whl"))
    assert reasons(decide(rolled)) == ["no signed record of build for it is here"]


def test_a_target_that_was_denied_is_refused(rolled: Project) -> None:
    release(rolled, covered=10)
    assert reasons(decide(rolled)) == ["build denies it"]


def test_a_target_that_the_canary_has_denied_since_is_refused(rolled: Project) -> None:
    canary(rolled, "old.whl", ran_tests(1, "login"), kept="own")
    assert reasons(decide(rolled)) == ["canary has denied it since"]


def test_records_that_nobody_signed_count_for_nothing(rolled: Project) -> None:
    given(
        rolled,
        rolled.attest("test_results", ran_tests(1, "x"), slot="unit", name="u", subject=about(rolled, "app.whl")),
    )
    ran = rolled.run("decide", "app.whl", "--stage", "canary", "--evidence", "given", "--record", "unsigned")
    path = ran.err.split("record ", 1)[1].split()[0]
    rolled.write("evidence/canary.json", (rolled.folder / path).read_bytes())
    ran = decide(rolled)
    assert "nothing here asks for it" in reasons(ran)
    assert "signed by nobody" in " ".join(item.get("reason", "") for item in ran.json["evidence"]["items"])


def test_a_record_of_another_stage_about_another_subject_is_not_believed(rolled: Project) -> None:
    release(rolled, kept="other", name="app.whl")
    [item] = [item for item in decide(rolled).json["evidence"]["items"] if item["status"] == "rejected"]
    assert item["reason"] == "it is about another subject, and of the stage build"


def test_other_stages_believe_no_record_about_another_subject(rolled: Project) -> None:
    ran = rolled.run("decide", "old.whl", "--stage", "canary", "--evidence", "evidence/canary.json", "--format", "json")
    assert "it is about another subject" in ran.json["evidence"]["items"][0]["reason"]


def test_a_gate_that_has_changed_since_names_the_one_it_was(rolled: Project) -> None:
    before = rolled.gate_digest
    rolled.edit("gate.toml", 'valid_for = "7d"', 'valid_for = "6d"')
    rolled.lock()
    canary(rolled, "app.whl", ran_tests(2, "checkout"))
    assert reasons(decide(rolled)) == [f"the release is of the gate {before}, which gates does not name"]
    rolled.edit("gate.toml", 'role = "security" }', f'role = "security", gates = ["{before}"] }}')
    rolled.lock()
    canary(rolled, "app.whl", ran_tests(2, "checkout"))
    assert decide(rolled).code == 0


def test_the_canarys_word_is_of_this_very_gate(rolled: Project) -> None:
    before = rolled.gate_digest
    rolled.edit("gate.toml", 'valid_for = "7d"', 'valid_for = "6d"')
    rolled.lock()
    release(rolled)
    assert reasons(decide(rolled)) == [
        f"nothing here asks for it; the gate has changed since: the record is of {before}"
    ]


def looked(project: Project, **later: float) -> Any:
    gate = Gate.load(project.folder / "gate.toml")
    evidence = Evidence.read(project.folder / "evidence")
    subject = Subject.file(project.folder / "old.whl")
    return gate.preview(subject, "revert", evidence, at=project.now + timedelta(**later)).decision


def test_both_records_are_of_their_time(rolled: Project) -> None:
    late = looked(rolled, hours=25)
    [violation] = [violation for result in late.results for violation in result.violations]
    assert "at most 1d old it counts" in violation.message
    rolled.approve("cy", stage="revert", subject=about(rolled, "old.whl"), expires=stamp(rolled.now + 40 * 24 * HOUR))
    assert looked(rolled, days=29).outcome == "allow"
    [violation] = [violation for result in looked(rolled, days=31).results for violation in result.violations]
    assert "at most 30d old it is come back to" in violation.message
    early = looked(rolled, hours=-2)
    assert "in the future" in " ".join(one.message for result in early.results for one in result.violations)


def test_it_ends_with_what_asks_for_it(rolled: Project) -> None:
    rolled.edit("gate.toml", 'valid_for = "1h"', 'valid_for = "20d"')
    rolled.lock()
    release(rolled)
    canary(rolled, "app.whl", ran_tests(2, "checkout"))
    lapses = {lapse["reason"] for lapse in decide(rolled).json["lapses"]}
    assert {"what canary says of it gets too old", "the release that is come back to gets too old"} <= lapses


def test_the_gate_is_checked_and_shown_without_a_rule(rolled: Project) -> None:
    assert rolled.run("gate", "check").code == 0
    shown = rolled.run("gate", "show").out
    assert "when canary says roll_back, at most 1d ago" in shown


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('when = "canary"', 'when = "canray"', "when names 'canray', which is no stage"),
        ('when = "canary"', 'when = "build"', "build is no canary: it never says roll_back"),
        ('to = "build"', 'to = "biuld"', "to names 'biuld', which is no stage"),
        (', max_age = "24h"', "", "max_age is missing: nothing asks for a rollback for ever"),
        (', within = "30d"', "", "within is missing: nothing asks for a rollback for ever"),
        ('role = "security" }', 'role = "secrity" }', "nobody in trust.toml has the role 'secrity'"),
        ('role = "security" }', 'gates = ["v1"] }', "'v1' is no digest of a gate"),
        ('role = "security" }', "force = true }", "'force' is not known here"),
    ],
)
def test_a_mistake_is_an_error_with_its_line(rolled: Project, old: str, new: str, message: str) -> None:
    rolled.edit("gate.toml", old, new)
    with pytest.raises(GatekeeperError) as caught:
        load_gate(rolled.folder / "gate.toml")
    assert caught.value.message == message
    with suppress(AttributeError):
        assert caught.value.where.startswith("gate.toml:")
