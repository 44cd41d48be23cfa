"""`gatekeeper init`: from the reports that are there to a first decision, and never over anything."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from doors_tools import environment, gatekeeper, git, lay, next_command

WRITTEN = {
    "gate.toml",
    "trust.toml",
    "gate.lock",
    "gate.sh",
    "policies/own/pack.toml",
    "policies/own/enough/enough.rego",
    "policies/own/enough/enough_test.rego",
    ".pre-commit-config.yaml",
}
BAD = [
    "junit/pytest-bad.xml",
    "coverage/coveragepy-bad.json",
    "sarif/bandit-bad.sarif",
    "vulnerabilities/osv-scanner-bad.json",
]
GOOD = ["junit/pytest.xml", "coverage/coveragepy.json", "sarif/ruff.sarif", "vulnerabilities/pip-audit.json"]


def files(folder: Path) -> set[str]:
    below = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in below if path.parts[0] not in {".git", "reports"}}


def test_a_slot_for_each_report_and_a_next_command_that_denies_for_reasons(newcomer: Path) -> None:
    lay(newcomer / "reports", *BAD)
    ran = gatekeeper("init")
    assert ran.code == 0, ran.err
    assert files(newcomer) == WRITTEN
    gate = tomllib.loads(Path("gate.toml").read_text())
    assert gate["name"] == "my-project"
    assert {name: slot["kind"] for name, slot in gate["stages"]["build"]["evidence"].items()} == {
        "unit": "test_results",
        "coverage": "coverage",
        "lint": "static_analysis",
        "scan": "vulnerabilities",
    }
    decided = gatekeeper(*next_command(ran.out), "--format", "json")
    assert decided.code == 1, decided.err
    denied = {id_ for id_, result in decided.results.items() if result["outcome"] == "fail"}
    assert {"tests.passed", "coverage.branches", "static_analysis.clean", "vulnerabilities.severity"} <= denied
    assert all(result["outcome"] != "unanswered" for result in decided.results.values())
    assert decided.results["own.enough"]["outcome"] == "pass"


def test_green_reports_open_the_stage_at_once_and_say_that_nobody_signed_them(newcomer: Path) -> None:
    lay(newcomer / "reports", *GOOD)
    decided = gatekeeper(*next_command(gatekeeper("init").out))
    assert decided.code == 0, decided.reasons
    assert decided.out.startswith("ALLOW  commit")
    assert "enough for build, not for a stage or deployment" in " ".join(decided.out.split())


ALONE = [
    "coverage/jacoco.xml",
    "coverage/node.lcov",
    "junit/pytest-none.xml",
    "sbom/npm-empty.spdx.json",
    "sbom/syft.spdx.json",
    "written/grype-bad.json",
    "written/trivy.json",
]


@pytest.mark.parametrize("name", ALONE)
def test_one_report_alone_gets_a_gate_that_decides(name: str, newcomer: Path) -> None:
    lay(newcomer / "reports", name)
    ran = gatekeeper("init")
    assert ran.code == 0, ran.err
    decided = gatekeeper(*next_command(ran.out), "--format", "json")
    assert decided.code in {0, 1}, decided.err
    assert decided.results["own.enough"]["outcome"] in {"pass", "unanswered"}


def test_attestations_are_left_to_whoever_made_them(newcomer: Path) -> None:
    lay(newcomer / "reports", "written/slsa-v1.json")
    ran = gatekeeper("init")
    assert ran.code == 2
    assert "passed over: reports/slsa-v1.json: an attestation already; write its slot yourself" in ran.err


def test_unsigned_is_accepted_in_build_only(newcomer: Path) -> None:
    lay(newcomer / "reports", *GOOD)
    gatekeeper("init")
    trust = tomllib.loads(Path("trust.toml").read_text())
    assert list(trust) == ["stages"]
    assert list(trust["stages"]) == ["build"]
    assert set(map(tuple, trust["stages"]["build"]["accept"].values())) == {("unsigned",)}


def test_the_first_rule_compiles_and_its_test_has_seen_it_deny(started: Path) -> None:
    assert gatekeeper("gate", "check").code == 0
    assert gatekeeper("hook", "policy", "policies/own/enough/enough.rego").reasons == ""


def test_two_reports_of_one_kind_get_slots_by_their_names_and_one_file_twice_gets_one(newcomer: Path) -> None:
    lay(newcomer / "reports/a", "junit/pytest.xml", "junit/surefire.xml")
    lay(newcomer / "reports/b", "junit/pytest.xml")
    ran = gatekeeper("init", "reports")
    assert set(tomllib.loads(Path("gate.toml").read_text())["stages"]["build"]["evidence"]) == {"pytest", "surefire"}
    assert "passed over: reports/b/pytest.xml: the same bytes as reports/a/pytest.xml" in ran.err
    assert gatekeeper(*next_command(ran.out)).code in {0, 1}


@pytest.mark.parametrize("there", ["gate.toml", "trust.toml", "gate.lock", "gate.sh", "policies/own/pack.toml"])
def test_a_file_that_is_there_is_named_and_nothing_is_written(there: str, newcomer: Path) -> None:
    lay(newcomer / "reports", *GOOD)
    Path(there).parent.mkdir(parents=True, exist_ok=True)
    Path(there).write_text("mine")
    ran = gatekeeper("init")
    assert ran.code == 2
    assert there in ran.err
    assert files(newcomer) == {there}
    assert Path(there).read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_written_through(newcomer: Path, tmp_path: Path) -> None:
    lay(newcomer / "reports", *GOOD)
    Path("trust.toml").symlink_to(tmp_path / "elsewhere")
    assert gatekeeper("init").code == 2
    assert not (tmp_path / "elsewhere").exists()


def test_what_fails_halfway_leaves_nothing(newcomer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(newcomer / "reports", *GOOD)
    real, count = os.link, 0

    def fails_at_the_fifth(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count == 5:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "link", fails_at_the_fifth)
    ran = gatekeeper("init")
    assert ran.code == 3
    assert "No space left on device" in ran.err
    assert files(newcomer) == set()
    assert not Path("policies").exists()


def test_configurations_of_the_project_are_left_alone_and_the_snippet_is_shown(newcomer: Path) -> None:
    lay(newcomer / "reports", *GOOD)
    for path in (".pre-commit-config.yaml", ".gitlab-ci.yml"):
        Path(path).write_text("mine: true\n")
    Path(".github/workflows").mkdir(parents=True)
    ran = gatekeeper("init")
    assert ran.code == 0
    for path in (".pre-commit-config.yaml", ".gitlab-ci.yml"):
        assert Path(path).read_text() == "mine: true\n"
        assert f"{path} is there already; add to it what you want of this:" in ran.out
    assert "    - sh gate.sh\n" in ran.out
    assert (
        yaml.safe_load(Path(".github/workflows/gate.yml").read_text())["jobs"]["gate"]["steps"][-1]["if"] == "always()"
    )


@pytest.mark.parametrize(
    ("remote", "expected"),
    [("git@github.com:a/b.git", ".github/workflows/gate.yml"), ("https://gitlab.com/a/b", ".gitlab-ci.yml")],
)
def test_the_ci_snippet_is_of_the_service_that_the_remote_names(remote: str, expected: str, newcomer: Path) -> None:
    git("remote", "add", "origin", remote)
    lay(newcomer / "reports", *GOOD)
    gatekeeper("init")
    assert files(newcomer) == {*WRITTEN, expected}
    yaml.safe_load(Path(expected).read_text())


def test_gate_sh_decides_with_the_exit_code_of_the_gate(newcomer: Path) -> None:
    lay(newcomer / "reports", *BAD)
    gatekeeper("init")
    shim = newcomer / "bin/gatekeeper"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{os.sys.executable}" -m gatekeeper "$@"\n')  # type: ignore[attr-defined]
    shim.chmod(0o755)
    env = environment()
    env["PATH"] = f"{shim.parent}{os.pathsep}{env['PATH']}"
    done = subprocess.run(["sh", "gate.sh", "--format", "json"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert '"outcome":"deny"' in done.stdout


def test_without_reports_nothing_is_written(newcomer: Path) -> None:
    Path("README.md").write_text("nothing")
    ran = gatekeeper("init")
    assert ran.code == 2
    assert "no report that is read here" in ran.err
    assert files(newcomer) == {"README.md"}
    assert gatekeeper("init", "nowhere").code == 2


def test_the_artifact_is_the_subject_when_there_is_one(newcomer: Path) -> None:
    lay(newcomer / "reports", *GOOD)
    Path("dist").mkdir()
    Path("dist/app-1.0-py3-none-any.whl").write_bytes(b"wheel")
    assert next_command(gatekeeper("init").out)[1] == "dist/app-1.0-py3-none-any.whl"


def test_without_git_the_first_decision_still_works(
    tmp_path: Path, opa_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_OPA", str(opa_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    lay(tmp_path / "reports", *GOOD)
    assert gatekeeper(*next_command(gatekeeper("init").out)).code == 0
