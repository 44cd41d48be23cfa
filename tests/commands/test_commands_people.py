"""`approve`, `reject`, `waive` and `admit`: what is signed, what is refused, and that a refusal writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.attestation import parse_statement, read_attestation
from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project, Ran


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # whatever the terminal of whoever runs the tests


def told(ran: Ran) -> str:
    """The message of an error, its place, and what to do."""
    parts = [ran.error["error"], ran.error.get("where", ""), ran.error.get("hint", "")]
    return " | ".join(part for part in parts if part)


def predicate(path: Path) -> dict[str, Any]:
    made = read_attestation(path.read_bytes())
    assert made is not None
    return parse_statement(made.payload).predicate


def files(project: Project) -> list[str]:
    return sorted(str(path) for path in project.folder.rglob("*"))


# approve and reject

SPEAK = ("app.whl", "--stage", "integration", "--key", "keys/ada.key")


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_a_yes_or_no_is_bound_to_subject_stage_and_gate(project: Project, verdict: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    ran = project.run(verdict, *SPEAK, "--comment", "seen it")
    name = f"{verdict}-integration-ada.dsse.json"
    assert (ran.code, ran.out, ran.err) == (0, f"{name}\n", "")
    said = predicate(project.folder / name)
    issued = datetime.fromisoformat(said.pop("issued_at"))
    assert before <= issued <= datetime.now(UTC)
    assert datetime.fromisoformat(said.pop("expires")) == issued + timedelta(days=7)
    assert said == {
        "verdict": verdict,
        "stage": "integration",
        "gate": {"name": "parcel", "digest": project.gate_digest},
        "comment": "seen it",
    }


def test_an_approval_names_the_decision_that_was_looked_at(project: Project) -> None:
    project.green()
    record = project.record("build")
    ran = project.run("approve", *SPEAK, "--record", str(record), "-o", "evidence/yes.json", "--expires", "2h")
    assert (ran.code, ran.out) == (0, "evidence/yes.json\n"), ran.err
    said = predicate(project.folder / "evidence/yes.json")
    assert said["decision"].startswith("sha256:")
    assert record.name.split("-")[1].split(".")[0] in said["decision"]


def test_what_is_approved_opens_the_stage_and_a_no_closes_it(project: Project) -> None:
    project.green()
    project.write("evidence/build.record.json", project.record("build").read_bytes())
    for index in (1, 2):
        project.attest("test_results", ran_tests(2 + index), slot="e2e", shard=f"{index}/2")
    project.attest("change", change("github:bo"), slot="change")
    assert project.decide("integration").code == 1
    assert project.run("approve", *SPEAK, "-o", "evidence/yes.json").code == 0
    assert project.decide("integration").code == 0
    assert project.run("reject", *SPEAK, "-o", "evidence/no.json").code == 0
    denied = project.decide("integration")
    assert denied.code == 1
    messages = [found["message"] for found in denied.results["approval.release-manager"]["violations"]]
    assert messages == ["0 of 1 approvals", "ada rejects it"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--key", "keys/ada.key"), 2, "a subject and --stage are needed | or --waiver FILE"),
        (("app.whl", "--key", "keys/ada.key"), 2, "a subject and --stage are needed | or --waiver FILE"),
        (
            ("app.whl", "--stage", "integration"),
            2,
            "the following arguments are required: --key | see gatekeeper approve --help",
        ),
        (
            ("app.whl", "--stage", "integratoin", "--key", "keys/ada.key"),
            2,
            "the gate parcel has no stage 'integratoin' | did you mean integration?",
        ),
        (("no.whl", "--stage", "integration", "--key", "keys/ada.key"), 2, "there is no such file | no.whl"),
        (("app.whl", "--stage", "integration", "--key", "no.key"), 2, "there is no such file | no.key"),
        (
            ("app.whl", "--stage", "integration", "--key", "keys/ci.key"),
            3,
            "this key belongs to nobody in trust.toml | keys/ci.key | add it to the keys of a person in trust.toml",
        ),
        ((*SPEAK, "--expires", "2020-01-01T00:00:00Z"), 2, "--expires is not in the future"),
        ((*SPEAK, "--expires", "soon"), 2, "not a duration | --expires | write 30m, 24h or 7d"),
        (
            (*SPEAK, "--expires", "Tomorrow"),
            2,
            "not an RFC 3339 time with a zone | --expires | write 2026-11-24T02:14:00Z",
        ),
        ((*SPEAK, "--record", "app.whl"), 2, "not JSON: "),
        ((*SPEAK, "--gate", "no.toml"), 2, "there is no such file | no.toml"),
        (
            ("app.whl", "--waiver", "w.json", "--key", "keys/cy.key"),
            2,
            "a waiver says itself what it is for | leave out S and --stage",
        ),
        (("--waiver", "app.whl", "--key", "keys/cy.key"), 2, "not JSON: "),
        (
            ("--waiver", "plain.json", "--key", "keys/cy.key"),
            2,
            "not a signed waiver | plain.json | gatekeeper waive writes one",
        ),
        (
            ("--waiver", "list.json", "--key", "keys/cy.key"),
            2,
            "not a signed waiver | list.json | gatekeeper waive writes",
        ),
        (("--waiver", "yes.json", "--key", "keys/cy.key"), 2, "not a waiver | yes.json"),
    ],
)
def test_approve_refuses_and_writes_nothing(
    project: Project, arguments: tuple[str, ...], code: int, message: str
) -> None:
    project.write("plain.json", project.statement("coverage", coverage(), slot="coverage"))
    project.write("list.json", "[]")
    project.write("yes.json", project.approve("ada").read_bytes())
    before = files(project)
    ran = project.run("approve", *arguments)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert told(ran).startswith(message)
    assert files(project) == before


def test_reject_knows_no_waiver(project: Project) -> None:
    ran = project.run("reject", "--waiver", "w.json", "--key", "keys/cy.key")
    assert (ran.code, ran.out) == (2, "")
    assert told(ran) == "unrecognized arguments: --waiver | see gatekeeper reject --help"


@pytest.mark.parametrize("what", ["subject", "gate"])
def test_a_record_of_something_else_is_not_what_was_looked_at(project: Project, what: str) -> None:
    project.green()
    record = str(project.record("build").relative_to(project.folder))
    if what == "subject":
        project.write("app.whl", "another artifact")
    else:
        project.edit("gate.toml", 'valid_for = "1d"', 'valid_for = "2d"')
    ran = project.run("approve", *SPEAK, "--record", record)
    assert (ran.code, told(ran)) == (2, f"the record is of another subject or gate | {record}")


# waive

ASK = ("--reason", "legacy", "--ticket", "OPS-1", "--expires", "7d", "--key", "keys/ada.key")


@pytest.fixture
def denied(project: Project) -> str:
    """The record of a deny: one file of two has too little coverage, and a test fails."""
    files = [{"path": path, "lines_valid": 10, "lines_covered": 1} for path in ("a.py", "b.py")]
    facts = {"lines_valid": 20, "lines_covered": 2, "files": files, "complete": True}
    project.attest("coverage", facts, slot="coverage")
    project.attest("test_results", ran_tests(3, "t"), slot="unit")
    return str(project.record("build"))


@pytest.mark.parametrize(
    ("asked", "terms"),
    [("own.coverage", ["a.py", "b.py"]), ("own.coverage:b.py", ["b.py"]), ("own.tests:s::t", ["s::t"])],
)
def test_a_waiver_is_drafted_from_what_the_record_denies(
    project: Project, denied: str, asked: str, terms: list[str]
) -> None:
    ran = project.run("waive", denied, asked, *ASK, "-o", "w.json")
    assert (ran.code, ran.out) == (0, "w.json\n"), ran.err
    rule = asked.partition(":")[0]
    assert ran.err == (
        f"asked for: {rule} ({', '.join(terms)}); now somebody else approves it:\n"
        "  gatekeeper approve --waiver w.json --key KEY\n"
    )
    said = predicate(project.folder / "w.json")
    assert (said["rule"], said["terms"], said["requester"]) == (rule, terms, "ada")
    assert (said["stage"], said["gate"], said["reason"], said["ticket"]) == ("build", "parcel", "legacy", "OPS-1")
    approved = project.run("approve", "--waiver", "w.json", "--key", "keys/cy.key")
    assert (approved.code, approved.out) == (0, "w.json\n")
    assert approved.err == f"approved: {rule} ({', '.join(terms)}) until {said['expires']}\n"


def test_without_a_name_the_file_is_called_after_rule_and_decision(project: Project, denied: str) -> None:
    ran = project.run("waive", denied, "own.tests", *ASK)
    decision = predicate(project.folder / ran.out.strip())["decision"]
    assert ran.out == f"waiver-own.tests-{decision[7:15]}.dsse.json\n"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("own.test", "own.test does not fail in this record | did you mean own.tests?"),
        ("own.tests:s::x", "own.tests has no violation 's::x' | did you mean s::t?"),
        ("subject.digest", "subject.digest does not fail in this record | known here: own.coverage, own.tests"),
    ],
)
def test_waive_refuses_what_the_record_does_not_deny(project: Project, denied: str, rule: str, message: str) -> None:
    before = files(project)
    ran = project.run("waive", denied, rule, *ASK)
    assert (ran.code, ran.out) == (2, "")
    assert told(ran) == message
    assert files(project) == before


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("slot.unit", "slot.unit is a requirement; only what a rule fails can be waived"),
        ("subject.digest", "subject.digest is a requirement; only what a rule fails can be waived"),
        ("own.tests", "own.tests is unanswered; only what a rule fails can be waived"),
    ],
)
def test_a_requirement_and_what_is_unanswered_cannot_be_waived(project: Project, rule: str, message: str) -> None:
    """Also where there is evidence and it is rejected, so that nothing is only waiting."""
    project.attest("test_results", ran_tests(), slot="unit", signer="stranger")
    ran = project.run("waive", str(project.record("build")), rule, *ASK)
    assert (ran.code, told(ran)) == (2, message)


def test_an_allow_needs_no_waiver(project: Project) -> None:
    project.green()
    ran = project.run("waive", str(project.record("build")), "own.tests", *ASK)
    assert (ran.code, told(ran)) == (2, "own.tests does not fail in this record | the decision is an allow")


@pytest.mark.parametrize("missing", ["--reason", "--ticket", "--expires", "--key"])
def test_a_waiver_says_why_and_until_when(project: Project, denied: str, missing: str) -> None:
    index = ASK.index(missing)
    ran = project.run("waive", denied, "own.tests", *ASK[:index], *ASK[index + 2 :])
    assert (ran.code, ran.out) == (2, "")
    assert told(ran) == f"the following arguments are required: {missing} | see gatekeeper waive --help"
    ran = project.run("waive", denied, "own.tests", *ASK[:index], missing, " ", *ASK[index + 2 :])
    assert (ran.code, ran.error["error"]) == (2, f"argument {missing}: it is empty")


# admit


@pytest.fixture
def allowed(project: Project) -> Path:
    project.green()
    return project.record("build")


def test_admit_says_what_may_enter_and_until_when(project: Project, allowed: Path) -> None:
    ran = project.admit(allowed)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"ADMITTED  parcel → build  {project.subject}  until 2")
    found = project.admit(allowed, "--format", "json").json
    assert found["admitted"] is True
    assert (found["stage"], found["subject"]) == ("build", project.subject.as_json())
    assert set(found) == {"admitted", "decision", "record", "stage", "subject", "valid_until"}


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--gate-digest", "sha256:" + "0" * 64), 1, "gate"),
        (("--repository", "acme/other"), 1, "repository"),
    ],
)
def test_admit_refuses_what_is_not_what_was_asked(
    project: Project, allowed: Path, more: tuple[str, ...], code: int, message: str
) -> None:
    ran = project.admit(allowed, *more)
    assert (ran.code, ran.out) == (code, "")
    assert message in told(ran)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            (),
            "--gate-digest is missing | the digest is in gatekeeper gate show; a name alone can be anybody's gate",
        ),
        (("--base", "sha256:0"), "not a digest | base"),
        (
            ("--base", "a", "--gate-digest", "b"),
            "argument --gate-digest: not allowed with argument --base",
        ),
    ],
)
def test_admit_insists_on_the_digest_of_the_gate(
    project: Project, allowed: Path, more: tuple[str, ...], message: str
) -> None:
    named = ("--subject", "app.whl", "--stage", "build", "--gate", "parcel", "--trust", "trust.toml")
    ran = project.run("admit", str(allowed), *named, *more)
    assert (ran.code, ran.out) == (2, "")
    assert told(ran).startswith(message)


def test_records_show_what_became_of_waivers(project: Project) -> None:
    project.green()
    project.attest("coverage", coverage(10), slot="coverage", name="coverage")
    project.waive("ada", "cy")
    project.waive("ada", name="own", ticket="OPS-2")
    ledger = ("--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
    assert project.decide("build", *ledger).code == 0
    text = project.run("records", "--waived").out
    assert "used  own.coverage: a.py · asked for by ada · approved by cy · until" in text.replace(" - ", " · ")
    assert "self-approved  own.coverage: a.py" in text
    assert "only ada, who asks for it, has signed it" in " ".join(text.split())
    [row] = project.run("records", "--waived", "--format", "json").json
    assert sorted(waiver["status"] for waiver in row["waivers"]) == ["self-approved", "used"]


def test_decisions_without_waivers_are_not_among_the_waived(project: Project) -> None:
    project.green()
    project.decide("build", "--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
    assert project.run("records", "--waived").out == "0 entries\n"
