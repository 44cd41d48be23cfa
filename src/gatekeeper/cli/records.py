"""``gatekeeper records``: what an auditor asks of the ledger."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatekeeper import _time
from gatekeeper.cli.arguments import Parser, given
from gatekeeper.cli.terminal import style
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper records", description="Query the ledger.")
    made.add_argument(
        "--ledger", type=given, default="sqlite:///decisions.db", metavar="URL", help="default: sqlite:///decisions.db"
    )
    made.add_argument("--stage", type=given, metavar="STAGE", help="only of this stage")
    made.add_argument("--subject", type=given, metavar="S", help="only about this subject")
    made.add_argument("--outcome", choices=["allow", "deny"], help="only with this outcome")
    made.add_argument("--since", type=given, metavar="TIME", help="from this instant on")
    made.add_argument("--until", type=given, metavar="TIME", help="before this instant")
    made.add_argument("--waived", action="store_true", help="only decisions with waivers, used or not")
    made.add_argument(
        "--emergency", action="store_true", help="only emergencies that nobody has reviewed (see --reviews)"
    )
    made.add_argument(
        "--reviews",
        type=given,
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="signed reviews (gatekeeper approve --review): files and folders",
    )
    made.add_argument("--gate", type=given, default="gate.toml", metavar="FILE", help="whose people may review")
    made.add_argument("--format", choices=["text", "json", "csv"], default="text", help="default: text")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Query and print."""
    from gatekeeper.ledger import Ledger
    from gatekeeper.report import render_records
    from gatekeeper.subject import Subject

    if arguments.reviews and not arguments.emergency:
        raise UsageError("--reviews are of emergencies", hint="add --emergency", code="usage.reviews")
    ledger = Ledger.open(arguments.ledger)
    found = ledger.query(
        stage=arguments.stage,
        since=_time.parse_instant(arguments.since, where="--since") if arguments.since else None,
        until=_time.parse_instant(arguments.until, where="--until") if arguments.until else None,
        outcome=arguments.outcome,
        emergency=True if arguments.emergency else None,
        subject=Subject.parse(arguments.subject) if arguments.subject else None,
    )
    entries = list(found)
    if arguments.emergency:
        from gatekeeper.cli.emergency import unreviewed

        entries = unreviewed(ledger, entries, arguments)
    rows = [entry.as_json() for entry in entries]
    if arguments.waived:
        shown = [
            row | {"waivers": list(ledger.record(entry).decision.waivers)}
            for row, entry in zip(rows, entries, strict=True)
        ]
        rows = [row for row in shown if row["waivers"]]
    sys.stdout.write(render_records(rows, arguments.format, **style(arguments, sys.stdout)))
    return 0
