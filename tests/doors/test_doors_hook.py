"""The hooks, without the framework: what is staged is judged, whatever lies on the disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doors_tools import FIXTURES, gatekeeper, git

from gatekeeper.errors import SealError, UsageError

RULE = Path("policies/own/enough/enough.rego")
TEST = Path("policies/own/enough/enough_test.rego")
EVIDENCE = ("--evidence", "unit=reports/pytest.xml", "coverage=reports/coveragepy.json")


def decide(*more: str, evidence: tuple[str, ...] = EVIDENCE) -> tuple[int, str]:
    ran = gatekeeper("hook", "decide", *evidence, *more)
    return ran.code, ran.reasons


def test_green_reports_pass_and_red_ones_do_not(started: Path) -> None:
    code, said = decide()
    assert (code, said.split()[:3]) == (0, ["WOULD", "ALLOW", "tree"])
    Path("reports/pytest.xml").write_bytes((FIXTURES / "junit/pytest-bad.xml").read_bytes())
    git("add", "reports")
    code, said = decide()
    assert code == 1
    assert "tests.passed · Every test passed" in said or "tests.passed - Every test passed" in said


def test_a_report_staged_red_and_made_green_on_disk_is_red(started: Path) -> None:
    green = Path("reports/pytest.xml").read_bytes()
    Path("reports/pytest.xml").write_bytes((FIXTURES / "junit/pytest-bad.xml").read_bytes())
    git("add", "reports")
    Path("reports/pytest.xml").write_bytes(green)
    assert decide()[0] == 1
    git("add", "reports")
    assert decide()[0] == 0


def test_the_subject_is_the_tree_that_would_be_committed(started: Path) -> None:
    code, said = decide()
    assert f"gitTree:{git('write-tree')[:12]}" in said
    git("commit", "--quiet", "--message=all")
    assert git("write-tree") == git("rev-parse", "HEAD^{tree}")
    assert code == 0


def test_a_gate_loosened_on_disk_only_changes_nothing(started: Path) -> None:
    Path("reports/pytest.xml").write_bytes((FIXTURES / "junit/pytest-bad.xml").read_bytes())
    git("add", ".")
    gate = Path("gate.toml").read_text()
    Path("gate.toml").write_text(gate.replace('"tests.passed",', ""))
    gatekeeper("gate", "lock")
    assert decide()[0] == 1


def test_a_gate_staged_without_its_lock_gives_no_decision(started: Path) -> None:
    gate = Path("gate.toml").read_text()
    Path("gate.toml").write_text(gate.replace('"tests.passed",', ""))
    gatekeeper("gate", "lock")
    git("add", "gate.toml")
    code, said = decide()
    assert code == 3
    assert "stage build no longer asks tests.passed" in said


def test_a_missing_report_is_a_deny_and_slots_are_left_out_by_name_only(started: Path) -> None:
    only = ("--evidence", "unit=reports/pytest.xml")
    code, said = decide(evidence=only)
    assert code == 1
    assert "slot.coverage" in said
    code, said = decide("--slot", "unit", evidence=only)
    assert code == 0, said
    assert "coverage" not in said.partition("changes")[0]


def test_a_command_makes_the_report_in_a_copy_of_what_is_staged(started: Path) -> None:
    Path("suite.xml").write_bytes((FIXTURES / "junit/pytest-bad.xml").read_bytes())
    git("add", "suite.xml")
    Path("suite.xml").write_bytes((FIXTURES / "junit/pytest.xml").read_bytes())
    run = ("--run", 'unit=cp suite.xml "$REPORT"')
    assert decide(*run, evidence=())[0] == 1
    git("add", "suite.xml")
    assert decide(*run, evidence=())[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--run", "unit=true"], 2, "the command for unit left no report"),
        (["--run", "unit"], 2, "--run needs SLOT=COMMAND"),
        (["--run", "=true"], 2, "--run needs SLOT=COMMAND"),
        (["--run", 'unit=echo > "$REPORT"'], 1, "slot.unit"),
        (["--slot", "unti"], 2, "did you mean unit?"),
        (["--stage", "biuld"], 2, "did you mean build?"),
        (["--evidence", "reports/nowhere.xml"], 2, "there is no such file"),
        (["--gate", "other.toml"], 2, "the gate is not staged"),
        (["--record", "records"], 2, "unrecognized arguments: --record records"),
        (["--key", "key"], 2, "unrecognized arguments: --key key"),
        ([], 1, "slot.unit"),
    ],
)
def test_what_cannot_be_asked(started: Path, arguments: list[str], code: int, said: str) -> None:
    ran = gatekeeper("hook", "decide", *arguments)
    assert ran.code == code, ran.reasons
    assert said in ran.reasons
    assert "/tree/" not in ran.err


def test_outside_of_a_repository_there_is_no_decision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = gatekeeper("hook", "decide")
    assert ran.code == 2
    assert "not a git repository" in ran.err


def test_its_decision_can_never_be_sealed(started: Path) -> None:
    ran = gatekeeper("decide", "tree:INDEX", "--stage", "build", *EVIDENCE, "--record", "records")
    assert ran.code == 2
    assert "what is only staged is never sealed" in ran.err
    assert not Path("records").exists()


def test_what_the_hook_gets_from_the_gate_is_a_preview(started: Path) -> None:
    from datetime import UTC, datetime

    from gatekeeper.cli.hook_decide import local_stage
    from gatekeeper.gate import Gate
    from gatekeeper.gather import gather
    from gatekeeper.sealing import seal
    from gatekeeper.subject import Subject

    gate = Gate.load("gate.toml")
    stage = local_stage(gate, "build", {"unit"})
    assert [rule.id for rule in stage.rules] == ["own.enough", "tests.flaky", "tests.passed", "tests.skipped"]
    assert (list(stage.slots), stage.approvals, stage.freezes, stage.after) == (["unit"], (), (), "")
    subject = Subject.index()
    evidence = gather(["unit=reports/pytest.xml"], stage, subject)
    preview = gate.preview(subject, "build", evidence, at=datetime.now(UTC))
    with pytest.raises(UsageError):
        bool(preview)
    with pytest.raises(SealError):
        seal(preview.decision)


# the policy hook


def policy(*files: str) -> tuple[int, str]:
    ran = gatekeeper("hook", "policy", *files)
    return ran.code, ran.reasons


def stage_edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    git("add", str(path))


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (RULE, "\tsome report", "    some report", f"{RULE}: not formatted: run opa fmt --write on it"),
        (RULE, "report.executed <", "report.exceuted <", f"{RULE}:15: test_results has no exceuted; it has executed"),
        (RULE, "# title: Enough was examined\n", "", "title"),
        (RULE, "deny contains", "denny contains", "did you mean deny?"),
        (TEST, "count(denials(10)) == 0", "count(denials(10)) == 1", f"{TEST}:13: test_passes_the_minimum failed"),
        (TEST, "denials(9)", "denials(90)", f"{TEST}:7: test_denies_less_than_the_minimum failed"),
    ],
)
def test_a_fault_in_a_staged_rule(started: Path, path: Path, old: str, new: str, said: str) -> None:
    git("commit", "--quiet", "--message=all")
    assert policy(str(path)) == (0, "")
    stage_edit(path, old, new)
    code, reasons = policy(str(path))
    assert code == 1
    assert said in reasons
    assert "/gatekeeper-" not in reasons


def test_a_rule_without_its_test_is_named_also_when_the_test_is_deleted(started: Path) -> None:
    git("commit", "--quiet", "--message=all")
    git("rm", "--quiet", str(TEST))
    code, reasons = policy()
    assert code == 1
    assert re.search(r"policies/own/enough/enough\.rego:\d+: no test of own\.enough has seen this deny", reasons)


def test_a_fault_on_disk_that_is_not_staged_is_not_the_commits(started: Path) -> None:
    RULE.write_text("nonsense")
    assert policy(str(RULE)) == (0, "")


def test_a_fault_that_is_staged_and_mended_on_disk_only_is_found(started: Path) -> None:
    good = RULE.read_text()
    RULE.write_text("nonsense")
    git("add", str(RULE))
    RULE.write_text(good)
    assert policy(str(RULE))[0] == 1


def test_files_of_no_pack_are_nothing_to_check(started: Path) -> None:
    assert policy("README.md", "gate.toml", "../x.rego", "/etc/passwd") == (0, "")


def test_without_an_engine_there_is_no_pass(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_OPA", "/nowhere/opa")
    assert policy(str(RULE))[0] == 3
    assert decide()[0] == 3
