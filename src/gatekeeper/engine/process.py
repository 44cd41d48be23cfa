"""Starting OPA and being sure that it ends: a private folder, an empty environment, bounds, and a watcher.

OPA runs in a session and process group of its own, with an environment that holds nothing of ours, in a folder that
only this user can enter. A small shell watches a pipe whose other end is ours: when we die, by whatever signal, the
pipe closes, and it kills OPA's group and removes the folder.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from gatekeeper._limits import MAX_ENGINE_ANSWER_BYTES
from gatekeeper.errors import EngineError, EngineTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_MEMORY_BYTES: Final = 4 * 1024**3
"""Address space of one OPA process. 20,000 components take 350 MB; without a bound one rule can take it all."""

_SOFT_MEMORY: Final = "3GiB"
"""Go's collector works harder from here on, so that the hard bound is met only by what is really held."""

_KEPT_STDERR: Final = 1024 * 1024
_CHUNK: Final = 1 << 18
_WATCH: Final = 'read -r _; kill -s KILL -- "-$1" 2>/dev/null; rm -rf -- "$2"'
_SH: Final = "/bin/sh"
_UNIX_PATH_ROOM: Final = 60
"""Longest folder in which a socket's path stays below the 104 bytes that macOS allows."""


class Deadline:
    """A point in time by which everything has to be done."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left.

        Raises:
            EngineTimeoutError: None are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> EngineTimeoutError:
        """The error that says so."""
        return EngineTimeoutError(
            f"OPA did not answer within {self._seconds:g} s and was killed",
            hint="a rule may not end, or the deadline is too short for this much evidence",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a process left: its exit status, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


class Folder:
    """A new folder that only this user can enter; removed when closed, or by the watcher when we are gone.

    Args:
        for_socket: A socket will be in it, so that its path has to be short.
    """

    def __init__(self, *, for_socket: bool = False) -> None:
        parent = tempfile.gettempdir()
        if for_socket and len(os.fsencode(parent)) > _UNIX_PATH_ROOM:
            parent = "/tmp"  # noqa: S108  only for mkdtemp, which makes a folder of mode 0700
        try:
            self.path = Path(tempfile.mkdtemp(prefix="gk-", dir=parent))
            (self.path / "home").mkdir(mode=0o700)
        except OSError as cause:
            raise EngineError(f"no private folder could be made: {cause.strerror}", where=parent) from cause

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files by their path below the folder."""
        try:
            for folder in sorted({os.path.dirname(path) for path in files}):  # noqa: PTH120  twice as fast, and hot
                os.makedirs(f"{self.path}/{folder}", mode=0o700, exist_ok=True)  # noqa: PTH103
            for path, data in files.items():
                with open(f"{self.path}/{path}", "wb", buffering=0) as file:  # noqa: PTH123
                    file.write(data)
        except OSError as cause:
            raise EngineError(f"cannot be written: {cause.strerror}", where=str(self.path)) from cause

    def close(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def environment(folder: Folder, *, collect: int = 100) -> dict[str, str]:
    """All that OPA sees of the world: no proxies, no ``OPA_*`` flags, no time zone, no home of anybody."""
    home = str(folder.path / "home")
    return {"GOGC": str(collect), "GOMEMLIMIT": _SOFT_MEMORY, "HOME": home, "LC_ALL": "C", "TMPDIR": home, "TZ": "UTC"}


class Process:
    """A running OPA with its watcher.

    Args:
        arguments: The binary and its arguments.
        folder: What the watcher removes, and where OPA's home is.
        cwd: Where to run, below the folder.
        piped: Talk through pipes; a server has none.
        collect: By how many percent what it holds may grow before Go's collector runs (its own default); more is
            quicker and takes more memory.
    """

    def __init__(
        self, arguments: Sequence[str], *, folder: Folder, cwd: str = "", piped: bool = True, collect: int = 100
    ) -> None:
        self._owner = os.getpid()
        end = subprocess.PIPE if piped else subprocess.DEVNULL
        self._popen = _spawn(arguments, folder, cwd, end, environment(folder, collect=collect))
        self._watcher = _Watcher(self._popen.pid, folder)
        _bound_memory(self._popen.pid)

    @property
    def pid(self) -> int:
        """Its process id, which is that of its group."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """It has not ended."""
        return self._popen.poll() is None

    def communicate(self, stdin: Sequence[bytes], deadline: Deadline) -> Outcome:
        """Feed it, read all it writes, and wait for its end; kill it at the deadline or when it writes too much."""
        pump = _Pump(self._popen, stdin)
        try:
            pump.run(deadline)
            status = self._popen.wait(deadline.remaining())
        except subprocess.TimeoutExpired as cause:
            raise deadline.passed() from cause
        finally:
            self.close()
        return Outcome(status=status, stdout=pump.stdout, stderr=pump.stderr)

    def close(self) -> None:
        """Kill whatever is left of its group and reap it. In a forked child: only let go of the pipes."""
        pipes = (self._popen.stdin, self._popen.stdout, self._popen.stderr)
        if os.getpid() != self._owner:
            self._popen.returncode = 0  # not our child: nothing to wait for
            self._watcher.forget()
            _close(*pipes)
            return
        if self._popen.returncode is None:  # not reaped yet, so that the number is still its own
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
        self._watcher.close()
        _close(*pipes)


def _spawn(
    arguments: Sequence[str], folder: Folder, cwd: str, end: int, variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  the binary was checked, the arguments are ours
            arguments,
            stdin=end,
            stdout=end,
            stderr=end,
            bufsize=0,
            cwd=folder.path / cwd,
            env=variables,
            start_new_session=True,
        )
    except OSError as cause:
        raise EngineError(
            f"OPA could not be started: {cause.strerror}", where=str(arguments[0]), hint="gatekeeper opa install"
        ) from cause


def _bound_memory(pid: int) -> None:
    if sys.platform == "linux":
        import resource

        with suppress(OSError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


class _Watcher:
    """A shell that waits for us to die."""

    def __init__(self, group: int, folder: Folder) -> None:
        read, self._write = os.pipe()
        try:
            self._popen = subprocess.Popen(  # noqa: S603
                [_SH, "-c", _WATCH, "sh", str(group), str(folder.path)],
                stdin=read,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": "/usr/bin:/bin"},
                start_new_session=True,
            )
        except OSError as cause:
            os.close(self._write)
            raise EngineError(f"{_SH} could not be started: {cause.strerror}") from cause
        finally:
            os.close(read)
        _watchers.add(self)

    def close(self) -> None:
        """It is no longer needed."""
        self._popen.kill()
        self._popen.wait()
        self.forget()

    def forget(self) -> None:
        """Let go of our end of the pipe."""
        self._popen.returncode = self._popen.returncode or 0
        if self._write >= 0:
            os.close(self._write)
            self._write = -1
        _watchers.discard(self)


_watchers: weakref.WeakSet[_Watcher] = weakref.WeakSet()


def _forget_in_child() -> None:
    # a forked child that kept our end open would keep OPA alive after us
    for watcher in list(_watchers):
        watcher.forget()


os.register_at_fork(after_in_child=_forget_in_child)


class _Pump:
    """Moves bytes both ways at once, so that neither side waits for the other."""

    def __init__(self, popen: subprocess.Popen[bytes], stdin: Sequence[bytes]) -> None:
        assert popen.stdin and popen.stdout and popen.stderr  # noqa: S101, PT018  all three are pipes; for the type checker
        self._in, self._out, self._err = popen.stdin, popen.stdout, popen.stderr
        self._waiting = [memoryview(part) for part in reversed(stdin) if part]
        self._parts: list[bytes] = []
        self._size = 0
        self.stderr = b""

    @property
    def stdout(self) -> bytes:
        """All it wrote."""
        return b"".join(self._parts)

    def run(self, deadline: Deadline) -> None:
        """Until both of its outputs are closed."""
        with selectors.DefaultSelector() as selector:
            for pipe in (self._out, self._err):
                selector.register(pipe, selectors.EVENT_READ)
            if self._waiting:
                os.set_blocking(self._in.fileno(), False)
                selector.register(self._in, selectors.EVENT_WRITE)
            else:
                self._in.close()
            outputs = {self._out, self._err}
            while outputs:
                for key, _ in selector.select(deadline.remaining()):
                    if not self._move(key.fileobj):
                        selector.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr]
                        outputs -= {key.fileobj}

    def _move(self, pipe: object) -> bool:
        if pipe is self._in:
            return self._feed()
        if pipe is self._out:
            return self._take()
        data = os.read(self._err.fileno(), _CHUNK)
        if room := _KEPT_STDERR - len(self.stderr):
            self.stderr += data[:room]
        return bool(data)

    def _feed(self) -> bool:
        part = self._waiting.pop()
        try:
            written = os.write(self._in.fileno(), part[:_CHUNK])
        except BlockingIOError:
            written = 0
        except BrokenPipeError:
            return False  # it does not read on: its exit status and answer say why
        if rest := part[written:]:
            self._waiting.append(rest)
        return bool(self._waiting)

    def _take(self) -> bool:
        data = os.read(self._out.fileno(), _CHUNK)
        self._size += len(data)
        if self._size > MAX_ENGINE_ANSWER_BYTES:
            raise EngineError(f"OPA wrote more than {MAX_ENGINE_ANSWER_BYTES} bytes and was killed", code="engine.size")
        self._parts.append(data)
        return bool(data)


def _close(*pipes: IO[bytes] | None) -> None:
    for pipe in pipes:
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
