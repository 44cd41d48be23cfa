"""``gatekeeper admit``: the deploy side."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import _json, _time
from gatekeeper.cli.arguments import Parser, add_format, given
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from gatekeeper.record import Record


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper admit",
        description="Accept a signed allow for this subject, stage and gate that is still valid; or refuse it.",
    )
    made.add_argument("record", type=given, metavar="RECORD", help="the record file")
    made.add_argument("--subject", type=given, required=True, metavar="S", help="what is to be deployed")
    made.add_argument("--stage", type=given, required=True, metavar="STAGE", help="the stage it is to enter")
    made.add_argument("--gate", type=given, required=True, metavar="NAME", help="the gate's name")
    group = made.add_mutually_exclusive_group()
    group.add_argument("--gate-digest", type=given, metavar="DIGEST", help="the gate's digest (gatekeeper gate show)")
    group.add_argument("--base", type=given, metavar="DIGEST", help="the digest of the base that the gate stands on")
    made.add_argument("--trust", type=given, required=True, metavar="FILE", help="the deploy side's own trust.toml")
    made.add_argument("--repository", type=given, metavar="OWNER/NAME", help="the repository the gate has to be of")
    made.add_argument("--unsigned", action="store_true", help="accept an allow that rests on unsigned evidence")
    made.add_argument("--emergency", action="store_true", help="accept an allow by an emergency; refused without")
    add_format(made, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Admit, or raise what exits 1."""
    from gatekeeper.admission import admit
    from gatekeeper.load.trust_file import load_trust
    from gatekeeper.subject import Subject

    _check(arguments)
    record = admit(
        arguments.record,
        subject=Subject.parse(arguments.subject),
        stage=arguments.stage,
        gate=arguments.gate,
        gate_digest=arguments.gate_digest,
        base=arguments.base,
        trust=load_trust(Path(arguments.trust), repository=arguments.repository or ""),
        at=datetime.now(UTC),
        repository=arguments.repository,
        unsigned=arguments.unsigned,
        emergency=arguments.emergency,
    )
    sys.stdout.write(_json_of(record) if arguments.format == "json" else _text_of(record))
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if not arguments.gate_digest and not arguments.base:
        hint = "the digest is in gatekeeper gate show; a name alone can be anybody's gate"
        raise UsageError("--gate-digest is missing", hint=hint, code="usage.gate_digest")


def _text_of(record: Record) -> str:
    decision = record.decision
    until = _time.format_instant(decision.valid_until)
    line = f"ADMITTED  {decision.gate_name} → {decision.stage}  {decision.subject}  until {until}\n"
    return line + (f"EMERGENCY  broken through: {', '.join(decision.broken)}\n" if decision.broken else "")


def _json_of(record: Record) -> str:
    decision = record.decision
    value = {
        "admitted": True,
        "decision": decision.id,
        "record": record.digest,
        "stage": decision.stage,
        "subject": decision.subject.as_json(),
        "valid_until": _time.format_instant(decision.valid_until),
        **({"emergency": decision.emergency} if decision.broken else {}),
    }
    return _json.canonical(value).decode() + "\n"
