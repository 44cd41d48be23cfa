"""OpaChild: a server of our own, private, kept, restarted, and gone when we are."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from engine_rules import body, finding, question, rule, rule_set, severe

from gatekeeper.engine import child as child_module
from gatekeeper.engine import process
from gatekeeper.engine.child import OpaChild
from gatekeeper.errors import EngineError, EngineTimeoutError, PolicyError, UsageError
from gatekeeper.question import RuleAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.engine.find import OpaBinary

RULES = rule_set(rule())
ENDLESS = """\
deny contains "x" if {
	some report in input.coverage
	report.lines_covered == 0
	parts := split(sprintf("%0400d", [report.lines_valid]), "")
	count([1 | some p in parts; some q in parts; some r in parts; some s in parts]) > 1
}"""


@pytest.fixture
def child(binary: OpaBinary) -> Iterator[OpaChild]:
    with OpaChild(binary) as made:
        yield made


def denied(child: OpaChild, covered: int = 3, *, deadline: float = 20) -> bool:
    (answer,) = child.evaluate(RULES, [question(covered)], deadline=deadline)
    return bool(answer["coverage.lines"].deny)


def server_of(child: OpaChild) -> Any:
    (server,) = child._servers.values()
    return server


def test_a_rule_denies_and_its_twin_does_not(child: OpaChild) -> None:
    assert [denied(child, covered) for covered in (3, 9, 3, 9)] == [True, False, True, False]


def test_one_server_answers_until_it_is_closed(binary: OpaBinary) -> None:
    with OpaChild(binary) as child:
        pids = {denied(child) and server_of(child)._process.pid for _ in range(5)}
        folder = server_of(child)._folder.path
    assert len(pids) == 1
    assert not folder.exists()
    with pytest.raises(UsageError, match="this OpaChild is closed"):
        denied(child)


def test_check_starts_it(child: OpaChild) -> None:
    child.check(RULES, deadline=20)
    pid = server_of(child)._process.pid
    assert denied(child)
    assert server_of(child)._process.pid == pid


def test_only_this_user_can_reach_it(child: OpaChild) -> None:
    assert denied(child)
    server = server_of(child)
    assert server._folder.path.stat().st_mode & 0o777 == 0o700
    assert Path(server._socket).stat().st_mode & 0o777 == 0o600


def test_what_does_not_compile_is_not_served(child: OpaChild) -> None:
    with pytest.raises(PolicyError, match=r"time\.now_ns is not allowed"):
        child.evaluate(rule_set(body("deny contains time.now_ns()")), [question()], deadline=20)
    assert not child._servers


class Socket(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("opa")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("PUT", "/v1/policies/extra", "package extra\n\nx := 1"),
        ("PUT", "/v1/policies/more", "package gatekeeper.coverage.lines\n\ndeny contains 1"),
        ("PUT", "/v1/policies/entry", "package gatekeeper_entry\n\nanswers := []"),
        ("PUT", "/v1/data/extra", "{}"),
        ("PATCH", "/v1/data", '[{"op": "add", "path": "/extra", "value": 1}]'),
        ("DELETE", "/v1/policies/{lines}", ""),
        ("DELETE", "/v1/data/gatekeeper", ""),
    ],
)
def test_nothing_else_can_be_loaded(child: OpaChild, method: str, path: str, data: str) -> None:
    assert denied(child)
    connection = Socket(server_of(child)._socket)
    connection.request("GET", "/v1/policies")
    held = [module["id"] for module in json.loads(connection.getresponse().read())["result"]]
    (lines,) = [name for name in held if name.endswith("coverage/lines/lines.rego")]
    connection.request(method, path.format(lines=lines), body=data)
    response = connection.getresponse()
    said = response.read().decode()
    connection.close()
    assert response.status == 400
    assert "owned by bundle" in said
    assert denied(child)


def test_a_builtin_error_is_the_rule_s_problem(child: OpaChild) -> None:
    touchy = body(
        'deny contains "x" if {\n\tsome report in input.coverage\n\tsubstring("a", -1, report.lines_valid) == "b"\n}',
        rule_id="coverage.touchy",
    )
    (answer,) = child.evaluate(
        rule_set(rule(), touchy), [question(ask=["coverage.lines", "coverage.touchy"])], deadline=20
    )
    assert answer["coverage.lines"].problem == ""
    assert answer["coverage.touchy"].problem == (
        "eval_builtin_error: substring: negative offset at coverage/touchy/touchy.rego:7"
    )


def test_it_is_started_again_when_it_was_killed(child: OpaChild) -> None:
    assert denied(child)
    first = server_of(child)._process.pid
    os.kill(first, signal.SIGKILL)
    assert denied(child)
    assert server_of(child)._process.pid != first


def test_killed_in_mid_query_it_is_asked_once_more(child: OpaChild) -> None:
    rules = rule_set(body(ENDLESS))
    assert child.evaluate(rules, [question(1)], deadline=20)
    killed: list[int] = []

    def kill() -> None:
        for _ in range(2):
            while not (running := [server._process.pid for server in child._servers.values()]) or running[0] in killed:
                time.sleep(0.01)
            pid = running[0]
            time.sleep(0.3)  # it is in the query by then; where the machine is busy, still starting, which is as good
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(EngineError, match="OPA died twice on the same question"):
        child.evaluate(rules, [question(0)], deadline=20)
    thread.join()
    assert len(set(killed)) == 2
    assert child.evaluate(rules, [question(1)], deadline=20)


def test_the_deadline_kills_and_the_next_question_is_answered(child: OpaChild) -> None:
    rules = rule_set(body(ENDLESS))
    child.check(rules, deadline=20)
    pid = server_of(child)._process.pid
    begun = time.monotonic()
    with pytest.raises(EngineTimeoutError, match=r"did not answer within 0\.4 s and was killed"):
        child.evaluate(rules, [question(0)], deadline=0.4)
    assert time.monotonic() - begun < 1.4
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert child.evaluate(rules, [question(1)], deadline=20) == ({"coverage.lines": RuleAnswer(deny=[])},)


def test_a_stopped_server_is_killed_at_the_deadline(child: OpaChild) -> None:
    assert denied(child)
    pid = server_of(child)._process.pid
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)  # until it has stopped: it could answer before
    with pytest.raises(EngineTimeoutError):
        denied(child, deadline=0.3)
    assert denied(child)


def test_a_stolen_socket_gives_nobody_s_answer(child: OpaChild) -> None:
    assert denied(child)
    server = server_of(child)
    while server._idle:
        server._idle.pop().close()
    Path(server._socket).unlink()
    thief = socket.socket(socket.AF_UNIX)
    thief.bind(server._socket)
    thief.listen()

    def lie() -> None:
        connection, _ = thief.accept()
        request = b""
        while b'"without":[]}}' not in request:
            request += connection.recv(1 << 16)
        said = b'{"result":[{"canary":["x"],"nonce":"x","rules":{"coverage.lines":{"deny":[]}},"rules_digest":"x"}]}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        connection.close()

    thread = threading.Thread(target=lie)
    thread.start()
    with pytest.raises(EngineError, match="OPA's answer is to another question"):
        denied(child)
    thread.join()
    thief.close()
    assert denied(child), "with a server of its own again"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b'{"result": []}', "OPA did not answer 1 questions"),
        (b"{}", "OPA's answer does not have just result"),
        (b'{"warning": {"code": "api_usage_warning"}, "result": []}', "OPA's answer does not have just result"),
        (b'{"result": [', "OPA's answer cannot be read"),
    ],
)
def test_what_is_no_answer_is_no_decision(
    child: OpaChild, monkeypatch: pytest.MonkeyPatch, said: bytes, reason: str
) -> None:
    monkeypatch.setattr(child_module._Connection, "post", lambda *_: (200, said))
    with pytest.raises(EngineError, match=reason):
        denied(child)


def test_a_stale_socket_is_never_used_again(child: OpaChild) -> None:
    assert denied(child)
    before = server_of(child)._socket
    os.kill(server_of(child)._process.pid, signal.SIGKILL)
    assert denied(child)
    assert server_of(child)._socket != before


def test_a_long_temporary_folder(child: OpaChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert denied(child)
    assert len(server_of(child)._socket) < 100


def test_several_gates_in_one_process(child: OpaChild) -> None:
    strict, lax = rule_set(rule()), rule_set(body("deny contains 1 if input.parameters.minimum_percent > 100"))
    for _ in range(3):
        (first,) = child.evaluate(strict, [question(3)], deadline=20)
        (second,) = child.evaluate(lax, [question(3)], deadline=20)
        assert (len(first["coverage.lines"].deny), second["coverage.lines"].deny) == (1, [])
    assert len(child._servers) == 2


def test_servers_are_bounded(child: OpaChild, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "MAX_SERVERS", 2)
    for number in range(4):
        child.check(rule_set(body(f"deny contains {number}")), deadline=20)
    assert len(child._servers) == 2


def test_threads_share_it(child: OpaChild) -> None:
    wrong: list[int] = []

    def work(covered: int) -> None:
        wrong.extend(covered for _ in range(20) if denied(child, covered) != (covered < 8))

    threads = [threading.Thread(target=work, args=[covered]) for covered in range(4, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(child._servers) == 1


def test_large_questions_and_answers(child: OpaChild) -> None:
    findings = [finding(number, "high", "2.0") for number in range(5_000)]
    asked = question(ask=["vulnerabilities.severe"], findings=findings)
    (answer,) = child.evaluate(rule_set(severe()), [asked], deadline=30)
    assert len(answer["vulnerabilities.severe"].deny) == 5_000


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_starts_its_own(child: OpaChild) -> None:
    assert denied(child)
    pid = server_of(child)._process.pid
    read, write = os.pipe()
    forked = os.fork()
    if not forked:
        try:
            said = f"{denied(child)} {server_of(child)._process.pid != pid}"
            child.close()
        except BaseException as cause:  # noqa: BLE001  a forked child must not return into pytest
            said = repr(cause)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert pipe.read() == "True True"
    os.waitpid(forked, 0)
    assert denied(child)
    assert server_of(child)._process.pid == pid


def in_another_process(answers: Any, child: OpaChild) -> None:
    answers.put(denied(child))
    child.close()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_multiprocessing_by_fork(child: OpaChild) -> None:
    assert denied(child)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    workers = [context.Process(target=in_another_process, args=(answers, child)) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert [answers.get(timeout=30) for _ in workers] == [True] * 3
    for worker in workers:
        worker.join()
    assert denied(child)


SCRIPT = """
import os, sys, time, pathlib
sys.path[:0] = {path!r}
from engine_rules import question, rule, rule_set
from gatekeeper.engine.child import OpaChild
from gatekeeper.engine.find import OpaBinary
child = OpaChild(OpaBinary(path=pathlib.Path({opa!r}), version="", digest="", platform="", origin=""))
child.evaluate(rule_set(rule()), [question()], deadline=60)
(server,) = child._servers.values()
{before}
print(server._process.pid, server._folder.path, flush=True)
{after}
"""
FORKED = "if not os.fork(): os.close(1); time.sleep(5); os._exit(0)"


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "os.kill(os.getpid(), 9)"), ("", "os.kill(os.getpid(), 15)"), ("", ""), (FORKED, "os.kill(os.getpid(), 9)")],
    ids=["killed", "terminated", "ended without close", "killed with a forked child alive"],
)
def test_no_server_outlives_us(opa_path: Path, before: str, after: str) -> None:
    script = SCRIPT.format(path=sys.path, opa=str(opa_path), before=before, after=after)
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", script], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout
        pid, folder = caller.stdout.readline().split()
        caller.wait(20)
    for _ in range(100):
        listed = subprocess.run(["ps", "-o", "stat=", "-p", pid], check=False, capture_output=True, text=True).stdout
        if (not listed or listed.startswith("Z")) and not Path(folder).exists():
            return
        time.sleep(0.02)
    pytest.fail("the server outlives its caller")


def test_file_descriptors_do_not_grow(child: OpaChild) -> None:
    assert denied(child)
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(200):
        assert denied(child)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_child_that_is_dropped_is_ended(binary: OpaBinary) -> None:
    child = OpaChild(binary)
    assert denied(child)
    running = server_of(child)._process
    del child
    assert not running.alive


def test_a_server_that_does_not_start(binary: OpaBinary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MAX_MEMORY_BYTES", 1 << 20)
    with OpaChild(binary) as child, pytest.raises(EngineError):
        denied(child)
