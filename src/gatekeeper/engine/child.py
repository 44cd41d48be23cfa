"""OPA as a server of our own on a private socket: for tools that embed the library and decide often.

There is one server for each set of rules, because rule sets of two stages share their packages. It loads one bundle,
which ``opa build`` made with the allowed builtins from modules that ``opa check`` accepted, and whose root is
everything: OPA then refuses to load anything else. The socket lies in a folder that only this user can enter. What
that folder's rights cannot promise, the answers do: each carries the nonce of its question and the digest of the
rules.
"""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Self

from gatekeeper._limits import MAX_ENGINE_ANSWER_BYTES
from gatekeeper.engine import asking, bundle, capabilities
from gatekeeper.engine.command import OpaCommand
from gatekeeper.engine.process import Deadline, Folder, Process
from gatekeeper.engine.program import Prepared
from gatekeeper.errors import EngineError, EngineTimeoutError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.engine.program import Program
    from gatekeeper.policy import RuleSet
    from gatekeeper.question import Answer, EngineIdentity, Question

MAX_SERVERS: Final = 8
"""Servers kept at once, of some 40 MB each: five stages and a few more. The oldest idle one goes first."""

_MODULES: Final = "modules.tar.gz"
"""What the bundle is built from; OPA puts the name before the paths in it."""

_HEADERS: Final = {"Content-Type": "application/json", "Host": "opa"}
_OK: Final = 200
_FAILED: Final = 500
_CHUNK: Final = 1 << 20


class OpaChild:
    """Keeps ``opa run`` servers for the rules it is asked about; started on first use, ended by :meth:`close`.

    It can be shared by threads. A forked process starts servers of its own. When a server dies, it is started again
    once. When this process dies, however it dies, its servers end.

    Args:
        binary: The OPA to run, from :func:`gatekeeper.engine.find.find`.
    """

    def __init__(self, binary: OpaBinary) -> None:
        self._binary = binary
        self._command = OpaCommand(binary)
        self._programs = Prepared()
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()
        self._closed = False
        _children.add(self)
        weakref.finalize(self, _close_all, self._servers)

    @property
    def identity(self) -> EngineIdentity:
        """Which OPA this is."""
        return self._binary.identity

    def check(self, rules: RuleSet, *, deadline: float) -> None:
        """Compile the rules and start their server, so that the first question finds it ready."""
        clock = Deadline(deadline)
        with self._serving(self._programs.of(rules), clock):
            pass

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:
        """Answer the questions; see :class:`gatekeeper.question.Engine`."""
        clock = Deadline(deadline)
        program = self._programs.of(rules)
        try:
            return asking.ask(program, questions, lambda part, without: self._run(program, part, without, clock))
        except EngineError as problem:
            if problem.code != "engine.ask":
                self._discard(program)  # slow, or not what it should be: the next question gets a new one
            raise

    def close(self) -> None:
        """End all servers and remove what they left. It cannot be used afterwards."""
        with self._lock:
            self._closed = True
            _close_all(self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, program: Program, questions: Sequence[Question], without: Sequence[str], clock: Deadline) -> Any:
        for _ in range(2):
            with self._serving(program, clock) as server:
                try:
                    return server.ask(questions, without, clock)
                except _GoneError:
                    self._discard(program, server)
        raise EngineError(
            "OPA died twice on the same question", hint="a rule may need too much memory", code="engine.died"
        )

    @contextmanager
    def _serving(self, program: Program, clock: Deadline) -> Iterator[_Server]:
        """The server of a program, kept from being ended while it is used."""
        server = self._server(program, clock)
        try:
            yield server
        finally:
            server.users -= 1

    def _server(self, program: Program, clock: Deadline) -> _Server:
        if not self._lock.acquire(timeout=clock.remaining()):
            raise clock.passed()
        try:
            if self._closed:
                raise UsageError("this OpaChild is closed", code="usage.closed")
            server = self._servers.pop(program.digest, None)
            if server is None or not server.alive:
                if server:
                    server.close()
                self._make_room()
                server = _Server(self._binary, self._command, program, clock)
            self._servers[program.digest] = server  # the newest last
            server.users += 1
            return server
        finally:
            self._lock.release()

    def _make_room(self) -> None:
        idle = [digest for digest, server in self._servers.items() if not server.users]
        for digest in idle[: max(0, len(self._servers) - MAX_SERVERS + 1)]:
            self._servers.pop(digest).close()

    def _discard(self, program: Program, only: _Server | None = None) -> None:
        with self._lock:
            server = self._servers.get(program.digest)
            if server is not None and only in {None, server}:
                del self._servers[program.digest]
                server.close()

    def _forget(self) -> None:
        """In a forked child: the servers are the parent's."""
        self._lock = threading.Lock()
        _close_all(self._servers)


class _GoneError(Exception):
    """The server is not there any more."""


