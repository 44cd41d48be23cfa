"""`decide`, `explain`, `gate`, `opa`, `completion` and the command itself: options, streams and words."""

from __future__ import annotations

import io
import json
import signal
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper import __version__, cli
from gatekeeper.cli.commands import COMMANDS
from gatekeeper.record import Record
from project import ran_tests

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project, Ran


def told(ran: Ran) -> str:
    """The message of an error, its place, and what to do."""
    parts = [ran.error["error"], ran.error.get("where", ""), ran.error.get("hint", "")]
    return " | ".join(part for part in parts if part)


DECIDE = ("decide", "app.whl", "--stage", "build", "--evidence", "evidence")


# decide


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--emergency", "on fire"), 2, "the gate declares no emergency | decide without"),
        (("--base", "sha256:0"), 2, "not a digest | base | sha256: and 64 lower-case hexadecimal digits"),
        (("--deadline", "0"), 2, "argument --deadline: '0' is no number of seconds above zero"),
        (("--deadline", "inf"), 2, "argument --deadline: 'inf' is no number of seconds above zero"),
        (("--deadline", "soon"), 2, "argument --deadline: 'soon' is no number of seconds above zero"),
        (("--key", "keys/gate.key"), 2, "nothing to sign | add --record DIR or --ledger URL"),
        (("--sigstore",), 2, "nothing to sign | add --record DIR or --ledger URL"),
        (("--output", "no/such/file"), 2, "no such folder | no/such/file"),
        (("--output", "evidence"), 3, "cannot be written: Is a directory | evidence"),
        (("--record", "out", "--key", "no.key"), 2, "there is no such file | no.key"),
        (("--record", "app.whl", "--key", "keys/gate.key"), 3, ""),
        (("--ledger", "postgres://x", "--key", "keys/gate.key"), 2, ""),
        (("--what-if", "tomorrow"), 2, "not an RFC 3339 time with a zone | --what-if | write 2026-11-24T02:14:00Z"),
        (
            ("--what-if", "2030-01-01T00:00:00Z", "--ledger", "sqlite:///a.db"),
            2,
            "a preview is never sealed | leave out --record and --ledger",
        ),
        (("--format", "html"), 2, "argument --format: invalid choice: 'html'"),
        (("--gate", "no.toml"), 2, "there is no such file | no.toml"),
        (("--gate", ""), 2, "argument --gate: it is empty"),
        (("--evidence", ""), 2, "argument --evidence: it is empty"),
        (("--stage", "other"), 2, "--stage is given twice"),
    ],
)
def test_decide_refuses_and_prints_no_verdict(project: Project, more: tuple[str, ...], code: int, message: str) -> None:
    project.green()
    before = sorted(str(path) for path in project.folder.rglob("*"))
    ran = project.run(*DECIDE, *more)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert told(ran).startswith(message)
    assert sorted(str(path) for path in project.folder.rglob("*")) == before


@pytest.mark.parametrize("format_", [("--format", "json"), ("--format=json",)])
def test_with_json_a_refusal_is_json_on_stdout(project: Project, format_: tuple[str, ...]) -> None:
    ran = project.run(*DECIDE[:-1], "no-such", *format_)
    assert (ran.code, ran.err) == (2, "")
    assert ran.json == {
        "outcome": "error",
        "error": {
            "type": "UsageError",
            "code": "usage.missing_file",
            "message": "there is no such file",
            "where": "no-such",
            "hint": "",
        },
    }


def test_what_comes_after_two_dashes_asks_for_no_format(project: Project) -> None:
    ran = project.run(*DECIDE, "--", "--format=json")
    assert (ran.code, ran.out) == (2, "")


def test_with_github_a_refusal_is_annotated_too(project: Project) -> None:
    ran = project.run(*DECIDE[:-1], "no-such", "--format", "github")
    assert ran.code == 2
    assert ran.out.startswith("::error ")
    assert told(ran) == "there is no such file | no-such"


def test_what_is_staged_is_never_sealed(project: Project) -> None:
    ran = project.run("decide", "tree:INDEX", "--stage", "build", "--evidence", "evidence", "--record", "out")
    assert (ran.code, told(ran)) == (
        2,
        "what is only staged is never sealed | seal a decision about the commit: commit:HEAD",
    )


