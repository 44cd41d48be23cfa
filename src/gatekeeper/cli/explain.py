"""``gatekeeper explain``: a recorded decision, shown again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatekeeper.cli.arguments import Parser, add_format, given
from gatekeeper.cli.terminal import style

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper explain", description="Show a recorded decision again. Nothing is verified or decided."
    )
    made.add_argument("record", type=given, metavar="RECORD", help="the record file")
    add_format(made)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print it; the exit code says nothing of the verdict."""
    from gatekeeper.record import Record

    record = Record.read(arguments.record)
    sys.stdout.write(record.decision.explain(arguments.format, **style(arguments, sys.stdout)))
    if arguments.format == "text":
        sys.stderr.write("Nothing was verified: this is what the record says.\n")
    return 0
