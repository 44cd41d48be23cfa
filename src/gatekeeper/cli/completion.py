"""``gatekeeper completion``: a completion script for a shell."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from gatekeeper.cli.arguments import Parser
from gatekeeper.cli.commands import COMMANDS, load

SHELLS: Final = ("bash", "zsh", "tcsh")


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper completion", description="Print a completion script. It is static: nothing runs at each Tab."
    )
    made.add_argument("shell", choices=SHELLS, help="eval it, or put it where your shell looks for completions")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    import shtab

    sys.stdout.write(shtab.complete(whole(), shell=arguments.shell) + "\n")
    return 0


def whole() -> argparse.ArgumentParser:
    """One parser with every command below it, as shtab reads it."""
    made = argparse.ArgumentParser(prog="gatekeeper")
    commands = made.add_subparsers()
    for name, (_, text) in COMMANDS.items():
        commands.add_parser(
            name, help=text, parents=[load(name).parser(name)], add_help=False, conflict_handler="resolve"
        )
    return made