class _Server:
    """One ``opa run`` with one program."""

    def __init__(self, binary: OpaBinary, command: OpaCommand, program: Program, clock: Deadline) -> None:
        self._program = program
        self._query = f"/v1/data/{program.query.removeprefix('data.').replace('.', '/')}?strict-builtin-errors=true"
        self._idle: list[_Connection] = []
        self.users = 0
        command.check_program(program, clock)
        self._owner = os.getpid()
        self._folder = Folder(for_socket=True)
        self._socket = str(self._folder.path / "s")
        try:
            bundle = _build(str(binary.path), self._folder, program, clock)
            self._process = Process(
                [
                    *(str(binary.path), "run", "--server", "--bundle", bundle, "--addr", f"unix://{self._socket}"),
                    *("--unix-socket-perm", "600", "--skip-version-check", "--log-level", "error"),
                ],
                folder=self._folder,
                piped=False,
            )
        except BaseException:
            self._folder.close()
            raise
        try:
            self._wait_until_ready(clock)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """It has not ended."""
        return self._process.alive

    def ask(self, questions: Sequence[Question], without: Sequence[str], clock: Deadline) -> Any:
        """The entry module's answers, or a rule's trouble.

        Raises:
            _GoneError: It died.
            EngineError: It answered something else.
        """
        status, data = self._post([b'{"input":', *asking.batch(questions, without), b"}"], clock)
        answer = asking.parse(data)
        if isinstance(answer, asking.Trouble):
            return answer
        if status == _OK:
            return asking.members(answer, {"result"})["result"]
        if status == _FAILED:
            errors = asking.members(answer, {"code", "errors", "message"})["errors"]
            return asking.trouble(self._program, errors, prefix=f"/{_MODULES}/")
        raise EngineError(f"OPA refuses the question with status {status}", code="engine.answer")

    def close(self) -> None:
        """End it. In a forked child: only let go of it."""
        while self._idle:
            self._idle.pop().close()
        self._process.close()
        if os.getpid() == self._owner:
            self._folder.close()

    def _wait_until_ready(self, clock: Deadline) -> None:
        while True:
            with suppress(ConnectionError, FileNotFoundError):
                connection = _Connection(self._socket)
                connection.connect_within(clock)
                self._idle.append(connection)
                return
            if not self.alive:
                raise EngineError("OPA ended before it could be asked", hint="gatekeeper doctor", code="engine.died")
            time.sleep(min(0.002, clock.remaining()))

    def _post(self, pieces: Sequence[bytes], clock: Deadline) -> tuple[int, bytes]:
        while True:
            reused = bool(self._idle)
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = _Connection(self._socket)
            try:
                answer = connection.post(self._query, pieces, clock)
            except TimeoutError as cause:
                connection.close()
                raise clock.passed() from cause
            except (OSError, http.client.HTTPException) as cause:
                connection.close()
                if reused and self.alive:
                    continue  # the connection was closed, the server may be well
                raise _GoneError from cause
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)
            return answer


class _Connection(http.client.HTTPConnection):
    """A kept connection to a socket in the file system."""

    def __init__(self, path: str) -> None:
        super().__init__("opa")
        self._path = path
        self._clock: Deadline | None = None

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._limit()
        self.sock.connect(self._path)

    def connect_within(self, clock: Deadline) -> None:
        """Connect now rather than with the first request."""
        self._clock = clock
        try:
            self.connect()
        except BaseException:
            self.close()
            raise

    def post(self, path: str, pieces: Sequence[bytes], clock: Deadline) -> tuple[int, bytes]:
        """Send a request and read the whole answer by the deadline."""
        self._clock = clock
        self._limit()
        length = sum(map(len, pieces))
        self.request("POST", path, body=pieces, headers={**_HEADERS, "Content-Length": str(length)})
        self._limit()
        response = self.getresponse()
        parts: list[bytes] = []
        left = MAX_ENGINE_ANSWER_BYTES
        while part := self._read(response):
            parts.append(part)
            left -= len(part)
            if left < 0:
                raise EngineError(f"OPA wrote more than {MAX_ENGINE_ANSWER_BYTES} bytes", code="engine.size")
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        response.close()
        return response.status, b"".join(parts)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        self._limit()
        return response.read1(_CHUNK)

    def _limit(self) -> None:
        if self.sock and self._clock:
            try:
                self.sock.settimeout(self._clock.remaining())
            except EngineTimeoutError as cause:
                raise TimeoutError from cause


def _build(opa: str, folder: Folder, program: Program, clock: Deadline) -> str:
    """Have OPA make the bundle, with the allowed builtins and everything as its root."""
    folder.write({_MODULES: bundle.pack({**program.modules, ".manifest": '{"roots":[""]}'})})
    arguments = [opa, "build", "--bundle", _MODULES, "--capabilities", str(capabilities.path())]
    arguments += ["--output", "bundle.tar.gz"]
    outcome = Process(arguments, folder=folder).communicate([], clock)
    if outcome.status != 0 or outcome.stdout:
        raise EngineError("OPA does not build what it has checked", hint="gatekeeper doctor", code="engine.died")
    return "bundle.tar.gz"


def _close_all(servers: dict[str, _Server]) -> None:
    while servers:
        servers.popitem()[1].close()


_children: weakref.WeakSet[OpaChild] = weakref.WeakSet()


def _forget_in_child() -> None:
    for child in list(_children):
        child._forget()  # noqa: SLF001  our own


os.register_at_fork(after_in_child=_forget_in_child)
