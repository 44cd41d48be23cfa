"""What the tests of the front doors share: the command as a process, a git repository, and a project that `init` made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from project import Project, Ran

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
COMMAND = [sys.executable, "-m", "gatekeeper"]


def gatekeeper(*arguments: str) -> Ran:
    """The command in this process, in the current folder."""
    return Project.run(None, *arguments)  # type: ignore[arg-type]  # it uses nothing of the project


def environment(**more: str) -> dict[str, str]:
    """A small environment in which `gatekeeper` and the tools of this interpreter are found."""
    kept = {
        name: os.environ[name] for name in ("HOME", "TMPDIR", "GATEKEEPER_OPA", "XDG_CACHE_HOME") if name in os.environ
    }
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120 - not resolved
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", **more}


def process(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ran:
    """The command as its users run it: a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=dict(env or environment()), capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def git(*arguments: str, cwd: Path | None = None) -> str:
    """git, as somebody."""
    named = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    clean = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run([*named, *arguments], cwd=cwd, env=clean, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def lay(folder: Path, *fixtures: str) -> None:
    """Copies of real reports in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in fixtures:
        shutil.copy(FIXTURES / name, folder)


def next_command(said: str) -> list[str]:
    """The command that `init` says to run next, as its words."""
    import shlex

    return shlex.split(said.split("Next:\n\n", 1)[1].replace("\\\n", ""))[1:]