def test_a_decision_may_go_to_a_file(project: Project) -> None:
    project.green()
    ran = project.decide("build", "--output", "out.json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert json.loads((project.folder / "out.json").read_text())["outcome"] == "allow"


def test_the_raw_reports_are_kept_where_that_is_asked(project: Project) -> None:
    project.green()
    project.write("extra.xml", '<testsuite name="s" tests="1"><testcase classname="s" name="p"/></testsuite>')
    for path in (project.folder / "evidence").glob("unit*"):
        path.unlink()
    for more, kept in (((), 0), (("--with-raw",), 1)):
        ran = project.decide(
            "build",
            "--record",
            f"records{kept}",
            "--key",
            "keys/gate.key",
            *more,
            evidence=("evidence", "unit=extra.xml"),
        )
        record = Record.read(project.folder / ran.err.split()[1])
        assert ran.err == f"record {record.name.removeprefix(str(project.folder) + '/')} {record.digest}\n"
        assert record.material.raw == ((project.folder / "extra.xml").read_bytes(),) * kept


def test_a_ledger_without_a_folder_of_records(project: Project) -> None:
    project.green()
    ran = project.decide("build", "--ledger", "sqlite:///decisions.db", "--key", "keys/gate.key")
    assert ran.code == 0
    first, second = ran.err.splitlines()
    assert first.startswith("record sha256:")
    assert second.startswith("ledger head 1:sha256:")


def test_the_runner_is_told_in_its_own_files(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.write("summary.md", "before\n")))
    monkeypatch.setenv("GITHUB_OUTPUT", str(project.write("output", "before=1\n")))
    project.attest("test_results", ran_tests(3, "t"), slot="unit")
    ran = project.run(*DECIDE, "--format", "github", "--record", "records", "--key", "keys/gate.key")
    assert ran.code == 1
    assert "::error" in ran.out
    summary, output = (project.folder / "summary.md").read_text(), (project.folder / "output").read_text()
    assert summary.startswith("before\n")
    assert "s::t" in summary
    assert output.startswith("before=1\n")
    [record] = (project.folder / "records").iterdir()
    assert f"records/{record.name}" in output
    assert "deny" in output


def test_a_runner_that_cannot_be_told_is_no_decision(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.folder))
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    project.green()
    ran = project.run(*DECIDE, "--format", "github")
    assert ran.code == 3
    assert "cannot be written: Is a directory" in " ".join(ran.err.split())  # the path is as long as it is


def test_the_runner_is_not_told_twice_or_for_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.folder / "summary.md"))
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    project.green()
    assert project.run(*DECIDE).code == 0
    assert not (project.folder / "summary.md").exists()
    assert project.run(*DECIDE, "--format", "github", "--what-if", "2030-01-01T00:00:00Z").code == 3
    assert "preview" in (project.folder / "summary.md").read_text().lower()


# explain


@pytest.mark.parametrize("form", ["text", "json", "markdown", "sarif", "junit", "github"])
def test_explain_shows_what_decide_showed(project: Project, form: str) -> None:
    project.attest("test_results", ran_tests(3, "t"), slot="unit")
    record = project.record("build")
    ran = project.run("explain", str(record), "--format", form)
    assert (ran.code, ran.err) == (0, "Nothing was verified: this is what the record says.\n" if form == "text" else "")
    assert "own.tests" in ran.out
    if form == "json":
        assert ran.out.encode() == Record.read(record).decision.canonical + b"\n"


