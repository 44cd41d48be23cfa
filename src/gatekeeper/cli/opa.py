"""``gatekeeper opa install|which``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.cli.arguments import Parser, given

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper opa", description="The engine.")
    actions = made.add_subparsers(dest="action", required=True, metavar="install|which", parser_class=Parser)
    install = actions.add_parser("install", help="fetch OPA into your cache directory; nothing when it is there")
    which = actions.add_parser("which", help="show which OPA is used, and its digest")
    for action in (install, which):
        action.add_argument("--version", type=given, metavar="VERSION", help="another version than the gate's")
        action.add_argument(
            "--gate", type=given, metavar="FILE", help="the gate whose version is meant (default: gate.toml)"
        )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Install or show."""
    version, digests = _wanted(arguments)
    if arguments.action == "install":
        from gatekeeper.engine.install import install

        binary = install(version, progress=_say)
    else:
        from gatekeeper.engine.find import find

        binary = find(version, allowed_digests=digests)
    sys.stdout.write(f"{binary.path}\n")
    sys.stderr.write(f"opa {binary.version} {binary.platform} {binary.digest} ({binary.origin})\n")
    return 0


def _wanted(arguments: argparse.Namespace) -> tuple[str, tuple[str, ...]]:
    from gatekeeper.load.engine import named_engine

    if arguments.version:
        return arguments.version, ()
    gate = Path(arguments.gate or "gate.toml")
    return named_engine(gate if arguments.gate or gate.is_file() else None)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
