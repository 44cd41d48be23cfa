"""The shell of the repository: it parses as POSIX shell, and fails with a message that says what to do."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tree import ROOT, name_of, tracked

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = [path for path in tracked() if path.read_bytes().startswith(b"#!/bin/sh\n") or path.suffix == ".sh"]
WORKFLOWS = [
    path
    for path in tracked()
    if path.name in ("action.yml", ".gitlab-ci.yml")
    or ".github/workflows" in path.as_posix()
    or path.parent.name == "templates"
]


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_parses(path: Path) -> None:
    shell = shutil.which("dash") or "sh"
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", [path for path in SCRIPTS if path.suffix != ".sh"], ids=name_of)
def test_a_command_can_be_run_and_stops_at_the_first_error(path: Path) -> None:
    assert path.stat().st_mode & 0o111
    assert "\nset -eu\n" in path.read_text(encoding="utf-8")


def shell_in(node: Any) -> list[str]:
    """Every text under `run:` (GitHub) and `script:` (GitLab), at any depth."""
    if isinstance(node, list):
        return [text for item in node for text in shell_in(item)]
    if not isinstance(node, dict):
        return []
    own = [value for key, value in node.items() if key in ("run", "script", "before_script", "after_script")]
    lines = [line for value in own for line in (value if isinstance(value, list) else [value]) if isinstance(line, str)]
    return lines + [text for value in node.values() for text in shell_in(value)]


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if path.suffix in (".yml", ".yaml")], ids=name_of)
def test_the_shell_of_a_workflow_parses(path: Path) -> None:
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    for script in shell_in(documents):
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stderr}\n{script}"


def sourced(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the functions of scripts/setup.sh, in an empty folder, with nothing else on PATH."""
    script = f"set -eu; cd {folder}; . {ROOT}/scripts/setup.sh; {command}"
    return subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False)


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def tools(folder: Path) -> Path:
    """A folder for PATH with the few programs that the script calls, and no Python."""
    folder.mkdir()
    for name in ("cat", "cksum", "dirname", "grep", "mkdir", "sed", "sort", "tr", "wc"):
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return folder


def test_no_python_is_said_with_what_to_do(tmp_path: Path) -> None:
    done = sourced(tmp_path, "make_venv", PATH=str(tools(tmp_path / "bin")))
    assert done.returncode == 1
    assert "no Python 3.11 or newer was found" in done.stderr
    assert "PYTHON=/path/to/python3 ./check" in done.stderr


def test_an_old_python_is_passed_over_for_a_newer_one_of_another_name(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "python3", "exit 1")
    program(path, "python3.13", "exit 0")
    done = sourced(tmp_path, "find_python", PATH=str(path))
    assert done.stdout.strip() == str(path / "python3.13")


def test_a_python_that_is_named_comes_first(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "python3", "exit 0")
    program(tmp_path, "mine", "exit 0")
    done = sourced(tmp_path, "find_python", PATH=str(path), PYTHON=str(tmp_path / "mine"))
    assert done.stdout.strip() == str(tmp_path / "mine")


def test_a_python_without_venv_is_said_with_the_package_to_install(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    program(path, "python3", "case $2 in *ensurepip*) exit 1 ;; *print*) echo python3.12-venv ;; esac")
    done = sourced(tmp_path, "make_venv", PATH=str(path))
    assert done.returncode == 1
    assert "apt-get install python3.12-venv" in done.stderr


def test_what_is_installed_is_not_installed_again_until_its_lock_changes(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    lock = tmp_path / "requirements" / "runtime.txt"
    lock.write_text("one==1\n", encoding="utf-8")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    program(tmp_path / ".venv/bin", "python", 'case $* in --version) echo Python 3.12 ;; *) echo "$@" >>calls ;; esac')

    def installs() -> int:
        before = calls()
        done = sourced(tmp_path, "install_groups runtime", PATH=str(path))
        assert done.returncode == 0, done.stderr
        return calls() - before

    def calls() -> int:
        log = tmp_path / "calls"
        return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0

    assert installs() == 2  # the lock and the clone itself
    assert installs() == 0
    lock.write_text("one==2\n", encoding="utf-8")
    assert installs() == 1


def test_an_index_that_is_not_there_is_tried_once_and_then_what_the_machine_has(tmp_path: Path) -> None:
    path = tools(tmp_path / "bin")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    program(
        tmp_path / ".venv/bin",
        "python",
        'echo "$@" >>calls; case $* in *--no-index*) exit 0 ;; *) echo unreachable >&2; exit 1 ;; esac',
    )
    done = sourced(tmp_path, "mkdir build; install_locked lock.txt", PATH=str(path), PIP_FIND_LINKS=str(tmp_path))
    assert done.returncode == 0, done.stderr
    first, second = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert "--timeout 10" in first
    assert "--retries 1" in first
    assert "--no-index" in second
    without = sourced(tmp_path, "install_locked lock.txt", PATH=str(path))
    assert without.returncode == 1
    assert "unreachable" in without.stderr
    assert "PIP_INDEX_URL" in without.stderr
