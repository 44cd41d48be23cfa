"""The hooks under the real framework: `pre-commit try-repo` on a clone of this repository.

The framework makes an environment for the hooks with pip. Here that happens offline: pip takes the build backend and the
dependencies from the running environment, through a path file that `virtualenv` leaves in each new one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest
from doors_tools import FIXTURES, ROOT, environment, git

from project import Ran

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
pytest.importorskip("hatchling", reason="the build backend is not installed")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as a commit of its own: `try-repo` clones what is committed."""
    folder = tmp_path_factory.mktemp("clone") / "gatekeeper"
    for name in ("src", "policies", "schemas", "gates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    git("init", "--quiet", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "--quiet", "--message=all", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def hook_environment(tmp_path_factory: pytest.TempPathFactory, opa_path: Path) -> dict[str, str]:
    """An environment in which pip needs no index: it installs the clone alone, with the backend that is here."""
    home = tmp_path_factory.mktemp("pre-commit")
    shadow = home / "sitecustomize"
    shadow.mkdir()
    # read by each interpreter of the hook's environment: the packages of the running one, after its own
    packages = sysconfig.get_path("purelib")
    (shadow / "sitecustomize.py").write_text(f"import sys\nsys.path.append({packages!r})\n", encoding="utf-8")
    return environment(
        PYTHONPATH=str(shadow),
        PRE_COMMIT_HOME=str(home / "cache"),
        PIP_NO_BUILD_ISOLATION="0",  # pip reads it as: no isolation
        PIP_NO_DEPS="1",
        PIP_NO_INDEX="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        GATEKEEPER_OPA=str(opa_path),
        GIT_CONFIG_COUNT="2",
        GIT_CONFIG_KEY_0="user.name",
        GIT_CONFIG_VALUE_0="Ada",
        GIT_CONFIG_KEY_1="user.email",
        GIT_CONFIG_VALUE_1="ada@example.org",
    )


@pytest.fixture(scope="module")
def configuration(clone: Path) -> str:
    """What a project writes into `.pre-commit-config.yaml`."""
    return f"""\
repos:
  - repo: {clone}
    rev: {git("rev-parse", "HEAD", cwd=clone)}
    hooks:
      - id: gatekeeper-policy
      - id: gatekeeper-decide
        args: [--evidence, unit=reports/pytest.xml, coverage=reports/coveragepy.json]
"""


@pytest.fixture
def guarded(started: Path, configuration: str) -> Path:
    """A project with the hooks, everything staged."""
    (started / ".pre-commit-config.yaml").write_text(configuration, encoding="utf-8")
    git("add", ".")
    return started


def pre_commit(env: dict[str, str], *arguments: str) -> Ran:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_both_hooks_pass_on_a_project_that_init_made(guarded: Path, hook_environment: dict[str, str]) -> None:
    ran = pre_commit(hook_environment, "run", "--verbose")
    assert ran.code == 0, ran.reasons
    assert "gatekeeper policy........................................................Passed" in ran.out
    assert "gatekeeper decide........................................................Passed" in ran.out
    assert "tree" in ran.out


def test_try_repo_runs_one_hook(started: Path, clone: Path, hook_environment: dict[str, str]) -> None:
    ran = pre_commit(hook_environment, "try-repo", str(clone), "gatekeeper-policy", "--all-files")
    assert ran.code == 0, ran.reasons
    assert "Passed" in ran.out


def test_red_as_staged_is_a_failure_also_when_green_on_disk(guarded: Path, hook_environment: dict[str, str]) -> None:
    report = guarded / "reports/pytest.xml"
    green = report.read_bytes()
    report.write_bytes((FIXTURES / "junit/pytest-bad.xml").read_bytes())
    git("add", "reports")
    report.write_bytes(green)
    ran = pre_commit(hook_environment, "run", "gatekeeper-decide")
    assert ran.code == 1
    assert "tests.passed" in ran.out
    ran = pre_commit(hook_environment, "run", "gatekeeper-decide", "--files", "README.md")  # nothing is put aside here
    assert ran.code == 1
    assert "tests.passed" in ran.out


def test_a_broken_rule_and_a_deleted_test_stop_the_commit(guarded: Path, hook_environment: dict[str, str]) -> None:
    git("commit", "--quiet", "--message=start")
    git("rm", "--quiet", "policies/own/enough/enough_test.rego")
    ran = pre_commit(hook_environment, "run", "gatekeeper-policy")
    assert ran.code == 1
    assert "no test of own.enough has seen this deny" in ran.out
    (guarded / "policies/own/enough/enough.rego").write_text("package nonsense\n")
    git("add", ".")
    assert pre_commit(hook_environment, "run", "gatekeeper-policy").code == 1


def test_no_file_of_a_kind_skips_no_hook(guarded: Path, hook_environment: dict[str, str]) -> None:
    git("commit", "--quiet", "--message=start")
    (guarded / "notes.txt").write_text("nothing to do with rules\n")
    git("add", ".")
    ran = pre_commit(hook_environment, "run")
    assert ran.code == 0, ran.reasons
    assert "Skipped" not in ran.out
    assert ran.out.count("Passed") == 2


def test_without_an_engine_nothing_is_committed(guarded: Path, hook_environment: dict[str, str]) -> None:
    ran = pre_commit({**hook_environment, "GATEKEEPER_OPA": "/nowhere/opa"}, "run")
    assert ran.code == 1
    assert ran.out.count("Failed") == 2
    assert "- exit code: 3" in ran.out
