"""``gatekeeper approve`` and ``reject``: people sign a yes or a no."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files, _time
from gatekeeper.cli.arguments import Parser, given
from gatekeeper.cli.people import expiry, signer_of
from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from gatekeeper.approval import Waiver
    from gatekeeper.attestation import Attestation
    from gatekeeper.gate import Gate
    from gatekeeper.stage import Stage
    from gatekeeper.subject import Subject

DEFAULT_LIFE: Final = "7d"


def parser(name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog=f"gatekeeper {name}", description=f"Sign a statement that you {name} a subject at a stage.")
    made.add_argument("subject", type=given, nargs="?", metavar="S", help="what it is about")
    made.add_argument("--stage", type=given, metavar="STAGE", help="the stage it may enter")
    made.add_argument("--gate", type=given, default="gate.toml", metavar="FILE", help="the gate (default: gate.toml)")
    made.add_argument("--record", type=given, metavar="RECORD", help="the recorded decision that you have looked at")
    made.add_argument("--key", type=given, required=True, metavar="FILE", help="your SSH private key")
    made.add_argument("--comment", type=given, metavar="TEXT", help="why")
    made.add_argument(
        "--expires", type=given, metavar="T", help="a duration or time (default: 7d; of an emergency all it may last)"
    )
    made.add_argument("-o", "--output", type=given, metavar="FILE", help="where to write it")
    if name == "approve":
        made.add_argument(
            "--without-baseline",
            type=given,
            action="append",
            metavar="SLOT",
            help="and say that there is no earlier release to compare with",
        )
        made.add_argument("--waiver", type=given, metavar="FILE", help="approve this waiver instead")
        made.add_argument("--emergency", type=given, metavar="REASON", help="declare an emergency for S instead")
        made.add_argument("--review", type=given, metavar="RECORD", help="sign that you have reviewed this emergency")
    made.set_defaults(verdict=name, waiver=None, emergency=None, review=None, without_baseline=None)
    return made


def run(arguments: argparse.Namespace) -> int:
    """Sign and write; nothing is written when anything is wrong."""
    kinds = [arguments.waiver, arguments.emergency, arguments.review]
    if sum(1 for kind in kinds if kind) > 1:
        raise UsageError(
            "--waiver, --emergency and --review are three things", hint="one at a time", code="usage.approve"
        )
    if arguments.emergency or arguments.review:
        from gatekeeper.cli import emergency

        return emergency.declare(arguments) if arguments.emergency else emergency.review(arguments)
    return _approve_waiver(arguments) if arguments.waiver else _speak(arguments)


def _speak(arguments: argparse.Namespace) -> int:
    from gatekeeper.approval import APPROVAL_NAMESPACE, APPROVAL_TYPE, Approval
    from gatekeeper.attestation import statement_bytes
    from gatekeeper.gate import Gate
    from gatekeeper.subject import Subject

    if not arguments.subject or not arguments.stage:
        raise UsageError("a subject and --stage are needed", hint="or --waiver FILE", code="usage.approve")
    gate = Gate.load(arguments.gate)
    stage = gate.stage(arguments.stage)
    subject = Subject.parse(arguments.subject)
    now = datetime.now(UTC).replace(microsecond=0)
    approval = Approval(
        verdict="approve" if arguments.verdict == "approve" else "reject",
        stage=stage.name,
        gate=gate.name,
        gate_digest=gate.digest,
        issued_at=now,
        expires=expiry(arguments.expires or DEFAULT_LIFE, now),
        comment=arguments.comment or "",
        decision=_looked_at(arguments.record, gate, subject),
        without_baseline=_without_baseline(arguments.without_baseline, stage),
    )
    payload = statement_bytes(subject=subject.as_json(), predicate_type=APPROVAL_TYPE, predicate=approval.as_json())
    signer, _ = signer_of(arguments.key, APPROVAL_NAMESPACE, gate.spec.trust)
    target = Path(arguments.output or f"{arguments.verdict}-{stage.name}-{Path(arguments.key).stem}.dsse.json")
    _files.write_atomic(target, signer.sign(payload))
    sys.stdout.write(f"{target}\n")
    return 0


def _without_baseline(named: list[str] | None, stage: Stage) -> tuple[str, ...]:
    known = {stage.baseline.name} if stage.baseline and stage.baseline.without else set()
    for name in named or ():
        if name not in known:
            hint = f"known here: {', '.join(known)}" if known else 'a slot says who may: without = "ROLE"'
            problem = f"{stage.name} has no baseline {name!r} that somebody may do without"
            raise UsageError(problem, hint=hint, code="usage.approve")
    return tuple(sorted(set(named or ())))


def _approve_waiver(arguments: argparse.Namespace) -> int:
    from gatekeeper.approval import WAIVER_NAMESPACE
    from gatekeeper.load.gate_file import load_gate
    from gatekeeper.trust import ssh

    if arguments.subject or arguments.stage:
        raise UsageError("a waiver says itself what it is for", hint="leave out S and --stage", code="usage.approve")
    asked, waiver = read_waiver_file(arguments.waiver)
    trust = load_gate(Path(arguments.gate), whole=False).trust
    signer, name = signer_of(arguments.key, WAIVER_NAMESPACE, trust)
    if name == waiver.requester:
        hint = "somebody else has to approve it"
        raise UsageError(f"{name} asked for this waiver", where=arguments.key, hint=hint, code="usage.waiver")
    target = Path(arguments.output or arguments.waiver)
    _files.write_atomic(target, ssh.add_signature(asked.raw, signer.armoured(asked.payload)))
    terms = ", ".join(waiver.terms) or "its only violation"
    sys.stdout.write(f"{target}\n")
    sys.stderr.write(f"approved: {waiver.rule} ({terms}) until {_time.format_instant(waiver.expires)}\n")
    return 0


def read_waiver_file(path: str) -> tuple[Attestation, Waiver]:
    """A waiver that somebody has asked for and signed.

    Raises:
        UsageError: The file is none.
    """
    from gatekeeper.approval import WAIVER_TYPE, read_waiver
    from gatekeeper.attestation import parse_statement, read_attestation

    asked = read_attestation(_files.read_bytes(path), name=Path(path).name)
    if asked is None or asked.form != "ssh":
        hint = "gatekeeper waive writes one"
        raise UsageError("not a signed waiver", where=path, hint=hint, code="usage.waiver")
    statement = parse_statement(asked.payload, where=path)
    if statement.predicate_type != WAIVER_TYPE:
        raise UsageError("not a waiver", where=path, code="usage.waiver")
    return asked, read_waiver(statement)


def _looked_at(path: str | None, gate: Gate, subject: Subject) -> str:
    if not path:
        return ""
    from gatekeeper.record import Record

    record = Record.read(path)
    decision = record.decision
    if decision.gate_digest != gate.digest or subject.match(decision.subject.digest) != "same":
        raise UsageError("the record is of another subject or gate", where=path, code="usage.record")
    return record.decision_id
