"""Where the shared fixtures are, when they are there: real reports of real tools, never part of the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]


def _find() -> Path | None:
    git = subprocess.run(
        ["git", "rev-parse", "--path-format=absolute", "--git-common-dir"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    main = Path(git.stdout.strip()).parent if git.returncode == 0 else _ROOT
    candidates = (root.parent / "shared" for root in (_ROOT, main))
    return next((folder for folder in candidates if (folder / "fixtures" / "SOURCES.tsv").is_file()), None)


SHARED: Path | None = _find()
"""The folder ``shared`` beside the repository, or beside the main worktree; None when there is none."""

needs_shared = pytest.mark.skipif(SHARED is None, reason="the folder ../shared with fixtures/SOURCES.tsv is absent")
"""Marks a test that reads the shared fixtures."""


def fixture(path: str) -> Path:
    """The fixture at a path below ``fixtures``; skips the test that asks when there are none."""
    if SHARED is None:
        pytest.skip("the folder ../shared with fixtures/SOURCES.tsv is absent")
    return SHARED / "fixtures" / path
