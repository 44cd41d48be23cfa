"""Projects on a base gate in which the command says yes."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scenario import Base, variables

from based import base_digest, move_to_base
from project import ran_tests, stamp

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from project import Project, Ran

INSISTED = "insisted.txt"
"""Where a project keeps the digest that others insist on; no harm changes it."""

RECORD = "release.record.json"


def _based(project: Project) -> None:
    move_to_base(project)
    project.edit("org/gate.toml", 'unit = { kind = "test_results"', 'unit = { kind = "test_results", max_age = "7d", time = "claimed"')  # fmt: skip
    project.edit("org/trust.toml", 'coverage = ["ci"]', 'coverage = ["ci", "scanner"]')
    project.lock()
    project.write(INSISTED, base_digest(project))
    project.green()
    project.attest("test_results", ran_tests(), slot="unit", name="unit", attested_at=stamp(project.now))


def insisting(project: Project, *more: str) -> Ran:
    """Decide on the base that the organisation insists on."""
    return project.decide("build", "--base", (project.folder / INSISTED).read_text(), *more)


def _sealed(project: Project) -> None:
    _based(project)
    project.write(RECORD, project.record().read_bytes())


def admitting(project: Project, *more: str) -> Ran:
    """Admit on the base that the organisation insists on."""
    insisted = ("--base", (project.folder / INSISTED).read_text()) if "--base" not in more else ()
    stage = () if "--stage" in more else ("--stage", "build")
    named = ("--subject", "app.whl", "--gate", "parcel", "--trust", "org/trust.toml")
    return project.run("admit", RECORD, *named, *stage, *insisted, *more, "--format", "json")


@cache
def outside() -> Path:
    """A folder that lies in no project, for repositories and for the cache of what was fetched."""
    folder = Path(tempfile.mkdtemp(prefix="base-gates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository, without anybody's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = {f"GIT_{role}_{what}": "ada@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments], cwd=repository, env=clean | quiet | who, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(repository: Path, tag: str) -> None:
    """Commit all that is there, and let the tag be that commit."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", tag)
    git(repository, "tag", "--force", tag)


def _in_git(project: Project) -> None:
    """The base is taken out of the project, and lies in a repository by a tag."""
    _based(project)
    repository = outside() / "org"
    shutil.move(project.folder / "org", repository)
    git(repository, "init", "--quiet")
    commit(repository, "v14")
    project.edit("gate.toml", '"org"', f'"git+{repository.as_uri()}@v14"')
    project.lock()


def elsewhere(project: Project) -> Path:
    """The same repository in a place of this project's own, where harm can be done to it; not fetched yet."""
    before = outside() / "org"
    repository = shutil.copytree(before, Path(tempfile.mkdtemp(dir=outside())) / "org")
    for name in ("gate.toml", "gate.lock"):
        project.edit(name, before.as_uri(), repository.as_uri())
    return repository


def cached() -> AbstractContextManager[object]:
    """Surroundings in which what was fetched is kept apart from the user's own."""
    return variables(XDG_CACHE_HOME=str(outside() / "cache"))()


def cached_files(name: str) -> list[Path]:
    """Every copy of a file in the cache."""
    return sorted((outside() / "cache").glob(f"gatekeeper/bases/*/{name}"))


BASED = Base("a project on its organisation's gate", _based, insisting)
BASE_SEALED = Base("a record of a project on its organisation's gate", _sealed, admitting)
IN_GIT = Base("a project on a base in git", _in_git, insisting, under=cached)
BASES = (BASED, BASE_SEALED, IN_GIT)
