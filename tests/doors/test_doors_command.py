"""The command as its users meet it: streams, exit codes, colours, signals, closed pipes, completion, its own page."""

from __future__ import annotations

import ast
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from doors_tools import COMMAND, ROOT, environment, gatekeeper, process

from gatekeeper.cli import main
from gatekeeper.cli.commands import COMMANDS, load
from project import coverage, ran_tests

if TYPE_CHECKING:
    from project import Project

PAGE = ROOT / "docs/command.md"
THERE = sorted(name for name in COMMANDS if (ROOT / f"src/gatekeeper/cli/{COMMANDS[name][0]}.py").is_file())


def helps(name: str) -> list[list[str]]:
    """The calls whose help is shown for a command: itself, and each of its actions."""
    parser = load(name).parser(name)
    actions = next((action.choices for action in parser._actions if action.dest == "action"), None) or ()
    return [[name], *([name, action] for action in actions)]


@pytest.mark.parametrize("call", [call for name in THERE for call in helps(name)], ids=" ".join)
def test_the_page_has_the_help_of(call: list[str]) -> None:
    ran = process(*call, "--help", env=environment(COLUMNS="100"))
    assert (ran.code, ran.err) == (0, "")
    shown = f"<!-- example: skip because a test compares it with --help -->\n```text\n$ gatekeeper {' '.join(call)} --help\n{ran.out}```\n"
    assert shown in PAGE.read_text(encoding="utf-8"), f"in docs/command.md:\n{shown}"


def test_the_page_has_no_help_of_anything_else() -> None:
    shown = re.findall(r"^\$ gatekeeper (.+) --help$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(shown) == sorted(" ".join(call) for name in THERE for call in helps(name))


def test_the_list_of_commands_is_that_of_the_page() -> None:
    ran = process("--help")
    assert ran.code == 0
    listed = re.findall(r"^  ([a-z]+)  ", ran.out, re.MULTILINE)
    assert listed == list(COMMANDS)
    assert [name for name in listed if f"`{name}" not in PAGE.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "call", [[], [""], ["decid"], ["--verbose"], ["decide", "--stag", "build"], ["decide", "x"], ["admit", "-x"]]
)
def test_wrong_use_is_2_and_says_so_on_stderr_only(call: list[str]) -> None:
    ran = gatekeeper(*call)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error  ")


def test_an_abbreviation_is_no_option(project: Project) -> None:
    ran = gatekeeper("decide", "app.whl", "--stage", "build", "--evid", "evidence")
    assert ran.code == 2
    assert "--evid" in ran.err


@pytest.mark.parametrize("name", [name for name in THERE if "--format" in load(name).parser(name).format_help()])
def test_with_json_a_failure_is_json(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "doctor":
        pytest.skip("nothing can fail in it")
    for form in (["--format", "json"], ["--format=json"]):
        ran = gatekeeper(name, "nowhere", *form)
        assert ran.code in {2, 3}
        assert ran.err == ""
        assert ran.json["outcome"] == "error"
        assert set(ran.json["error"]) == {"type", "code", "message", "where", "hint"}


@pytest.mark.parametrize("code", [0, 1])
def test_the_decision_is_all_there_is_on_stdout(code: int, project: Project) -> None:
    project.green()
    if code:
        next(project.folder.glob("evidence/unit.json")).unlink()
    (project.folder / "evidence/notes.txt").write_text("no report")
    ran = project.decide("build", "--record", "records", "--key", "keys/gate.key")
    assert ran.code == code
    assert json.loads(ran.out)["outcome"] == ("deny" if code else "allow")
    assert (
        ran.err.splitlines()[0] == "ignored: notes.txt: not an attestation, and no report that is read for this stage"
    )
    assert ran.err.splitlines()[1].startswith("record records/build-")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"FORCE_COLOR": "", "NO_COLOR": ""}, False),
    ],
)
def test_colours(variables: dict[str, str], coloured: bool, project: Project) -> None:
    ran = process(
        "decide",
        "app.whl",
        "--stage",
        "build",
        "--evidence",
        "evidence/..",
        cwd=project.folder,
        env=environment(**variables),
    )
    assert ran.code in {1, 2}
    project.green()
    ran = process(
        "decide",
        "app.whl",
        "--stage",
        "build",
        "--evidence",
        "evidence",
        cwd=project.folder,
        env=environment(**variables),
    )
    assert ran.code == 0, ran.err
    assert ("\x1b[" in ran.out) == coloured


