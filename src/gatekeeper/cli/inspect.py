"""``gatekeeper inspect``: what a report or attestation says, before anybody is believed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatekeeper.cli.arguments import Parser, add_format, given
from gatekeeper.cli.terminal import style

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper inspect", description="Show what reports and attestations say. Nothing is verified.")
    made.add_argument(
        "paths", type=given, nargs="+", metavar="PATH", help="a report, an attestation, or a folder of them"
    )
    add_format(made, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print what each says."""
    from gatekeeper.collect.inspect import inspect
    from gatekeeper.report import render_inspection

    found = [inspection.as_json() for path in arguments.paths for inspection in inspect(path)]
    sys.stdout.write(render_inspection(found, arguments.format, **style(arguments, sys.stdout)))
    return 0
