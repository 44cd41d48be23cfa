"""What only a process of its own shows: optimised bytecode, mistakes from the outside, and names of variables."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from project import ran_tests

if TYPE_CHECKING:
    from project import Project

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src/gatekeeper").rglob("*.py"))
PATH = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})"
MAIN = "from gatekeeper.cli import main; main(sys.argv[1:])"
COMMAND = f"{PATH}; {MAIN}"
BROKEN = f"{PATH}; import gatekeeper.gate as gate; gate.require = lambda *given, **options: 1 / 0; {MAIN}"


def decide(project: Project, *flags: str, code: str = COMMAND) -> subprocess.CompletedProcess[str]:
    words = ["decide", "app.whl", "--stage", "build", "--evidence", "evidence"]
    return subprocess.run(
        [sys.executable, *flags, "-c", code, *words], cwd=project.folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("flags", [(), ("-O",), ("-OO",), ("-W", "error"), ("-I",)], ids=" ".join)
def test_no_guard_depends_on_how_python_is_started(project: Project, flags: tuple[str, ...]) -> None:
    project.green()
    assert decide(project, *flags).returncode == 0
    project.attest("test_results", ran_tests(2, "login"), slot="unit", name="unit")
    assert decide(project, *flags).returncode == 1


@pytest.mark.parametrize("flags", [(), ("-O",)], ids=" ".join)
def test_a_mistake_of_ours_is_3(project: Project, flags: tuple[str, ...]) -> None:
    project.green()
    ran = decide(project, *flags, code=BROKEN)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "a mistake in gatekeeper itself: ZeroDivisionError" in ran.stderr


def test_scenarios_come_out_the_same_without_assertions(opa_path: Path) -> None:
    """One of each area, run as users run them, by a Python that drops every ``assert``."""
    command = [sys.executable, "-O", str(ROOT / "tests/fail_open"), "--sample"]
    ran = subprocess.run(
        command,
        env={"GATEKEEPER_OPA": str(opa_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "scenarios, 0 not as they have to be" in ran.stdout


def test_no_assertion_of_the_library_is_a_check() -> None:
    """What is asserted is told to the type checker only: that a thing is of a class, or is there."""
    asserted = [
        ast.unparse(node.test)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert)
    ]
    assert [text for text in asserted if not re.match(r"isinstance\(|.* is not None$|popen\.", text)] == []


def test_no_variable_loosens_anything() -> None:
    """Variables name a file or answer a question; none of them changes what is accepted."""
    named = {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and re.fullmatch(r"GATEKEEPER(_[A-Z]+)+", str(node.value))
    }
    assert named == {"GATEKEEPER_OPA", "GATEKEEPER_KEY_PASSPHRASE"}
