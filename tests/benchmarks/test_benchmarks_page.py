"""The benchmarks run, and the page they write is whole. No test looks at a time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
SECTIONS = [
    "A decision in a process that keeps running",
    "A stage with all its rules",
    "The command, from nothing",
    "Large bills of materials",
    "Attesting a bill of materials",
    "Starting",
    "Records",
    "Tests of rules",
    "Mutants",
]
CELLS = 7


def rows_of(text: str) -> list[list[str]]:
    tables = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in tables]


def check(text: str) -> None:
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS
    assert "OPA 1.22.2" in text
    rows = rows_of(text)
    assert len(rows) >= len(SECTIONS)
    for row in rows:
        assert len(row) == CELLS
        ratio, goal, met = row[4:]
        assert re.fullmatch(r"\d+\.\d\d×|\+-?\d+\.\d ms", ratio), row
        assert bool(goal) == bool(met), row
        assert not met or re.fullmatch(r"yes|no, by \d+%", met), row


def test_the_page_is_whole() -> None:
    check(PAGE.read_text(encoding="utf-8"))


def test_the_page_says_why_a_goal_is_missed() -> None:
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        missed = [row for row in rows_of(section) if row[6].startswith("no")]
        after = section.rpartition("|\n")[2].strip()
        assert bool(after) == bool(missed), section.splitlines()[0]


def test_the_benchmarks_run(tmp_path: Path, opa_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    page = tmp_path / "performance.md"
    environment = {**os.environ, "GATEKEEPER_OPA": str(opa_path), "PYTHONPATH": str(ROOT / "src")}
    arguments = [sys.executable, "-m", "benchmarks", "--quick", "--repetitions", "1", "--output", str(page)]
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    check(page.read_text(encoding="utf-8"))
