"""A small runner of workflows: enough of GitHub's to run the steps of a page's workflow for real, on this machine.

It knows what the workflow uses and refuses everything else: jobs in order, a matrix, `if: always()`, `env`, and the four
actions that are named. Artifacts are folders. Every shell body runs by ``bash -e``, as GitHub runs it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@dataclass
class Step:
    """What one step came to."""

    name: str
    code: int
    output: str


@dataclass
class Job:
    """What one leg of a job came to."""

    result: str
    steps: list[Step] = field(default_factory=list)

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


class Runner:
    """One run of a workflow.

    Args:
        workflow: As parsed.
        project: What `actions/checkout` brings.
        folder: Where workspaces and artifacts lie.
        env: The environment of every step.
        token: Whether jobs that may ask for an identity have one: not in a pull request from a fork.
    """

    def __init__(
        self, workflow: dict[str, Any], project: Path, folder: Path, env: Mapping[str, str], *, token: bool = True
    ) -> None:
        self.jobs: dict[str, Any] = workflow["jobs"]
        self.project, self.folder, self.env, self.token = project, folder, dict(env), token
        self.attempt = 1
        self.done: dict[str, dict[str, Job]] = {}
        self.inputs: dict[str, str] = {}
        self.edit: Callable[[str, Mapping[str, Any], str, str], str] = lambda _job, _matrix, _step, script: script
        (folder / "artifacts").mkdir(parents=True, exist_ok=True)

    def run_all(self) -> None:
        """Every job, in the order of the page, which is one that `needs` allows."""
        for name in self.jobs:
            self.run(name)

    def run(self, name: str, leg: str = "") -> None:
        """A job with all its legs, or one leg again."""
        job = self.jobs[name]
        for matrix in _legs(job):
            key = "-".join(str(value) for value in matrix.values())
            if not leg or leg == key:
                self.done.setdefault(name, {})[key] = self._leg(name, job, matrix, key)

    def result(self, name: str) -> str:
        results = {leg.result for leg in self.done[name].values()}
        return next((worst for worst in ("failure", "cancelled", "skipped") if worst in results), "success")

    def _leg(self, name: str, job: dict[str, Any], matrix: Mapping[str, Any], key: str) -> Job:
        needed = {other: self.result(other) for other in job.get("needs", [])}
        if set(needed.values()) - {"success"} and job.get("if") != "always()":
            return Job("skipped")
        workspace = self.folder / f"{name}-{key}-{self.attempt}"
        workspace.mkdir()
        leg, failed = Job("success"), False
        for number, step in enumerate(job["steps"]):
            if failed and step.get("if") != "always()":
                continue
            assert step.get("if") in {None, "always()"}, step
            context = {"matrix": matrix, "needs": needed}
            step_name = step.get("name", step.get("uses", f"step {number}"))
            if "uses" in step:
                code, output = self._use(step, workspace, context), ""
            else:
                env = self._environment(name, job, step, context)
                script = self.edit(name, matrix, step_name, step["run"])
                code, output = _bash(script, workspace, env)
            leg.steps.append(Step(step_name, code, output))
            failed |= code != 0
        leg.result = "failure" if failed else "success"
        return leg

    def _environment(
        self, name: str, job: dict[str, Any], step: dict[str, Any], context: dict[str, Any]
    ) -> dict[str, str]:
        own = {**job.get("env", {}), **step.get("env", {})}
        env = {**self.env, **{key: self._fill(str(value), context) for key, value in own.items()}}
        if self.token and job.get("permissions", {}).get("id-token") == "write":
            env["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://token.invalid"  # noqa: S105 - the name of a variable
        return {**env, "JOB": name, "GITHUB_RUN_ATTEMPT": str(self.attempt), "RUNNER_TEMP": str(self.folder)}

    def _use(self, step: dict[str, Any], workspace: Path, context: dict[str, Any]) -> int:
        given = {key: self._fill(str(value), context) for key, value in step.get("with", {}).items()}
        action, version = step["uses"].split("@")
        assert version
        artifacts = self.folder / "artifacts"
        if action == "actions/checkout":
            shutil.copytree(self.project, workspace, dirs_exist_ok=True)
        elif action == "actions/upload-artifact":
            if not (workspace / given["path"]).is_dir():
                return 0  # it warns
            shutil.copytree(workspace / given["path"], artifacts / given["name"])
        elif action == "actions/download-artifact":
            wanted = given.get("pattern", given.get("name", ""))
            for found in sorted(path for path in artifacts.iterdir() if fnmatchcase(path.name, wanted)):
                shutil.copytree(found, workspace / given["path"], dirs_exist_ok=True)
        else:
            assert action == "actions/setup-python", action
        return 0

    def _fill(self, text: str, context: dict[str, Any]) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: self._value(match[1], context), text)

    def _value(self, expression: str, context: dict[str, Any]) -> str:
        if expression == "join(needs.*.result, ' ')":
            return " ".join(context["needs"].values())
        if expression == "github.run_attempt":
            return str(self.attempt)
        kind, _, name = expression.partition(".")
        return str({"matrix": context["matrix"], "inputs": self.inputs}[kind][name])


def _legs(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    matrix = job.get("strategy", {}).get("matrix", {})
    assert len(matrix) < 2
    if not matrix:
        yield {}
    for name, values in matrix.items():
        yield from ({name: value} for value in values)


def _bash(script: str, workspace: Path, env: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-c", script],
        cwd=workspace,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def shims(folder: Path, programs: Mapping[str, str]) -> str:
    """Programs by name, each a shell script; the folder to put on PATH first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}"
