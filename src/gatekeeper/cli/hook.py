"""``gatekeeper hook``: what the pre-commit hooks run.

Both judge what is staged, in a copy of the index, whatever lies on the disk. A hook is help, not a gate: it can be
skipped, and what it decides can never be sealed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.cli.arguments import Parser, given
from gatekeeper.errors import GatekeeperError

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper hook", description="What the pre-commit hooks run: both judge what is staged.")
    actions = made.add_subparsers(dest="action", required=True, metavar="policy|decide", parser_class=Parser)
    policy = actions.add_parser("policy", help="format, compile and test each pack that changes; exit 1 names faults")
    policy.add_argument("files", nargs="*", metavar="FILE", help="files that change; deleted ones are looked up")
    decide = actions.add_parser("decide", help="decide about tree:INDEX; what it decides can never be sealed")
    decide.add_argument("--stage", type=given, default="build", metavar="STAGE", help="the stage (default: build)")
    decide.add_argument(
        "--slot",
        type=given,
        action="append",
        default=[],
        metavar="NAME",
        help="judge this slot only, and the rules that it is enough for; may be repeated (default: all slots)",
    )
    decide.add_argument(
        "--run",
        type=given,
        action="append",
        default=[],
        metavar="SLOT=COMMAND",
        help="make the report of a slot: the command runs in a copy of what is staged and writes to $REPORT",
    )
    decide.add_argument(
        "--evidence",
        type=given,
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="reports and attestations, as for decide; one that is staged is read as staged",
    )
    for action in (policy, decide):
        action.add_argument("--gate", type=given, default="gate.toml", metavar="FILE", help="default: gate.toml")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Export the index and judge it."""
    from gatekeeper.cli.hook_index import export

    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        tree = Path(folder).resolve() / "tree"
        export(tree)
        try:
            return _judge(tree, arguments)
        except GatekeeperError as problem:
            where = problem.where.replace(f"{tree}/", "")  # as the user calls it, not as it is called in the copy
            raise type(problem)(problem.message, where=where, hint=problem.hint, code=problem.code) from problem


def _judge(tree: Path, arguments: argparse.Namespace) -> int:
    from gatekeeper.cli import hook_decide, hook_policy

    if arguments.action == "decide":
        return hook_decide.decide(tree, tree.with_name("reports"), arguments)
    faults = hook_policy.check(tree, arguments.files, tree / arguments.gate)
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    return int(bool(faults))
