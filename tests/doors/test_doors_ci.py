"""The workflows of docs/ci.md, taken from the page and run: whole, and with what goes wrong in CI."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ci_runner import Runner, shims
from doors_tools import FIXTURES, ROOT, environment, process

from project import Ran, pem_of, public_of

PAGE = ROOT / "docs/ci.md"
TRUST = """\
[signers.ci]
key = "keys/ci.pub"
[signers.gate]
key = "keys/gate.pub"
[accept]
test_results    = ["ci"]
vulnerabilities = ["ci"]
performance     = ["ci"]
decision        = ["gate"]
"""
TEST = """\
import os

from parcel import postage

def test_postage_{number}():
    assert postage({number}) == {number} * 3

def test_of_a_flaky_kind_{number}():
    assert os.environ["GITHUB_RUN_ATTEMPT"] != os.environ.get("FAILS_AT_ATTEMPT_{number}")
"""
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "parcel"
version = "1.4.0"
requires-python = ">=3.11"
"""
LOAD = [
    {
        "name": "/",
        "method": "GET",
        "start_time": 10.0,
        "last_request_timestamp": 12.5,
        "num_requests": 100,
        "num_none_requests": 0,
        "num_failures": 0,
        "max_response_time": 90.5,
        "response_times": {"10": 50, "9": 30, "50": 15, "90": 5},
    }
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def workflow(name: str) -> dict[str, Any]:
    """A workflow of the page. Keys of this machine sign, where the page signs through Sigstore."""
    text = next(block for block in blocks("yaml") if block.startswith(f"name: {name}\n"))
    parsed: dict[str, Any] = yaml.safe_load(text.replace("--sigstore", "--key=$SIGNING_KEYS/$JOB.key"))
    return parsed


@pytest.fixture(scope="module")
def parcel(tmp_path_factory: pytest.TempPathFactory, opa_path: Path, opa_digest: str) -> Path:
    """The project of the page: a package with four files of tests, and the page's gate."""
    folder = tmp_path_factory.mktemp("ci") / "parcel"
    (folder / "tests").mkdir(parents=True)
    (folder / "src/parcel").mkdir(parents=True)
    (folder / "keys").mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "src/parcel/__init__.py").write_text("def postage(grams):\n    return grams * 3\n")
    (folder / "conftest.py").write_text("import sys\nsys.path.insert(0, 'src')\n")
    for number in range(1, 5):
        (folder / f"tests/test_{number}.py").write_text(TEST.format(number=number))
    gate = blocks("toml")[0]
    assert gate.startswith('name   = "parcel"')
    (folder / "gate.toml").write_text(f'engine_digests = ["{opa_digest}"]\n{gate}')
    (folder / "trust.toml").write_text(TRUST)
    for name in ("ci", "gate"):
        (folder / f"keys/{name}.pub").write_text(public_of(name))
    locked = process("gate", "lock", cwd=folder, env=environment(GATEKEEPER_OPA=str(opa_path)))
    assert locked.code == 0, locked.err
    return folder