def test_explain_refuses_what_is_no_record(project: Project) -> None:
    ran = project.run("explain", "gate.toml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error["where"].startswith("gate.toml: line 1")
    ran = project.run("explain", "app.toml")
    assert told(ran) == "there is no such file | app.toml"


# gate


def test_gate_check_lock_and_drift(project: Project) -> None:
    ran = project.run("gate", "check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"ok: parcel, 2 stages, 3 rules, {project.gate_digest}\n"
    project.edit("policies/own/tests/tests.rego", '"failed", "errored"', '"failed"')
    ran = project.run("gate", "check")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == "drift: own.tests has changed (stage build)\ndrift: own.tests has changed (stage integration)\n"
    refused = project.run("decide", "app.whl", "--stage", "build")
    assert (refused.code, told(refused)) == (
        3,
        "own.tests has changed (stage build) | gate.lock | look at what changed, then run gatekeeper gate lock",
    )
    ran = project.run("gate", "lock")
    assert (ran.code, ran.out, ran.err) == (0, "gate.lock\n", "")
    assert project.run("gate", "check").code == 0


@pytest.mark.parametrize(
    ("lock", "drift"),
    [
        ({"gate": "other"}, ["it is the lock of the gate 'other'"]),
        ({"more": 1}, ["the lock was written differently"]),
        (
            {"stages": []},
            [
                "stage build now asks own.coverage too",
                "stage build now asks own.tests too",
                "stage integration now asks own.tests too",
            ],
        ),
        (
            {
                "stages": {
                    "build": {"rules": {"own.coverage": 7, "own.gone": "x"}},
                    "old": {"rules": {"a.b": "x"}},
                    "integration": 7,
                }
            },
            [
                "stage build no longer asks own.gone",
                "own.coverage has changed (stage build)",
                "stage build now asks own.tests too",
                "stage integration now asks own.tests too",
                "stage old no longer asks a.b",
            ],
        ),
    ],
)
def test_gate_check_says_every_drift(project: Project, lock: dict[str, Any], drift: list[str]) -> None:
    locked = json.loads((project.folder / "gate.lock").read_text())
    project.write("gate.lock", json.dumps(locked | lock))
    ran = project.run("gate", "check")
    assert ran.code == 1
    assert ran.out.splitlines() == [f"drift: {difference}" for difference in drift]


@pytest.mark.parametrize(
    ("lock", "code", "message"),
    [
        (None, 3, "there is no lock | gate.lock | run gatekeeper gate lock and keep the file with the gate"),
        ("{}", 3, "this is no lock that is read here | gate.lock"),
        ("[]", 2, "the document is not a JSON object | gate.lock: $"),
        ("{", 2, "not JSON: "),
    ],
)
def test_a_lock_that_is_none(project: Project, lock: str | None, code: int, message: str) -> None:
    if lock is None:
        (project.folder / "gate.lock").unlink()
    else:
        project.write("gate.lock", lock)
    for command in (("gate", "check"), ("decide", "app.whl", "--stage", "build")):
        ran = project.run(*command)
        assert (ran.code, ran.out) == (code, "")
        assert told(ran).startswith(message)


def test_gate_check_compiles_the_rules(project: Project) -> None:
    project.edit("policies/own/tests/tests.rego", "report.cases", "report.caces")
    ran = project.run("gate", "check")
    assert (ran.code, ran.out) == (3, "")
    assert "caces" in ran.err


def test_gate_show_says_what_each_stage_asks(project: Project) -> None:
    project.edit(
        "gate.toml",
        'valid_for = "1d"',
        'valid_for = "1d"\nfreezes = [{ name = "year end", from = 2026-12-20T00:00:00Z, until = 2027-01-04T00:00:00Z }]',
    )
    project.edit("gate.toml", 'unit = { kind = "test_results" }', 'unit = { kind = "test_results", max_age = "24h" }')
    ran = project.run("gate", "show")
    assert (ran.code, ran.err) == (0, "")
    for line in (
        "gate     parcel",
        f"digest   {project.gate_digest}",
        "engine   opa 1.22.2",
        "build - an allow is valid for 7d",
        "  slot     unit - test_results - at most 1d old",
        "  rule     own.coverage - Enough of the code is exercised",
        "           minimum_percent = 80",
        "integration - after build - an allow is valid for 1d",
        "  slot     e2e - test_results - 2 shards",
        "  approval 1 of role release-manager - not author",
        "  freeze   year end - from 2026-12-20T00:00:00Z until 2027-01-04T00:00:00Z",
    ):
        assert line in ran.out.splitlines()
    shown = project.run("gate", "show", "--format", "json").json
    assert (shown["name"], shown["digest"]) == ("parcel", project.gate_digest)
    assert shown["trust_detail"]["accept"]["decision"] == ["gate"]


@pytest.mark.parametrize("arguments", [("gate",), ("gate", "drift"), ("gate", "check", "extra"), ("ledger",), ("opa",)])
def test_an_action_that_is_none_is_refused(project: Project, arguments: tuple[str, ...]) -> None:
    ran = project.run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.error["hint"].startswith("see gatekeeper ")


# opa


def test_opa_which_says_which(project: Project, opa_path: Path) -> None:
    for more in ((), ("--gate", "gate.toml"), ("--version", "1.22.2")):
        ran = project.run("opa", "which", *more)
        assert (ran.code, ran.out) == (0, f"{opa_path}\n"), ran.err
        assert ran.err.startswith("opa 1.22.2 ")
        assert project.opa_digest in ran.err


def test_opa_which_of_another_version_is_3(project: Project) -> None:
    ran = project.run("opa", "which", "--version", "1.0.0")
    assert (ran.code, ran.out) == (3, "")
    project.edit("gate.toml", "opa 1.22.2", "opa 1.0.0")
    assert project.run("opa", "which").code == 3
    project.edit("gate.toml", "opa 1.0.0", "jq 1")
    ran = project.run("opa", "which")
    assert (ran.code, told(ran)) == (2, "engine is 'jq 1' | gate.toml:2 | engine = \"opa 1.22.2\"")
    (project.folder / "gate.toml").unlink()
    assert project.run("opa", "which").code == 0
    assert project.run("opa", "which", "--gate", "gate.toml").code == 2


# the command itself


def test_version_and_help(project: Project) -> None:
    for flag in ("--version", "-V"):
        assert project.run(flag).out == f"gatekeeper {__version__}\n"
    for flag in ("--help", "-h", "help"):
        ran = project.run(flag)
        assert (ran.code, ran.err) == (0, "")
        assert all(f"\n  {name} " in ran.out for name in COMMANDS)


def test_no_command_and_a_wrong_one(project: Project) -> None:
    ran = project.run()
    assert (ran.code, ran.out, told(ran)) == (2, "", "no command | see gatekeeper --help")
    ran = project.run("decid", "app.whl")
    assert (ran.code, told(ran)) == (2, "there is no command 'decid' | did you mean decide?")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(project: Project, name: str) -> None:
    ran = project.run(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: gatekeeper {name}")


def broken(name: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that does ``run``."""
    from gatekeeper.cli.arguments import Parser

    module = ModuleType("gatekeeper.cli.broken")
    module.parser = lambda _name: Parser(prog="gatekeeper broken")  # type: ignore[attr-defined]
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gatekeeper.cli.broken", module)
    monkeypatch.setitem(COMMANDS, name, ("broken", "for a test"))


@pytest.mark.parametrize(
    "mistake", [RuntimeError("a\nb\x1b[31m"), MemoryError(), RecursionError(), KeyboardInterrupt()]
)
def test_a_mistake_of_ours_is_3_and_no_verdict(
    project: Project, mistake: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: object) -> int:
        raise mistake

    broken("broken", run, monkeypatch)
    ran = project.run("broken")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"gatekeeper: a mistake in gatekeeper itself: {type(mistake).__name__}: ")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("leave", [SystemExit(), SystemExit("allowed"), SystemExit(True)])
def test_leaving_in_an_odd_way_is_no_allow(
    project: Project, leave: SystemExit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_arguments: object) -> int:
        raise leave

    broken("broken", run, monkeypatch)
    assert project.run("broken").code in {1, 3}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_is_3(project: Project, number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_arguments: object) -> int:
        signal.raise_signal(number)
        return 0

    broken("broken", run, monkeypatch)
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        ran = project.run("broken")
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert (ran.code, ran.out, ran.err) == (3, "", f"gatekeeper: stopped by {number.name}; no decision was reached\n")


class Full(io.StringIO):
    """A stream whose reader is gone."""

    def flush(self) -> None:
        raise BrokenPipeError

    def fileno(self) -> int:
        raise io.UnsupportedOperation


@pytest.mark.parametrize(("stream", "code"), [("stdout", 3), ("stderr", 0)])
def test_a_result_that_nobody_received_is_3(
    project: Project, stream: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, stream, Full())
    with pytest.raises(SystemExit) as left:
        cli.main(["--version"])
    assert left.value.code == code


# completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_completion_script_knows_every_command(project: Project, shell: str) -> None:
    ran = project.run("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert all(name in ran.out for name in COMMANDS)
    assert ("--evidence" in ran.out) == (shell != "tcsh")


# the terminal


class Terminal(io.StringIO):
    """A terminal with an encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "encoding", "coloured", "ascii_only"),
    [
        ({}, "utf-8", True, False),
        ({"TERM": "dumb"}, "utf-8", False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "utf-8", False, False),
        ({"NO_COLOR": ""}, "utf-8", True, False),
        ({"COLUMNS": "50"}, "ascii", True, True),
        ({"COLUMNS": "50"}, "no-such-encoding", True, True),
    ],
)
def test_what_the_terminal_can_show(
    project: Project,
    variables: dict[str, str],
    encoding: str,
    coloured: bool,
    ascii_only: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    project.green()
    terminal = Terminal(encoding)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert cli.run(DECIDE) == 0
    shown = terminal.getvalue()
    assert ("\x1b[" in shown) == coloured
    assert shown.isascii() == ascii_only
    if "COLUMNS" in variables:
        plain = [line for line in shown.splitlines() if "\x1b" not in line]
        assert max(map(len, plain)) <= 50
