"""The command ``gatekeeper``.

Exit codes: 0 allow or done, 1 deny or something found, 2 wrong use, 3 no decision could be reached. The result goes
to stdout, everything else to stderr.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

NO_DECISION: Final = 3


class Interrupted(BaseException):
    """A signal asked the command to stop."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code, whatever happens."""
    code = NO_DECISION
    is_heard = _hold_streams()
    try:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, _interrupt)
        code = run(sys.argv[1:] if arguments is None else arguments)
    except Interrupted as stop:
        _say(f"gatekeeper: stopped by {stop}; no decision was reached")
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else NO_DECISION
    except BrokenPipeError:  # such as `gatekeeper ... | head`
        code = NO_DECISION
        _say("gatekeeper: nobody reads the output any more")
    except BaseException as mistake:  # noqa: BLE001 - a mistake of ours must not look like a deny, let alone an allow
        code = NO_DECISION
        _say(f"gatekeeper: a mistake in gatekeeper itself: {type(mistake).__name__}: {mistake}")
    _leave(code if is_heard else NO_DECISION)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code.

    Raises:
        SystemExit: After ``--help`` and ``--version``.
    """
    from gatekeeper.cli.commands import dispatch

    return dispatch(list(arguments))


def _hold_streams() -> bool:
    """Put something in the place of streams that were closed; whether there is a stdout that somebody may read.

    The next file that is opened would otherwise become the stdout of this process and of its children.
    """
    is_heard = sys.stdout is not None
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            while (opened := os.open(os.devnull, os.O_RDWR)) < number:
                pass
            setattr(sys, name, os.fdopen(opened, "r" if number == 0 else "w", encoding="utf-8"))
    return is_heard


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)


def _say(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write("".join(char if char.isprintable() else "?" for char in text) + "\n")


def _leave(code: int) -> NoReturn:
    """Leave with ``code``, or with 3 when what was printed could not be delivered."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            if stream is sys.stdout:
                code = NO_DECISION
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)