@pytest.fixture(scope="module")
def step_environment(parcel: Path, opa_path: Path) -> dict[str, str]:
    """Tools of this interpreter. What needs the network is a stand-in that leaves the report the real tool would."""
    python = sys.executable
    secrets = parcel.parent / "secrets"
    secrets.mkdir()
    for job, name in {"unit": "ci", "scan": "ci", "load": "ci", "gate": "gate"}.items():
        (secrets / f"{job}.key").write_text(pem_of(name))
    clean = FIXTURES / "vulnerabilities/pip-audit.json"
    path = shims(
        parcel.parent / "bin",
        {
            "python": f'if [ "$1 $2" = "-m pip" ]; then exit 0; fi\nexec "{python}" "$@"',
            "gatekeeper": f'if [ "$1 $2" = "opa install" ]; then set -- opa which; fi\nexec "{python}" -m gatekeeper "$@"',
            "hatchling": f'exec "{python}" -m hatchling "$@"',
            "pip-audit": f'for last; do :; done\ncp "{clean}" "$last"',
            "locust": f"cat <<'END'\n{json.dumps(LOAD)}\nEND",
        },
    )
    more = {"SIGNING_KEYS": str(secrets), "GATEKEEPER_OPA": str(opa_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env = environment(**more)
    return {**env, "PATH": path + env["PATH"]}


@pytest.fixture(scope="module")
def whole(parcel: Path, step_environment: dict[str, str]) -> Runner:
    """The workflow run once, with nothing wrong."""
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    runner = Runner(workflow("release"), parcel, parcel.parent / "whole", step_environment)
    runner.run_all()
    return runner


def again(whole: Runner, folder: Path, *, without: tuple[str, ...] = (), token: bool = True) -> Runner:
    """Another run in which all jobs but some went as in the whole one."""
    left_out = (*without, "records-*")
    shutil.copytree(whole.folder / "artifacts", folder / "artifacts", ignore=shutil.ignore_patterns(*left_out))
    runner = Runner({"jobs": whole.jobs}, whole.project, folder, whole.env, token=token)
    runner.done = {name: dict(legs) for name, legs in whole.done.items() if name != "gate"}
    return runner


def decided(runner: Runner) -> str:
    step = runner.done["gate"][""].step("decide")
    assert step.code == 1, step.output
    assert runner.result("gate") == "failure"
    assert deploy(runner).done["deploy"][""].step("admit").code != 0
    return step.output


def deploy(runner: Runner) -> Runner:
    """The workflow of the deploy side, with the artifacts of a run."""
    platform = runner.folder / "platform"
    platform.mkdir()
    shutil.copytree(runner.project / "keys", platform / "keys")
    shutil.copy(runner.project / "trust.toml", platform)
    shims(platform, {"deploy": 'echo "$@" > ../deployed'})
    side = Runner(workflow("deploy"), platform, runner.folder, runner.env)
    shown = process("gate", "show", "--format", "json", cwd=runner.project, env=runner.env)
    side.inputs = {"gate-digest": shown.json["digest"]}
    side.run_all()
    assert (runner.folder / "deployed").exists() == (side.result("deploy") == "success")
    return side


def test_whole_it_is_allowed_and_deployed(whole: Runner) -> None:
    failed = [step for job in whole.done.values() for leg in job.values() for step in leg.steps if step.code]
    assert failed == []
    assert {name: whole.result(name) for name in whole.jobs} == dict.fromkeys(whole.jobs, "success")
    assert whole.done["gate"][""].step("decide").output.count("ALLOW parcel-1.4.0-py3-none-any.whl") == 1
    side = deploy(whole)
    assert side.result("deploy") == "success", side.done
    assert (whole.folder / "deployed").read_text() == "dist/parcel-1.4.0-py3-none-any.whl\n"


def test_a_shard_lost(whole: Runner, tmp_path: Path) -> None:
    runner = again(whole, tmp_path, without=("evidence-unit-3-*",))
    runner.done["unit"]["3"].result = "cancelled"
    try:
        runner.run("gate")
    finally:
        runner.done["unit"]["3"].result = "success"
    said = decided(runner)
    assert "slot.unit" in said
    assert "3" in said.split("slot.unit", 1)[1].split("\n")[0]
    assert "a job ended with cancelled" in runner.done["gate"][""].steps[-1].output


def test_a_shard_twice(whole: Runner, tmp_path: Path) -> None:
    runner = again(whole, tmp_path, without=("evidence-unit-3-*",))
    twin = whole.folder / "unit-2-1" / "unit.xml"
    runner.edit = lambda job, _matrix, step, script: (
        f'cp "{twin}" unit.xml' if (job, step) == ("unit", "test") else script
    )
    runner.run("unit", "3")
    assert runner.result("unit") == "success"
    runner.run("gate")
    assert "slot.unit" in decided(runner)


def test_red_and_then_green_again(whole: Runner, tmp_path: Path) -> None:
    runner = again(whole, tmp_path, without=("evidence-unit-2-*",))
    runner.env["FAILS_AT_ATTEMPT_2"] = "1"
    runner.run("unit", "2")
    assert runner.result("unit") == "failure"
    runner.attempt = 2
    runner.run("unit", "2")
    assert runner.result("unit") == "success"
    runner.run("gate")
    said = decided(runner)
    assert "tests.passed" in said
    assert "test_of_a_flaky_kind_2" in said
    assert runner.done["gate"][""].steps[-1].code == 0  # the jobs are green by now; the evidence is not


def test_no_token(whole: Runner, tmp_path: Path) -> None:
    runner = again(whole, tmp_path, without=("evidence-*",), token=False)
    for name in ("unit", "scan", "load", "gate"):
        runner.run(name)
    assert {runner.result(name) for name in ("unit", "scan", "load")} == {"success"}
    said = decided(runner)
    for slot in ("slot.unit", "slot.scan", "slot.load"):
        assert slot in said


def test_a_gate_job_that_waits_for_success_would_have_been_skipped(whole: Runner, tmp_path: Path) -> None:
    runner = again(whole, tmp_path)
    runner.jobs = {**runner.jobs, "gate": {**runner.jobs["gate"], "if": None}}
    runner.done["scan"] = {"": type(runner.done["scan"][""])("failure")}
    runner.run("gate")
    assert runner.result("gate") == "skipped"
    assert runner.jobs["gate"]["needs"] == ["build", "unit", "scan", "load"]
    assert workflow("release")["jobs"]["gate"]["if"] == "always()"


# the action, GitLab, the plain shell


def bodies() -> dict[str, str]:
    """Every shell body that we ship, by where it is."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    found = {f"action.yml {step['name']}": step["run"] for step in action["runs"]["steps"]}
    gitlab = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text(encoding="utf-8"))[".gatekeeper"]
    found["ci/gitlab.yml"] = "\n".join(gitlab["script"])
    for block in blocks("yaml"):
        jobs = yaml.safe_load(block)
        for name, job in (jobs.get("jobs", {}) if isinstance(jobs, dict) else {}).items():
            for number, step in enumerate(job["steps"]):
                if "run" in step:
                    found[f"docs/ci.md {name} {number}"] = step["run"]
    return found


@pytest.mark.parametrize("where", sorted(bodies()))
def test_no_expression_is_pasted_into_a_script(where: str) -> None:
    assert "${{" not in bodies()[where]


@pytest.fixture
def judged(parcel: Path, step_environment: dict[str, str], tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A checkout of the project with a wheel and evidence of shards and scans, and a runner's files."""
    folder = tmp_path / "checkout"
    shutil.copytree(parcel, folder)
    (folder / "app.whl").write_bytes(b"artifact")
    (folder / "load.json").write_text(json.dumps(LOAD))
    shutil.copy(FIXTURES / "junit/pytest.xml", folder)
    shutil.copy(FIXTURES / "vulnerabilities/pip-audit.json", folder)
    text = (folder / "gate.toml").read_text().replace(", shards = 4", "")
    (folder / "gate.toml").write_text(text)
    process("gate", "lock", cwd=folder, env=step_environment)
    for slot, report in (("unit", "pytest.xml"), ("scan", "pip-audit.json"), ("load", "load.json")):
        named = ("--subject", "app.whl", "--slot", slot, "--key", f"{step_environment['SIGNING_KEYS']}/unit.key")
        assert process("attest", report, *named, "-o", "evidence", cwd=folder, env=step_environment).code == 0
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return folder, {**step_environment, **files}


def run_action(folder: Path, env: dict[str, str], **inputs: str) -> tuple[Ran, dict[str, str]]:
    """The decide step of the action as the runner runs it; its outputs."""
    import subprocess

    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (step,) = [step for step in action["runs"]["steps"] if step.get("id") == "decide"]
    values = {name: str(spec.get("default", "")) for name, spec in action["inputs"].items()} | inputs
    given = {name: values[re.fullmatch(r"\$\{\{ inputs\.([a-z]+) \}\}", text)[1]] for name, text in step["env"].items()}  # type: ignore[index]
    Path(env["GITHUB_OUTPUT"]).write_text("")
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(shell, cwd=folder, env={**env, **given}, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr), outputs_in(Path(env["GITHUB_OUTPUT"]).read_text())


def outputs_in(text: str) -> dict[str, str]:
    found = dict(re.findall(r"^([\w-]+)<<(?:.+)\n(.*)\n", text, re.MULTILINE))
    return found | dict(re.findall(r"^([\w-]+)=(.*)$", text, re.MULTILINE))


def test_the_action_allows_and_says_what_it_made(judged: tuple[Path, dict[str, str]]) -> None:
    folder, env = judged
    key = f"{env['SIGNING_KEYS']}/gate.key"
    ran, outputs = run_action(folder, env, subject="app.whl", stage="build", evidence="evidence\n\n", key=key)
    assert ran.code == 0, ran.reasons
    assert outputs["outcome"] == "allow"
    assert outputs["decision"].startswith("sha256:")
    record = folder / outputs["record"]
    assert process("explain", str(record), "--format", "json", cwd=folder, env=env).code == 0
    assert "Allow" in Path(env["GITHUB_STEP_SUMMARY"]).read_text().title()


def test_the_action_denies_with_annotations_and_the_gates_exit_code(judged: tuple[Path, dict[str, str]]) -> None:
    folder, env = judged
    (folder / "evidence" / next(path.name for path in (folder / "evidence").glob("scan-*"))).unlink()
    ran, outputs = run_action(folder, env, subject="app.whl", stage="build", evidence="evidence")
    assert ran.code == 1
    assert ran.out.startswith("::error file=gate.toml,line=")
    assert outputs["outcome"] == "deny"
    assert "record" in outputs


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"subject": "nowhere.whl"}, 2),
        ({"stage": "biuld"}, 2),
        ({"evidence": ""}, 2),
        ({"evidence": "nowhere"}, 2),
        ({"subject": "--format=json"}, 2),
        ({"evidence": "$(touch pwned)\n`touch pwned`\nevidence"}, 2),
        ({"stage": '"; touch pwned; "'}, 2),
        ({"gate": "pyproject.toml"}, 3),
        ({"key": "nowhere.key"}, 2),
    ],
)
def test_the_action_never_says_allow_for_what_it_cannot_do(
    inputs: dict[str, str], code: int, judged: tuple[Path, dict[str, str]]
) -> None:
    folder, env = judged
    ran, outputs = run_action(
        folder, env, **({"subject": "app.whl", "stage": "build", "evidence": "evidence"} | inputs)
    )
    assert ran.code == code, ran.reasons
    assert outputs == {"outcome": "error"}
    assert not (folder / "pwned").exists()
    assert ran.out.startswith("::error title=No decision%3A the gate is closed::")


