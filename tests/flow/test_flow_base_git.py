"""A base in git: from a real repository, by tag, branch or commit; from the cache ever after; and nothing of it is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from based import base_digest, move_to_base
from gatekeeper.errors import ConfigError, DriftError, SourceError
from gatekeeper.gate import Gate
from gatekeeper.load import extends_git
from gatekeeper.load.gate_file import load_gate

if TYPE_CHECKING:
    from pathlib import Path

    from project import Project


class Repository:
    """The organisation's repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=clean | quiet | who, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, tag: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")
        self.git("tag", "--force", tag)
        return self.git("rev-parse", "HEAD")

    def address(self, ref: str = "v14") -> str:
        return f"git+{self.folder.as_uri()}@{ref}"


@pytest.fixture
def repository(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The project's base lies in a repository by the tag v14, and the cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    move_to_base(project)
    shutil.move(project.folder / "org", tmp_path / "org")
    made = Repository(tmp_path / "org")
    made.commit("v14")
    project.edit("gate.toml", '"org"', f'"{made.address()}"')
    return made


def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs git now fails."""

    def run(*_arguments: object, **_options: object) -> bytes:
        pytest.fail("git was run")

    monkeypatch.setattr(extends_git, "_git", run)


def test_a_project_decides_by_a_base_in_git(project: Project, repository: Repository) -> None:
    project.lock()
    project.green()
    locked = json.loads((project.folder / "gate.lock").read_text())["base"]

    assert locked["commit"] == repository.git("rev-parse", "v14")
    assert locked["digest"] == base_digest(project)
    assert project.decide("build", "--base", locked["digest"]).code == 0


def test_it_is_fetched_once(project: Project, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    project.lock()
    shutil.rmtree(repository.folder)
    offline(monkeypatch)

    assert Gate.load("gate.toml").spec.base_digest == base_digest(project)


@pytest.mark.parametrize("ref", ["main", "v14", "COMMIT"])
def test_by_branch_tag_or_commit(project: Project, repository: Repository, ref: str) -> None:
    if ref == "COMMIT":
        repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
        ref = repository.git("rev-parse", "HEAD")
    project.edit("gate.toml", "@v14", f"@{ref}")

    assert load_gate(project.folder / "gate.toml").base_digest


def test_the_digest_is_the_same_wherever_it_lies(project: Project, repository: Repository) -> None:
    in_git = base_digest(project)
    shutil.copytree(repository.folder, project.folder / "org")
    project.edit("gate.toml", repository.address(), "org")

    assert base_digest(project) == in_git


def test_in_a_folder_of_the_repository(project: Project, repository: Repository) -> None:
    folder = repository.folder / "gates/payments"
    folder.mkdir(parents=True)
    for path in list(repository.folder.iterdir()):
        if path.name not in {".git", "gates"}:
            path.rename(folder / path.name)
    repository.commit("v15")
    (repository.folder / "gates/link").symlink_to("/etc")
    project.edit("gate.toml", "@v14", "@v15#gates/payments")

    assert load_gate(project.folder / "gate.toml").base_digest
    project.edit("gate.toml", "#gates/payments", "#gates/none")
    with pytest.raises(ConfigError, match=r"there is no such file: gate\.toml"):
        load_gate(project.folder / "gate.toml")


def test_a_branch_that_went_on_is_taken_when_that_is_asked(project: Project, repository: Repository) -> None:
    project.edit("gate.toml", "@v14", "@main")
    project.lock()
    before = base_digest(project)
    gate = repository.folder / "gate.toml"
    gate.write_text(gate.read_text().replace('valid_for = "7d"', 'valid_for = "6d"'))
    new = repository.commit("v15")

    assert project.run("gate", "check").code == 0
    assert project.run("gate", "lock").code == 0
    assert base_digest(project) == before
    assert project.run("gate", "lock", "--refresh").code == 0
    assert base_digest(project) != before
    assert json.loads((project.folder / "gate.lock").read_text())["base"]["commit"] == new


def test_a_tag_that_moved_is_drift_where_nothing_was_fetched_yet(
    project: Project, repository: Repository, tmp_path: Path
) -> None:
    project.lock()
    repository.commit("v14")
    shutil.rmtree(tmp_path / "cache")

    with pytest.raises(DriftError) as caught:
        Gate.load("gate.toml")
    assert (caught.value.code, caught.value.where) == ("base.moved", "gate.toml:1")


def test_a_copy_in_the_cache_that_was_altered_is_drift(project: Project, repository: Repository) -> None:
    project.lock()
    before = base_digest(project)
    (copy,) = extends_git.cache_folder().glob("*/policies/own/tests/tests.rego")
    copy.write_text(copy.read_text().replace('"failed", "errored"', '"failed"'))

    with pytest.raises(DriftError, match="by the same commit: its copy in the cache was altered"):
        Gate.load("gate.toml")
    assert repository.folder.is_dir()
    assert project.run("gate", "lock", "--refresh").code == 0
    assert '"failed", "errored"' in copy.read_text()
    assert Gate.load("gate.toml").spec.base_digest == before


# nothing of the repository is run, and nothing but plain files comes out of it


def test_no_hook_filter_or_attribute_does_anything(project: Project, repository: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    hook = f"#!/bin/sh\ntouch {ran}\n"
    for name in ("post-checkout", "post-merge", "reference-transaction", "pre-auto-gc", "post-index-change"):
        path = repository.folder / ".git/hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(hook)
    (repository.folder / ".gitattributes").write_text("* filter=evil\nnote export-subst\ngate.toml export-ignore\n")
    (repository.folder / "note").write_text("$Format:%H$")
    repository.commit("v14")
    for path in (repository.folder / ".git/hooks").iterdir():
        path.chmod(0o755)
    repository.git("config", "filter.evil.smudge", f"touch {ran}")
    repository.git("config", "uploadpack.packObjectsHook", f"touch {ran}")

    assert load_gate(project.folder / "gate.toml").base_digest
    (note,) = extends_git.cache_folder().glob("*/note")
    assert note.read_text() == "$Format:%H$"
    assert not ran.exists()


def test_a_submodule_is_left_out(project: Project, repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendored")
    repository.git("commit", "--quiet", "--message", "x")
    repository.git("tag", "--force", "v14")

    assert load_gate(project.folder / "gate.toml").base_digest
    assert not list(extends_git.cache_folder().glob("*/vendored"))


def test_a_link_is_refused(project: Project, repository: Repository) -> None:
    (repository.folder / "keys/more.pub").symlink_to("/etc/passwd")
    repository.commit("v14")

    with pytest.raises(SourceError, match=r"it holds what is no plain file: keys/more\.pub"):
        load_gate(project.folder / "gate.toml")
    assert not list(extends_git.cache_folder().glob("[!.]*"))


@pytest.mark.parametrize("path", ["../out", "a/../../out", ".git/config", "A/.GIT/config"])
def test_a_path_that_leaves_the_folder_is_refused(
    project: Project, repository: Repository, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    assert repository.folder.is_dir()
    original = extends_git._git

    def git(folder: Path, wanted: object, *arguments: str, given: bytes = b"") -> bytes:
        if arguments[0] == "ls-tree":
            return f"100644 blob {'1' * 40}       4\t{path}\0".encode()
        return original(folder, wanted, *arguments, given=given)  # type: ignore[arg-type]

    monkeypatch.setattr(extends_git, "_git", git)
    with pytest.raises(SourceError, match="it holds what is no plain file"):
        load_gate(project.folder / "gate.toml")


def test_what_is_too_large_is_refused(
    project: Project, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert repository.folder.is_dir()
    monkeypatch.setattr(extends_git, "MAX_BASE_FILES", 5)

    with pytest.raises(SourceError, match="too large for a base"):
        load_gate(project.folder / "gate.toml")


def test_variables_of_the_environment_say_nothing_to_git(
    project: Project, repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert repository.folder.is_dir()
    ran = tmp_path / "ran"
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "never")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_EXEC_PATH", str(tmp_path))
    monkeypatch.setenv("GIT_TRACE", str(ran))

    assert load_gate(project.folder / "gate.toml").base_digest
    assert not ran.exists()


@pytest.mark.parametrize(
    ("ref", "message"), [("v99", "v99 could not be fetched"), ("v14.lock", "could not be fetched")]
)
def test_what_is_not_there_is_no_decision(project: Project, repository: Repository, ref: str, message: str) -> None:
    assert repository.folder.is_dir()
    project.edit("gate.toml", "@v14", f"@{ref}")

    with pytest.raises(SourceError, match=message) as caught:
        load_gate(project.folder / "gate.toml")
    assert (caught.value.where, caught.value.exit_code) == ("gate.toml:1", 3)


def test_a_cache_that_cannot_be_written_is_no_decision(
    project: Project, repository: Repository, tmp_path: Path
) -> None:
    assert repository.folder.is_dir()
    (tmp_path / "cache").write_text("a file")

    with pytest.raises(SourceError, match="the cache cannot be written"):
        load_gate(project.folder / "gate.toml")


def test_a_base_in_the_cache_is_named_by_its_digest(project: Project, repository: Repository) -> None:
    assert repository.folder.is_dir()
    digest = base_digest(project)
    ran = project.run("gate", "diff", digest, "--format", "json")

    assert (ran.code, ran.json["old"]["digest"]) == (0, digest)
