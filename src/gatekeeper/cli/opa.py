"""``gatekeeper opa install|which``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.cli.arguments import Parser, given
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    import argparse

VERSION: Final = "1.22.2"
"""The version that this version of the library was tested with."""


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
    if arguments.version:
        return arguments.version, ()
    path = Path(arguments.gate or "gate.toml")
    if not arguments.gate and not path.is_file():
        return VERSION, ()
    from gatekeeper.load.table import read_toml

    table = read_toml(path)
    engine = table.text("engine")
    name, _, version = engine.partition(" ")
    if name != "opa" or not version:
        raise UsageError(
            f"engine is {engine!r}", where=table.where("engine"), hint='engine = "opa 1.22.2"', code="usage.engine"
        )
    return version, table.texts("engine_digests", ())


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