@pytest.mark.parametrize("shell", [["bash", "-e"], ["sh", "-e"]], ids=["bash", "sh"])
def test_gitlab_keeps_the_exit_code_and_leaves_a_report(shell: list[str], judged: tuple[Path, dict[str, str]]) -> None:
    import subprocess

    folder, env = judged
    job = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text(encoding="utf-8"))[".gatekeeper"]
    given = {**job["variables"], "GATE_SUBJECT": "app.whl", "GATE_KEY": f"{env['SIGNING_KEYS']}/gate.key"}
    script = "\n".join(job["script"])
    done = subprocess.run([*shell, "-c", script], cwd=folder, env={**env, **given}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"<testsuites" in (folder / "gate.xml").read_bytes()
    next((folder / "evidence").glob("unit-*")).unlink()
    done = subprocess.run([*shell, "-c", script], cwd=folder, env={**env, **given}, capture_output=True, check=False)
    assert done.returncode == 1
    done = subprocess.run(
        [*shell, "-c", script],
        cwd=folder,
        env={**env, **given, "GATE_FILE": "no.toml"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_plain_script_keeps_the_exit_code_and_the_log(shell: str, judged: tuple[Path, dict[str, str]]) -> None:
    import subprocess

    folder, env = judged
    env = {**env, "SUBJECT": "app.whl", "STAGE": "build", "KEY": f"{env['SIGNING_KEYS']}/gate.key"}

    def run(*arguments: str, **more: str) -> Ran:
        command = [shell, str(ROOT / "ci/gate.sh"), *arguments]
        done = subprocess.run(command, cwd=folder, env={**env, **more}, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    allowed = run("evidence")
    assert allowed.code == 0, allowed.err
    assert (folder / "gate.log").read_text() == allowed.out
    assert allowed.out.startswith("ALLOW")
    assert (run().code, run("nowhere").code, run("evidence", GATE="no.toml").code) == (2, 2, 2)
    assert run("evidence", STAGE="").code == 2 if shell == "sh" else run("evidence", STAGE="").code != 0
    next((folder / "evidence").glob("unit-*")).unlink()
    assert run("evidence").code == 1


def test_a_pipe_without_pipefail_loses_the_code_which_is_why_no_script_of_ours_has_one() -> None:
    import subprocess

    assert subprocess.run(["bash", "-e", "-c", "sh -c 'exit 1' | cat"], check=False).returncode == 0
    for where, body in bodies().items():
        assert not re.search(r"gatekeeper (decide|admit)[^\n]*(\\\n[^\n]*)*(?<!\|)\|(?!\|)", body), where
