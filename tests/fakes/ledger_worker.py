"""Writers of a ledger in processes of their own: they are killed, starved and crowded. Run as a script.

Everything is imported before the first fork, so that a child begins to write at once; this process has one thread.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3  # noqa: F401 - loaded before a child gives up its rights to read it
import sys
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import records

from gatekeeper.errors import LedgerError
from gatekeeper.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

NOBODY = 65534


def writers(url: str, processes: int, appends: int) -> dict[str, Any]:
    """So many processes that append so many records each, at once."""
    gate_read, gate_write = os.pipe()
    children = []
    for number in range(processes):
        child = os.fork()
        if child == 0:
            os.close(gate_write)
            os.read(gate_read, 1)  # until all are there
            _exit_after(partial(_append_many, url, number, appends))
        children.append(child)
    os.close(gate_write)
    return {"statuses": [os.waitpid(child, 0)[1] for child in children]}


def kills(url: str, rounds: int, seed: int) -> dict[str, Any]:
    """Kill a writer at a random instant, again and again; what it acknowledged comes back."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    acknowledged: list[str] = []
    for round_number in range(rounds):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _exit_after(partial(_append_for_ever, url, round_number, write))
        os.close(write)
        with os.fdopen(read) as pipe:
            lines = [pipe.readline() for _ in range(chance.randrange(4))]
            time.sleep(chance.uniform(0, 0.01))
            os.kill(child, signal.SIGKILL)
            acknowledged += [line.strip() for line in (*lines, *pipe) if line.endswith("\n")]
        os.waitpid(child, 0)
    return {"acknowledged": acknowledged}


def full(url: str, first: int, step: int, steps: int) -> dict[str, Any]:
    """Append where the file may not grow beyond a size, for growing sizes; the ledger is checked after each."""
    path = Ledger.open(url).path
    outcomes = []
    for number in range(steps):
        before = path.stat().st_size if path.exists() else 0
        limit = first + step * number + before
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            _exit_after(partial(_append_many, url, number, 1))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        whole = not path.exists() or path.stat().st_size == 0 or bool(Ledger.open(url).verify())
        outcomes.append({"status": status, "whole": whole})
    return {"outcomes": outcomes}


def powerless(url: str) -> dict[str, Any]:
    """Append as somebody who may not write there."""
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        _exit_after(partial(_append_many, url, 0, 1))
    return {"status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}


def _append_many(url: str, number: int, appends: int) -> None:
    ledger = Ledger.open(url)
    for index in range(appends):
        ledger.append(records.sealed(records.decision(at=_instant(number, index))))


def _append_for_ever(url: str, number: int, pipe: int) -> None:
    ledger, index = Ledger.open(url), 0
    while True:
        record = records.sealed(records.decision(at=_instant(number, index)))
        ledger.append(record)
        os.write(pipe, f"{record.digest}\n".encode())
        index += 1


def _instant(number: int, index: int) -> Any:
    return records.NOW + timedelta(milliseconds=number, microseconds=index)


def _exit_after(work: Callable[[], None]) -> None:
    try:
        work()
    except LedgerError:
        os._exit(3)
    except BaseException as problem:  # noqa: BLE001 - a child ends here, whatever happened
        sys.stderr.write(f"{problem!r}\n")
        os._exit(70)
    os._exit(0)


if __name__ == "__main__":
    name, url, *numbers = sys.argv[1:]
    records.sealed()  # loads what is loaded on first use
    found = {"writers": writers, "kills": kills, "full": full, "powerless": powerless}[name]
    sys.stdout.write(json.dumps(found(url, *map(int, numbers))))  # type: ignore[operator]
