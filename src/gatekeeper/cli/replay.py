"""``gatekeeper replay``: recompute recorded decisions, offline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gatekeeper import _json
from gatekeeper.cli.arguments import Parser, add_format, given, seconds

if TYPE_CHECKING:
    import argparse

    from gatekeeper.replaying import Replay


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper replay",
        description="Recompute recorded decisions from what the records hold. Exit 1 when one comes out differently.",
    )
    made.add_argument("records", type=given, nargs="+", metavar="RECORD", help="record files")
    made.add_argument("--require", choices=["signatures"], help="check the sealed attestations again as well")
    made.add_argument(
        "--deadline", type=seconds, default=60.0, metavar="SECONDS", help="how long OPA may take for each"
    )
    add_format(made, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Replay each record and print whether it is identical, or the first difference."""
    from gatekeeper.record import Record
    from gatekeeper.replaying import replay

    code = 0
    shown = []
    records = {path: Record.read(path) for path in arguments.records}
    signatures = arguments.require == "signatures"
    for path, record in records.items():
        done = replay(record, signatures=signatures, deadline=arguments.deadline, records=records.values())
        code |= int(not done)
        shown.append(_as_json(path, done))
        if arguments.format == "text":
            sys.stdout.write(_as_text(path, done))
    if arguments.format == "json":
        sys.stdout.write(_json.canonical(shown).decode() + "\n")
    return code


def _as_text(path: str, done: Replay) -> str:
    if done:
        return f"IDENTICAL  {path}  {done.decision_id}\n  {done.depth}\n"
    more = f"\n  and {len(done.differences) - 1} more" if len(done.differences) > 1 else ""
    return f"DIFFERENT  {path}  {done.decision_id}\n  {done.differences[0]}{more}\n  {done.depth}\n"


def _as_json(path: str, done: Replay) -> dict[str, Any]:
    return {
        "record": path,
        "decision": done.decision_id,
        "identical": bool(done),
        "depth": done.depth,
        "differences": [
            {"place": item.place, "recorded": item.recorded, "recomputed": item.recomputed} for item in done.differences
        ],
    }
