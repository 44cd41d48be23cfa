"""``gatekeeper verify``: whose word is believed, and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.cli.arguments import Parser, add_format, given
from gatekeeper.cli.terminal import style

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(
        prog="gatekeeper verify", description="Show whose word is believed, and why. Exit 1 when somebody's is not."
    )
    made.add_argument("paths", type=given, nargs="+", metavar="PATH", help="attestations: files and folders")
    made.add_argument("--subject", type=given, required=True, metavar="S", help="what they have to be about")
    made.add_argument("--gate", type=given, default="gate.toml", metavar="FILE", help="whose trust applies")
    made.add_argument("--trust", type=given, metavar="FILE", help="judge by this trust.toml instead of the gate's")
    made.add_argument(
        "--stage", type=given, metavar="STAGE", help="as this stage accepts; approvals count at their stage only"
    )
    add_format(made, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Verify, print, and say 1 when something is rejected or unsupported."""
    from gatekeeper.evidence import Evidence
    from gatekeeper.report import render_verdicts
    from gatekeeper.subject import Subject
    from gatekeeper.verify import verify

    subject = Subject.parse(arguments.subject)
    evidence = Evidence.read(*arguments.paths)
    at = datetime.now(UTC).replace(microsecond=0)
    verified = verify(evidence, _spec(arguments), arguments.stage or "", subject, at=at)
    verdicts = [_shown(verdict) for verdict in verified.verdicts]
    sys.stdout.write(render_verdicts(verdicts, arguments.format, **style(arguments, sys.stdout)))
    return int(any(verdict["status"] in {"rejected", "unsupported"} for verdict in verdicts))


def _spec(arguments: argparse.Namespace) -> Any:
    from gatekeeper.load.trust_file import load_trust
    from gatekeeper.stage import GateSpec

    if arguments.trust:
        return GateSpec(name="", engine="", trust=load_trust(Path(arguments.trust)), stages={})
    from gatekeeper.load.gate_file import load_gate

    return load_gate(Path(arguments.gate), whole=False)


def _shown(verdict: Any) -> dict[str, Any]:
    times = {"verified_at": verdict.verified_at, "claimed_at": verdict.claimed_at}
    shown: dict[str, Any] = verdict.item.as_json()
    return shown | {name: _time.format_instant(value) for name, value in times.items() if value is not None}
