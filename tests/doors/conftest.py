"""A project of somebody who has never heard of gates: a git repository with reports of real tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from doors_tools import gatekeeper, git, lay

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def newcomer(tmp_path: Path, opa_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, as the current folder."""
    monkeypatch.setenv("GATEKEEPER_OPA", str(opa_path))
    folder = tmp_path / "My Project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "--message=start")
    return folder


@pytest.fixture
def started(newcomer: Path) -> Path:
    """The same after `init`, with everything staged: one report of tests, one of coverage, both green."""
    lay(newcomer / "reports", "junit/pytest.xml", "coverage/coveragepy.json")
    ran = gatekeeper("init")
    assert ran.code == 0, ran.err
    git("add", ".")
    return newcomer