@pytest.mark.parametrize("redirect", [">&-", ">/dev/full", "| true"])
def test_a_verdict_that_nobody_received_is_no_allow(redirect: str, project: Project) -> None:
    if redirect == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    project.green()
    command = f"{' '.join(COMMAND)} decide app.whl --stage build --evidence evidence"
    script = f"({command}; echo $? >code) {redirect}" if "|" in redirect else f"{command} {redirect}; echo $? >code"
    subprocess.run(["bash", "-c", script], env=environment(), check=False, capture_output=True, timeout=60)
    if "|" in redirect:
        deadline = time.monotonic() + 30
        while not (Path("code").exists() and Path("code").read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert Path("code").read_text().strip() in ({"0", "3"} if "|" in redirect else {"3"})


SLOW = """\
# METADATA
# title: Slow
# description: It takes long.
# custom:
#   needs: {test_results: [names]}
#   remedy: none
package gatekeeper.own.slow

import rego.v2

deny contains violation if {
	some report in input.test_results
	some first in report.names
	some second in report.names
	some third in report.names
	concat("", [first, second, third]) == ""
	violation := {"message": "slow", "source": report.source}
}
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_middle_is_3_and_leaves_no_opa(number: signal.Signals, project: Project) -> None:
    project.write("policies/own/slow/slow.rego", SLOW)
    project.lock()
    project.attest("test_results", ran_tests(700), slot="unit")
    project.attest("coverage", coverage(), slot="coverage")
    running = subprocess.Popen(
        [*COMMAND, "decide", "app.whl", "--stage", "build", "--evidence", "evidence", "--record", "records"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not children(running.pid) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    opa = children(running.pid)
    assert opa, running.communicate()
    time.sleep(0.3)
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (3, "")
    assert err == f"gatekeeper: stopped by {number.name}; no decision was reached\n"
    assert not Path("records").exists()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in opa) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in opa if Path(f"/proc/{pid}").exists()] == []


def children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        pytest.skip("no /proc with children")


def test_the_version_imports_next_to_nothing() -> None:
    program = (
        "import sys; from gatekeeper.cli import main\ntry: main(['--version'])\nfinally: print(sorted(sys.modules))"
    )
    out = subprocess.check_output(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n{program}"], text=True
    )
    version, modules = out.splitlines()
    assert re.fullmatch(r"gatekeeper \d+\.\d+\.\d+", version)
    seen = set(ast.literal_eval(modules))
    ours = {"gatekeeper", "gatekeeper._version", "gatekeeper.cli", "gatekeeper.cli.commands", "gatekeeper.errors"}
    assert {name for name in seen if name.startswith("gatekeeper")} == ours
    assert not {"argparse", "json", "subprocess", "importlib.metadata", "jsonschema", "cryptography"} & seen


def test_the_module_and_the_function_are_the_same_command() -> None:
    assert process("--version").out == gatekeeper("--version").out


# completion


@pytest.fixture(scope="module")
def bash_completion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("shtab", reason="shtab is not installed")
    path = tmp_path_factory.mktemp("completion") / "gatekeeper.bash"
    ran = process("completion", "bash")
    assert ran.code == 0, ran.err
    path.write_text(ran.out)
    subprocess.run(["bash", "-n", str(path)], check=True)
    return path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gatekeeper", "de"], {"decide"}),
        (["gatekeeper", "re"], {"reject", "replay", "records"}),
        (["gatekeeper", "decide", "--st"], {"--stage"}),
        (["gatekeeper", "decide", "--format", "sa"], {"sarif"}),
        (["gatekeeper", "gate", "l"], {"lock"}),
    ],
)
def test_a_real_bash_completes(words: list[str], expected: set[str], bash_completion: Path) -> None:
    script = f"""
    source "{bash_completion}"
    COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; COMP_LINE="{" ".join(words)}"; COMP_POINT=${{#COMP_LINE}}
    spec=$(complete -p gatekeeper); function=$(sed -n 's/.*-F \\([^ ]*\\).*/\\1/p' <<<"$spec")
    $function gatekeeper "{words[-1]}" "{words[-2]}"
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == expected, done.stderr


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_get_a_script(shell: str) -> None:
    import shutil

    pytest.importorskip("shtab", reason="shtab is not installed")
    ran = process("completion", shell)
    assert ran.code == 0, ran.err
    assert "gatekeeper" in ran.out
    assert "decide" in ran.out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=ran.out, text=True, check=True)


def test_evidence_is_verified_without_a_stage(project: Project) -> None:
    project.green()

    ran = project.run("verify", "evidence", "--subject", "app.whl")

    assert (ran.code, ran.err) == (0, "")
    assert "2 verified" in ran.out


def test_a_gate_is_shown_at_the_width_of_the_page(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    shown = project.run("gate", "show").out

    assert max(map(len, shown.split("\n"))) <= 60
    assert shown.startswith("gate     parcel\ndigest   sha256:")
    assert "\nintegration - after build - an allow is valid for 1d\n  slot     e2e - test_results - 2 shards\n" in shown
    assert "\n  approval 1 of role release-manager - not author\n" in shown


def test_a_record_that_is_explained_is_said_to_be_unverified(project: Project) -> None:
    project.green()
    project.decide("build", "--record", "records", "--key", "keys/gate.key")
    [record] = (project.folder / "records").iterdir()

    ran = project.run("explain", str(record))

    assert (ran.code, ran.out[:5]) == (0, "ALLOW")
    assert ran.err == "Nothing was verified: this is what the record says.\n"


def test_an_output_that_nobody_reads_to_its_end_is_no_mistake_of_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def left(_arguments: list[str]) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("gatekeeper.cli.run", left)
    with pytest.raises(SystemExit) as leave:
        main(["gate", "show"])
    assert leave.value.code == 3
    assert capsys.readouterr().err == "gatekeeper: nobody reads the output any more\n"
