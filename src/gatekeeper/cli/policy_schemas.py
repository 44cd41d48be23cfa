"""``gatekeeper policy schemas``: what rules may read as ``input``, for ``opa check --schema`` and for editors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper.cli.arguments import given
from gatekeeper.errors import SourceError

if TYPE_CHECKING:
    import argparse

    from gatekeeper.cli.arguments import Parser

OUTPUT: Final = ".gatekeeper/schemas"
EVERY: Final = "input.json"
"""The schema for editors, which know one for a whole folder: all that any rule may read."""


def add_arguments(parser: Parser, folder: str) -> None:
    """The arguments of the command."""
    parser.add_argument("rules", type=given, nargs="*", metavar="PACK.RULE", help="rules, or packs.* (default: all)")
    parser.add_argument("--folder", type=given, default=folder, help=f"the folder of packs (default: {folder})")
    parser.add_argument(
        "-o", "--output", type=given, default=OUTPUT, metavar="DIR", help=f"where they go (default: {OUTPUT})"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write a schema for each rule, and one for all of them."""
    from gatekeeper.engine.input_schema import editor_schema, input_schema
    from gatekeeper.load.packs import load_packs

    packs = load_packs([arguments.folder])
    rules = packs.resolve(arguments.rules) if arguments.rules else tuple(packs.rules.values())
    own = [rule for rule in rules if packs.packs[rule.pack].style == "gatekeeper"]
    schemas = {f"{rule.id}.json": input_schema(rule) for rule in own} | {EVERY: editor_schema(own)}
    output = Path(arguments.output)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise SourceError(f"cannot be made: {cause.strerror}", where=str(output), code="source.write") from cause
    for name, schema in schemas.items():
        _files.write_atomic(output / name, f"{json.dumps(schema, indent=2)}\n".encode())
        sys.stdout.write(f"{output / name}\n")
    return 0
