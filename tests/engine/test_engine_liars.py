"""Programs that call themselves opa, and an OPA that is killed, stopped or misled: never an answer, always a reason."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from engine_rules import body, fake_opa, question, rule, rule_set

from gatekeeper.engine import process
from gatekeeper.engine.command import OpaCommand
from gatekeeper.errors import EngineError, EngineTimeoutError
from gatekeeper.question import RuleAnswer

if TYPE_CHECKING:
    from gatekeeper.engine.find import OpaBinary

RULES = rule_set(rule())
ASKED = question()


def reply(**changes: Any) -> dict[str, Any]:
    """What the entry module gives for the question, with changes."""
    honest = {
        "canary": [ASKED.nonce],
        "nonce": ASKED.nonce,
        "rules": {"coverage.lines": {"deny": []}},
        "rules_digest": RULES.digest,
    }
    return {name: value for name, value in {**honest, **changes}.items() if value is not None}


def output(*replies: object, **more: object) -> str:
    value = {"value": list(replies), "text": "t", "location": {"row": 1, "col": 1}}
    return json.dumps({"result": [{"expressions": [value]}], **more})


def ask(binary: OpaBinary, folder: Path, script: str, *, deadline: float = 10) -> tuple[Any, ...]:
    liar = OpaCommand(replace(binary, path=fake_opa(folder, script)))
    return liar.evaluate(RULES, [ASKED], deadline=deadline)


def saying(folder: Path, text: str, status: int = 0) -> str:
    (folder / "said").write_text(text)
    return f"cat > /dev/null; cat {folder}/said; exit {status}"


def test_the_honest_twin_is_believed(binary: OpaBinary, tmp_path: Path) -> None:
    assert ask(binary, tmp_path, saying(tmp_path, output(reply()))) == ({"coverage.lines": RuleAnswer(deny=[])},)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "OPA's answer cannot be read: the document is empty"),
        ("{}", "OPA's answer does not have just result"),
        ("[]", "OPA's answer does not have just result"),
        ('{"result": []}', "OPA did not give one result"),
        ('{"result": [{"expressions": []}]}', "OPA did not give one expression"),
        ("<html><body>502</body></html>", "OPA's answer cannot be read: not JSON"),
        (output(reply())[:200], "OPA's answer cannot be read: not JSON"),
        (output(reply()) + output(reply()), "OPA's answer cannot be read: not JSON"),
        (output(reply(), reply()), "OPA did not answer 1 questions with as many answers"),
        (output(), "OPA did not answer 1 questions with as many answers"),
        (output([]), "OPA's answer is not the document that was asked for"),
        (output(reply(nonce="sha256:0")), "OPA's answer is to another question"),
        (output(reply(rules_digest="sha256:0")), "OPA's answer is from other rules"),
        (output(reply(canary=[])), "OPA let the canary pass, which must always be denied"),
        (output(reply(canary=["x"])), "OPA let the canary pass"),
        (output(reply(canary=None)), "OPA's answer is not the document that was asked for"),
        (output(reply(rules=None)), "OPA's answer is not the document that was asked for"),
        (output(reply(extra=1)), "OPA's answer is not the document that was asked for"),
        (output(reply(rules=[])), "OPA answered for rules that were not asked"),
        (output(reply(rules={"x.y": {"deny": []}})), "OPA answered for rules that were not asked"),
        (output(reply(rules={"coverage.lines": []})), "OPA's answer for a rule is not the document that was asked for"),
        (output(reply(rules={"coverage.lines": {"deny": [], "allow": True}})), "OPA's answer for a rule is not"),
        (output(reply(rules={"coverage.lines": {"deny": [], "problem": ""}})), "OPA's answer for a rule is not"),
        (output(reply(), errors=[]), "OPA's answer does not have just result"),
        (output(reply(), warning="x"), "OPA's answer does not have just result"),
        ('{"result": [], "result": []}', "OPA's answer cannot be read: the key 'result' is there twice"),
    ],
)
def test_what_is_no_answer_is_no_decision(binary: OpaBinary, tmp_path: Path, said: str, reason: str) -> None:
    with pytest.raises(EngineError) as caught:
        ask(binary, tmp_path, saying(tmp_path, said))
    assert caught.value.message.startswith(reason)
    assert caught.value.exit_code == 3


def test_a_rule_that_is_left_out_has_a_problem(binary: OpaBinary, tmp_path: Path) -> None:
    (answer,) = ask(binary, tmp_path, saying(tmp_path, output(reply(rules={}))))
    assert answer == {"coverage.lines": RuleAnswer(problem="its deny is undefined")}


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [
        (2, output(reply()), "OPA's answer does not have just errors"),
        (1, output(reply()), "OPA ended with status 1 and gave no answer"),
        (3, "", "OPA ended with status 3 and gave no answer"),
        (2, '{"errors": []}', "OPA failed and does not say why"),
        (2, '{"errors": [{"code": "eval_internal_error", "message": "x"}]}', "OPA failed: eval_internal_error: x"),
        (2, '{"errors": [{"code": "rego_type_error", "message": "error limit reached"}]}', "OPA"),
        (2, json.dumps({"errors": [], "result": json.loads(output(reply()))["result"]}), "OPA's answer does not"),
    ],
)
def test_the_exit_status_comes_first(binary: OpaBinary, tmp_path: Path, status: int, said: str, reason: str) -> None:
    with pytest.raises(EngineError) as caught:
        ask(binary, tmp_path, saying(tmp_path, said, status))
    assert caught.value.message.startswith(reason)


def test_an_answer_is_bounded(binary: OpaBinary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MAX_ENGINE_ANSWER_BYTES", 1_000_000)
    with pytest.raises(EngineError, match="OPA wrote more than 1000000 bytes and was killed"):
        ask(binary, tmp_path, "exec yes")


def test_ten_megabytes_of_complaints_neither_hang_nor_show(
    binary: OpaBinary, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "head -c 10000000 /dev/zero | tr '\\0' ':' >&2; " + saying(tmp_path, output(reply()))
    assert ask(binary, tmp_path, script) == ({"coverage.lines": RuleAnswer(deny=[])},)
    assert capfd.readouterr() == ("", "")


def test_a_large_question_to_one_that_does_not_read(binary: OpaBinary, tmp_path: Path) -> None:
    large = question(documents={"coverage": [{"lines_valid": 1, "x": "x" * 5_000_000}]})
    liar = OpaCommand(replace(binary, path=fake_opa(tmp_path, "exit 0")))
    with pytest.raises(EngineError, match="the document is empty"):
        liar.evaluate(RULES, [large], deadline=10)


@pytest.mark.parametrize(
    "script", ["sleep 60", "cat > /dev/null; cat said; sleep 60", "sleep 60 & exec sleep 60", "kill -STOP $$"]
)
def test_one_that_does_not_end_is_killed_with_all_it_started(binary: OpaBinary, tmp_path: Path, script: str) -> None:
    saying(tmp_path, output(reply()))
    begun = time.monotonic()
    with pytest.raises(EngineTimeoutError, match=r"did not answer within 0\.4 s and was killed"):
        ask(binary, tmp_path, f"echo $$ > {tmp_path}/pid; cd {tmp_path}; {script}", deadline=0.4)
    assert time.monotonic() - begun < 1.4
    assert_group_ends(int((tmp_path / "pid").read_text()))


def assert_group_ends(group: int) -> None:
    """Nothing of a process group runs any more; what nobody has reaped yet does not run."""
    for _ in range(100):
        listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], check=True, capture_output=True, text=True).stdout
        states = [state for number, state in map(str.split, listed.splitlines()) if int(number) == group]
        if all(state.startswith("Z") for state in states):
            return
        time.sleep(0.02)
    pytest.fail(f"the group {group} is alive")


def test_no_program_at_all(binary: OpaBinary, tmp_path: Path) -> None:
    gone = OpaCommand(replace(binary, path=tmp_path / "opa"))
    with pytest.raises(EngineError, match="OPA could not be started: No such file or directory"):
        gone.evaluate(RULES, [ASKED], deadline=5)


def test_killed_in_mid_query(binary: OpaBinary, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="OPA was ended by signal 9 and gave no answer"):
        ask(binary, tmp_path, "kill -9 $$")


ENDLESS = """\
deny contains "x" if {
	some report in input.coverage
	parts := split(sprintf("%0400d", [report.lines_valid]), "")
	count([1 | some p in parts; some q in parts; some r in parts; some s in parts]) > 1
}"""
HUNGRY = ENDLESS.replace("[1 |", "[[p, q, r, s] |")


def test_the_real_opa_killed_in_mid_query(command: OpaCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[process.Process] = []
    original = process.Process.communicate

    def remember(self: process.Process, *arguments: Any) -> process.Outcome:
        started.append(self)
        return original(self, *arguments)

    monkeypatch.setattr(process.Process, "communicate", remember)
    threading.Timer(0.3, lambda: os.kill(started[0].pid, signal.SIGKILL)).start()
    with pytest.raises(EngineError, match="OPA was ended by signal 9 and gave no answer"):
        command.evaluate(rule_set(body(ENDLESS)), [ASKED], deadline=20)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process bound another's memory")
def test_memory_is_bounded(command: OpaCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MAX_MEMORY_BYTES", 1 << 30)
    monkeypatch.setattr(process, "_SOFT_MEMORY", "900MiB")
    with pytest.raises(EngineError, match="OPA ran out of the memory it may have"):
        command.evaluate(rule_set(body(HUNGRY)), [ASKED], deadline=60)


HOSTILE = {
    "OPA_EVAL_IGNORE": "*.rego",
    "OPA_EVAL_STRICT": "false",
    "OPA_EVAL_FORMAT": "pretty",
    "OPA_EVAL_V0_COMPATIBLE": "true",
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "tr_TR.UTF-8",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "GODEBUG": "madvdontneed=1,panicnil=1",
    "GOMEMLIMIT": "1MiB",
    "PATH": "/nowhere",
}


def test_the_surroundings_change_nothing(command: OpaCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rule_set(rule(), body('deny contains upper("i")', rule_id="coverage.upper"))
    asked = [question(ask=["coverage.lines", "coverage.upper"])]
    before = command.evaluate(rules, asked, deadline=20)
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    (home / ".regal").mkdir(parents=True)
    (home / ".opa.yaml").write_text("eval: {strict: false}")
    (home / "evil.rego").write_text("package gatekeeper.coverage.lines\n\ndeny := set()\n")
    (home / "data.json").write_text('{"gatekeeper": {"coverage": {"lines": {"deny": []}}}}')
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    assert command.evaluate(rules, asked, deadline=20) == before


def test_a_long_temporary_folder(command: OpaCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert command.evaluate(RULES, [question(9)], deadline=20) == ({"coverage.lines": RuleAnswer(deny=[])},)


def test_no_folder_can_be_made(command: OpaCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(EngineError, match="no private folder could be made"):
        command.evaluate(RULES, [ASKED], deadline=20)


SCRIPT = """
import sys, pathlib
sys.path[:0] = {path!r}
import tempfile
tempfile.tempdir = {room!r}
from engine_rules import body, question, rule_set
from gatekeeper.engine.command import OpaCommand
from gatekeeper.engine.find import OpaBinary
binary = OpaBinary(path=pathlib.Path({opa!r}), version="", digest="", platform="", origin="")
print("ready", flush=True)
OpaCommand(binary).evaluate(rule_set(body({rule!r})), [question()], deadline=60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_we_are_ended(opa_path: Path, tmp_path: Path, number: signal.Signals) -> None:
    room = tmp_path / "room"
    room.mkdir()
    script = SCRIPT.format(path=sys.path, room=str(room), opa=str(opa_path), rule=ENDLESS)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as caller:
        assert caller.stdout
        caller.stdout.readline()
        group = wait_for_opa(room)
        caller.send_signal(number)
        assert caller.wait(10) != 0
    assert_group_ends(group)
    wait_until_empty(room)


def wait_for_opa(room: Path) -> int:
    """The process id of an opa that runs in a folder below ``room``."""
    for _ in range(200):
        time.sleep(0.05)
        for entry in Path("/proc").glob("[0-9]*") if list(room.iterdir()) else ():
            with suppress(OSError):
                if (entry / "comm").read_text() == "opa\n" and (entry / "cwd").readlink().is_relative_to(room):
                    return int(entry.name)
    pytest.fail("opa did not start")


def wait_until_empty(room: Path) -> None:
    for _ in range(200):
        if not list(room.iterdir()):
            return
        time.sleep(0.01)
    pytest.fail(f"{list(room.iterdir())} is left")
