"""Proof that OPA, run as we run it, reaches nothing: a socket that listens, and OPA asked to call it.

Two locks are tried one at a time. The builtins that reach the network are off the list of allowed ones; and even
with all builtins allowed, an empty ``allow_net`` keeps every host away.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any, Final, Self

from gatekeeper import _json
from gatekeeper.engine import asking, capabilities
from gatekeeper.engine.process import Deadline, Folder, Outcome, Process
from gatekeeper.errors import EngineError

ATTEMPTS: Final = {
    "http.send": 'answer := http.send({{"method": "get", "url": "{address}", "timeout": "2s"}})',
    "json.match_schema": 'answer := json.match_schema({{}}, {{"$ref": "{address}"}})',
    "json.verify_schema": 'answer := json.verify_schema({{"$ref": "{address}"}})',
}
"""Rego that calls a host, by the builtin it uses."""


def prove_closed(opa: str, *, deadline: float) -> None:
    """Try every way out.

    Args:
        opa: Path of the binary.
        deadline: Seconds for all of it.

    Raises:
        EngineError: OPA reached the socket, or a builtin that reaches the network compiles.
    """
    clock = Deadline(deadline)
    for name, rule in ATTEMPTS.items():
        outcome, _ = attempt(opa, rule, capabilities.read(), clock)
        if outcome.status == 0 or b"undefined function" not in outcome.stdout:
            raise EngineError(f"{name} compiles, and it reaches the network", where=opa, code="engine.open")
    everything = _without_hosts(opa, clock)
    for name, rule in ATTEMPTS.items():
        _, called = attempt(opa, rule, everything, clock)
        if called:
            raise EngineError(f"{name} reached the network", where=opa, code="engine.open")


def attempt(opa: str, rule: str, allowed: bytes, clock: Deadline) -> tuple[Outcome, bool]:
    """Evaluate one attempt under some capabilities; whether the socket was called."""
    with _Listening() as listening:
        folder = Folder()
        try:
            text = f"package probe\n\n{rule.format(address=listening.address)}\n"
            folder.write({"allowed.json": allowed, "modules/probe.rego": text.encode()})
            arguments = ["eval", "data.probe.answer", "--data", ".", "--format", "json", "--strict-builtin-errors"]
            process = Process([opa, *arguments, "--capabilities", "../allowed.json"], folder=folder, cwd="modules")
            outcome = process.communicate([], clock)
        finally:
            folder.close()
        return outcome, listening.called


def current(opa: str, clock: Deadline) -> dict[str, Any]:
    """All that this OPA can do."""
    folder = Folder()
    try:
        outcome = Process([opa, "capabilities", "--current"], folder=folder).communicate([], clock)
    finally:
        folder.close()
    known = asking.parse(outcome.stdout)
    if not isinstance(known, dict):
        raise EngineError("it does not say what it can do", where=opa, code="engine.version")
    return known


def _without_hosts(opa: str, clock: Deadline) -> bytes:
    return _json.canonical({**current(opa, clock), "allow_net": []})


class _Listening:
    """A socket that hangs up on whoever calls, and remembers it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._hang_up, daemon=True)
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self.called = False

    def _hang_up(self) -> None:
        with suppress(OSError):  # closed
            while True:
                caller, _ = self._socket.accept()
                self.called = True
                caller.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._socket.close()
        self._thread.join()
