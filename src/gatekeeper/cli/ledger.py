"""``gatekeeper ledger verify``: prove the record."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatekeeper.cli.arguments import Parser, given

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper ledger", description="Prove the ledger.")
    actions = made.add_subparsers(dest="action", required=True, metavar="verify", parser_class=Parser)
    verify = actions.add_parser("verify", help="check every entry; exit 1 names the first broken one")
    verify.add_argument(
        "--ledger", type=given, default="sqlite:///decisions.db", metavar="URL", help="default: sqlite:///decisions.db"
    )
    verify.add_argument(
        "--head",
        type=given,
        action="append",
        default=[],
        metavar="SIZE:DIGEST",
        help="a head that was kept elsewhere; may be repeated",
    )
    verify.add_argument("--records", type=given, metavar="DIR", help="a folder of record files: name those not entered")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Verify and print."""
    from gatekeeper.ledger import Ledger

    verification = Ledger.open(arguments.ledger).verify(heads=tuple(arguments.head), records=arguments.records)
    sys.stdout.write(f"{verification}\n")
    return 0 if verification else 1
