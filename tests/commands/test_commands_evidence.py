"""`attest`, `verify` and `inspect`: exact codes, streams and words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper import _json
from gatekeeper.attestation import parse_statement, read_attestation
from project import coverage, ran_tests

if TYPE_CHECKING:
    from project import Project, Ran

JUNIT = '<testsuite name="s" tests="1"><testcase classname="s" name="p"/></testsuite>'


def told(ran: Ran) -> str:
    """The message of an error, and its place."""
    return f"{ran.error['error']} ({ran.error.get('where', '')})"


# attest


@pytest.mark.parametrize(
    ("more", "form", "name", "shard"),
    [
        ((), "plain", "unit-junit-", "1/1"),
        (("--key", "keys/ci.key"), "dsse", "unit-junit-", "1/1"),
        (("--shard", "2/4", "--kind", "test_results"), "plain", "unit-2of4-junit-", "2/4"),
    ],
)
def test_attest_writes_one_file_and_says_where(
    project: Project, more: tuple[str, ...], form: str, name: str, shard: str
) -> None:
    project.write("junit.xml", JUNIT)
    ran = project.run("attest", "junit.xml", "--subject", "app.whl", "--slot", "unit", "-o", "out/deep", *more)
    assert (ran.code, ran.err) == (0, "")
    [path] = (project.folder / "out/deep").iterdir()
    assert ran.out == f"out/deep/{path.name}\n"
    made = read_attestation(path.read_bytes())
    assert made is not None
    ending = {"plain": "intoto.json", "dsse": "dsse.json"}[form]
    assert path.name == f"{name}{made.digest[7:15]}.{ending}"
    statement = parse_statement(made.payload)
    assert made.form == form
    assert statement.subjects == (("app.whl", project.subject.digest),)
    assert (statement.predicate["slot"], statement.predicate["shard"]) == ("unit", shard)
    raw = statement.predicate["raw"]
    assert (raw["name"], raw["digest"]) == ("junit.xml", _json.digest(JUNIT.encode()))


def test_what_attest_makes_opens_the_stage(project: Project) -> None:
    project.write("junit.xml", JUNIT)
    project.attest("coverage", coverage(), slot="coverage")
    named = ("--subject", "app.whl", "--slot", "unit", "--key", "keys/ci.key", "-o", "evidence")
    assert project.run("attest", "junit.xml", *named).code == 0
    assert project.decide("build").code == 0


def test_odd_names_of_reports_become_plain_names_of_files(project: Project) -> None:
    project.write("a b\nc$(x).xml", JUNIT)
    project.write("…", JUNIT)
    for report, stem in (("a b\nc$(x).xml", "a_b_c__x_"), ("…", "_")):
        ran = project.run("attest", report, "--subject", "app.whl", "--slot", "unit", "-o", "out")
        assert ran.code == 0, ran.err
        assert ran.out.startswith(f"out/unit-{stem}-")


def test_of_several_reports_none_is_written_unless_all_can_be_read(project: Project) -> None:
    project.write("junit.xml", JUNIT)
    project.write("cut.xml", JUNIT[:-5])
    ran = project.run("attest", "junit.xml", "cut.xml", "--subject", "app.whl", "--slot", "unit", "-o", "out")
    assert ran.code == 2
    assert "cut.xml" in ran.err
    assert ran.out == ""
    assert not (project.folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("no.xml", "--subject", "app.whl", "--slot", "unit"), 2, "there is no such file (no.xml)"),
        (("junit.xml", "--subject", "no.whl", "--slot", "unit"), 2, "there is no such file (no.whl)"),
        (("junit.xml", "--subject", "app.whl"), 2, "the following arguments are required: --slot"),
        (("junit.xml", "--subject", "app.whl", "--slot", ""), 2, "argument --slot: it is empty"),
        (
            ("junit.xml", "--subject", "app.whl", "--slot", "unit", "--shard", "5/4"),
            2,
            "argument --shard: '5/4' is not a shard: write 2/4 for the second of four",
        ),
        (
            ("junit.xml", "--subject", "app.whl", "--slot", "unit", "--key", "no.key"),
            2,
            "there is no such file (no.key)",
        ),
        (
            ("junit.xml", "--subject", "app.whl", "--slot", "unit", "--key", "keys/ci.pub"),
            2,
            "(keys/ci.pub)",
        ),
        (
            ("junit.xml", "--subject", "app.whl", "--slot", "unit", "--key", "a", "--sigstore"),
            2,
            "argument --sigstore: not allowed with argument --key",
        ),
        (
            ("junit.xml", "--subject", "app.whl", "--slot", "unit", "--slot", "other"),
            2,
            "--slot is given twice",
        ),
        (
            ("junit.xml", "--subject", "app.whl", "--slot", "unit", "-o", "app.whl"),
            3,
            "cannot be made: File exists (app.whl)",
        ),
        (("app.whl", "--subject", "app.whl", "--slot", "unit"), 2, "(app.whl)"),
        (("junit.xml", "--subject", "app.whl", "--slot", "unit", "--kind", "tests"), 2, "tests"),
    ],
)
def test_attest_refuses(project: Project, arguments: tuple[str, ...], code: int, message: str) -> None:
    project.write("junit.xml", JUNIT)
    before = sorted(path.name for path in project.folder.rglob("*"))
    ran = project.run("attest", *arguments)
    assert ran.code == code, ran.err
    assert message in told(ran)
    assert ran.out == ""
    assert sorted(path.name for path in project.folder.rglob("*")) == before


def test_attest_with_sigstore_outside_ci_says_that_there_is_no_identity(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "CIRCLECI",
        "BUILDKITE",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "SIGSTORE_ID_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    project.write("junit.xml", JUNIT)
    ran = project.run("attest", "junit.xml", "--subject", "app.whl", "--slot", "unit", "--sigstore", "-o", "out")
    assert (ran.code, ran.out) == (2, "")
    assert told(ran) == "no identity to sign as ()"
    assert not (project.folder / "out").exists()


# verify


def test_verify_says_whose_word_is_believed(project: Project) -> None:
    project.green()
    ran = project.run("verify", "evidence", "--subject", "app.whl", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert [(item["name"], item["status"], item["signers"]) for item in ran.json] == [
        (name, "verified", ["ci"]) for name in [item["name"] for item in ran.json]
    ]
    assert {item["name"] for item in ran.json} == {"unit.json", "coverage.json"}
    text = project.run("verify", "evidence", "--subject", "app.whl")
    assert text.code == 0
    assert text.out.endswith("2 verified\n")


@pytest.mark.parametrize(
    ("signer", "status", "code", "reason"),
    [
        ("ci", "verified", 0, ""),
        ("scanner", "rejected", 1, "signed by scanner; test_results is accepted from ci"),
        ("stranger", "rejected", 1, "no signature holds under a key of trust.toml"),
        (None, "rejected", 1, "signed by nobody; test_results is accepted from ci"),
    ],
)
def test_verify_is_1_where_somebody_is_not_believed(
    project: Project, signer: str | None, status: str, code: int, reason: str
) -> None:
    project.attest("test_results", ran_tests(), slot="unit", signer=signer)
    ran = project.run("verify", "evidence", "--subject", "app.whl", "--format", "json")
    [item] = ran.json
    assert (ran.code, item["status"]) == (code, status)
    assert item.get("reason", "").startswith(reason)


def test_verify_with_what_a_stage_accepts(project: Project) -> None:
    project.attest("test_results", ran_tests(), slot="unit", signer=None)
    trust = (project.folder / "trust.toml").read_text()
    project.write("trust.toml", trust + '\n[stages.build.accept]\ntest_results = ["unsigned"]\n')
    for stage, code in ((("--stage", "build"), 0), ((), 1)):
        assert project.run("verify", "evidence", "--subject", "app.whl", *stage).code == code


def test_verify_by_another_trust_needs_no_gate(project: Project) -> None:
    project.attest("test_results", ran_tests(), slot="unit")
    (project.folder / "gate.toml").unlink()
    ran = project.run("verify", "evidence", "--subject", "app.whl", "--trust", "trust.toml", "--format", "json")
    assert (ran.code, ran.json[0]["status"]) == (0, "verified")
    assert project.run("verify", "evidence", "--subject", "app.whl").code in {2, 3}


def test_verify_shows_a_time_that_is_claimed(project: Project) -> None:
    project.attest("test_results", ran_tests(), slot="unit", attested_at="2026-01-02T03:04:05Z")
    [item] = project.run("verify", "evidence", "--subject", "app.whl", "--format", "json").json
    assert item["claimed_at"] == "2026-01-02T03:04:05Z"
    assert "verified_at" not in item


def test_verify_about_another_subject(project: Project) -> None:
    project.green()
    project.write("other.whl", "another artifact")
    ran = project.run("verify", "evidence", "--subject", "other.whl", "--format", "json")
    assert ran.code == 1
    assert all(item["reason"].startswith("it is about another subject: app.whl sha256:") for item in ran.json)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("evidence", "--subject", "app.whl"), 2, "no attestation in this folder (evidence)"),
        (("app.whl", "--subject", "app.whl"), 2, "not an attestation (app.whl)"),
        (("no.json", "--subject", "app.whl"), 2, "there is no such file (no.json)"),
        (("evidence",), 2, "the following arguments are required: --subject"),
        (("app.whl", "--subject", "app.whl", "--format", "sarif"), 2, "invalid choice: 'sarif'"),
    ],
)
def test_verify_refuses(project: Project, arguments: tuple[str, ...], code: int, message: str) -> None:
    ran = project.run("verify", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert message in told(ran)


# inspect


def test_inspect_says_what_a_report_and_an_attestation_say(project: Project) -> None:
    project.write("junit.xml", JUNIT)
    path = project.attest("test_results", ran_tests(3, "t"), slot="unit", signer="stranger", name="unit")
    ran = project.run("inspect", "junit.xml", str(path), "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    report, attestation = ran.json
    assert (report["kind"], report["format"], report["facts"]["total"]) == ("test_results", "junit", 1)
    assert report["digest"] == _json.digest(JUNIT.encode())
    assert attestation["path"] == str(path)
    text = project.run("inspect", "junit.xml")
    assert text.out.endswith("Nothing was verified: this is what they say.\n")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("cut.xml", JUNIT[:-5], "cut.xml"),
        ("notes.txt", "nothing", "notes.txt"),
        ("no.xml", None, "there is no such file (no.xml)"),
    ],
)
def test_inspect_refuses_what_is_named_and_says_nothing(
    project: Project, name: str, data: str | None, message: str
) -> None:
    if data is not None:
        project.write(name, data)
    ran = project.run("inspect", name)
    assert (ran.code, ran.out) == (2, "")
    assert message in told(ran)
    found: Any = project.run("inspect", name, "--format", "json")
    assert json.loads(found.out)["outcome"] == "error"
    assert found.code == 2
