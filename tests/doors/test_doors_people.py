"""`approve`, `reject`, `waive` as people use them: keys with a passphrase, keys of nobody, and what then counts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from project import change, coverage, ran_tests

if TYPE_CHECKING:
    from project import Project


@pytest.fixture
def waiting(project: Project) -> Project:
    """Everything for `integration` is there but the approval; Ada's key in a file has a passphrase."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", "ada"], check=True)
    trust = Path("trust.toml").read_text()
    public = Path("ada.pub").read_text().strip()
    project.write(
        "trust.toml",
        trust.replace(
            'roles = ["release-manager"]\nkeys = [', f'roles = ["release-manager"]\nkeys = [{{ key = "{public}" }}, ', 1
        ),
    )
    project.green()
    project.attest("test_results", ran_tests(), slot="e2e", shard="1/2")
    project.attest("test_results", ran_tests(2), slot="e2e", shard="2/2")
    project.attest("change", change("github:bo"), slot="change")
    shutil.copy(project.record(), "evidence/build.record.json")
    return project


def test_the_passphrase_comes_from_the_environment(waiting: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    signing = ("approve", "app.whl", "--stage", "integration", "--key", "ada", "-o", "evidence/ada.json")
    refused = waiting.run(*signing)
    assert refused.code == 2
    assert "GATEKEEPER_KEY_PASSPHRASE" in refused.err
    assert not Path("evidence/ada.json").exists()
    monkeypatch.setenv("GATEKEEPER_KEY_PASSPHRASE", "wrong")
    assert waiting.run(*signing).code == 2
    monkeypatch.setenv("GATEKEEPER_KEY_PASSPHRASE", "open sesame")
    signed = waiting.run(*signing)
    assert (signed.code, signed.out) == (0, "evidence/ada.json\n")
    decided = waiting.decide("integration")
    assert decided.results["approval.release-manager"]["outcome"] == "pass", decided.out
    assert decided.code == 0


def test_a_key_of_nobody_signs_nothing(waiting: Project) -> None:
    ran = waiting.run("reject", "app.whl", "--stage", "integration", "--key", "keys/dee.key", "-o", "no.json")
    assert ran.code == 3
    assert "this key belongs to nobody in trust.toml" in ran.err
    assert not Path("no.json").exists()


def test_a_waiver_is_drafted_from_the_deny_and_counts_once_another_has_signed(project: Project) -> None:
    project.attest("test_results", ran_tests(), slot="unit")
    project.attest("coverage", coverage(10), slot="coverage")
    record = project.record()
    terms = (
        "--reason",
        "legacy",
        "--ticket",
        "OPS-1",
        "--expires",
        "7d",
        "--key",
        "keys/ada.key",
        "-o",
        "evidence/w.json",
    )
    assert project.run("waive", str(record), "own.coverge", *terms).code == 2
    asked = project.run("waive", str(record), "own.coverage", *terms)
    assert (asked.code, asked.out) == (0, "evidence/w.json\n")
    assert project.decide("build").code == 1
    own = project.run("approve", "--waiver", "evidence/w.json", "--key", "keys/ada.key")
    assert (own.code, "ada asked for this waiver" in own.err) == (2, True)
    assert project.run("approve", "--waiver", "evidence/w.json", "--key", "keys/cy.key").code == 0
    decided = project.decide("build")
    assert (decided.code, decided.results["own.coverage"]["outcome"]) == (0, "waived")
