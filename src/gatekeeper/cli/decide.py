"""``gatekeeper decide``: the main job."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files, _gc, _time
from gatekeeper.cli.arguments import FORMATS, Parser, add_gate, add_signer, given, seconds
from gatekeeper.errors import SourceError, UsageError

if TYPE_CHECKING:
    import argparse

    from gatekeeper.decision import Decision
    from gatekeeper.evidence import Evidence
    from gatekeeper.gate import Gate

PREVIEW_CODE: Final = 3
"""A preview opens nothing, so its exit code is never that of an allow."""


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper decide", description="Decide whether a subject may enter a stage.")
    made.add_argument("subject", type=given, help="a file, commit:REV, NAME@sha256:HEX, or tree:INDEX")
    made.add_argument("--stage", type=given, required=True, help="the stage it asks to enter")
    made.add_argument(
        "--evidence",
        type=given,
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="attestations or raw reports: files, folders, or SLOT=FILE",
    )
    add_gate(made)
    made.add_argument("--base", type=given, metavar="DIGEST", help="the digest of a base that the gate has to stand on")
    made.add_argument("--format", choices=FORMATS, default="text", help="how to print the decision (default: text)")
    made.add_argument("--output", type=given, metavar="FILE", help="write the decision there instead of to stdout")
    made.add_argument("--record", type=given, metavar="DIR", help="seal the decision into a record file in this folder")
    made.add_argument("--ledger", type=given, metavar="URL", help="enter the record into this ledger: sqlite:///FILE")
    add_signer(made)
    made.add_argument("--with-raw", action="store_true", help="keep the raw reports that are files here in the record")
    made.add_argument(
        "--emergency",
        type=given,
        metavar="REASON",
        help="use the emergency that somebody has declared (gatekeeper approve --emergency)",
    )
    made.add_argument("--what-if", type=given, metavar="TIME", help="show another instant: a preview, exit 3")
    made.add_argument("--deadline", type=seconds, default=60.0, metavar="SECONDS", help="how long OPA may take")
    return made


@_gc.paused()
def run(arguments: argparse.Namespace) -> int:
    """Decide, seal, print, in this order: what is printed as allowed is on record where a record was asked for."""
    _check(arguments)
    from gatekeeper.gate import Gate
    from gatekeeper.gather import gather
    from gatekeeper.subject import Subject

    gate = Gate.load(arguments.gate, base=arguments.base)
    stage = gate.stage(arguments.stage)
    subject = Subject.parse(arguments.subject)
    evidence = gather(arguments.evidence, stage, subject)
    if arguments.emergency and arguments.ledger:
        from gatekeeper.cli.emergency import with_earlier

        evidence = with_earlier(evidence, arguments.ledger, stage.name, subject)
    at = _time.parse_instant(arguments.what_if, where="--what-if") if arguments.what_if else datetime.now(UTC)
    decision = gate.decide(
        subject, stage.name, evidence, at=at, deadline=arguments.deadline, emergency=arguments.emergency or ""
    )
    _tell_ignored(evidence)
    record = ""
    if arguments.what_if:
        sys.stderr.write("preview: another instant than now; not a decision\n")
    elif arguments.record or arguments.ledger:
        record = _seal(decision, gate, evidence, arguments)
    _print(decision, gate, arguments)
    _tell_runner(decision, gate, record, arguments)
    if arguments.what_if:
        return PREVIEW_CODE
    return 0 if decision else 1


def _tell_ignored(evidence: Evidence) -> None:
    if evidence.ignored:
        from gatekeeper.report.inert import inert

        for name in evidence.ignored:
            sys.stderr.write(f"ignored: {inert(name)}: not an attestation, and no report that is read for this stage\n")


def _check(arguments: argparse.Namespace) -> None:
    sealing = arguments.record or arguments.ledger
    if arguments.what_if and sealing:
        raise UsageError("a preview is never sealed", hint="leave out --record and --ledger", code="usage.preview")
    if arguments.subject == "tree:INDEX" and sealing:
        hint = "seal a decision about the commit: commit:HEAD"
        raise UsageError("what is only staged is never sealed", hint=hint, code="usage.index")
    if (arguments.key or arguments.sigstore) and not sealing:
        raise UsageError("nothing to sign", hint="add --record DIR or --ledger URL", code="usage.key")
    if arguments.output and not _files.is_folder(Path(arguments.output).parent):
        raise UsageError("no such folder", where=arguments.output, code="usage.output")


def _seal(decision: Decision, gate: Gate, evidence: Evidence, arguments: argparse.Namespace) -> str:
    """Make the record; the path of its file, empty where none was asked for."""
    from gatekeeper.cli.signing import load_signer
    from gatekeeper.sealing import seal

    ledger = None
    if arguments.ledger:
        from gatekeeper.ledger import Ledger

        ledger = Ledger.open(arguments.ledger)
    signer = load_signer(arguments)
    raw = _raw_reports(arguments.evidence) if arguments.with_raw else []
    confirm = (lambda _: gate.confirm(decision, evidence)) if gate.spec.server else None
    record = seal(decision, signer=signer, ledger=ledger, directory=arguments.record, with_raw=raw, confirm=confirm)
    path = str(Path(arguments.record) / record.file_name) if arguments.record else ""
    sys.stderr.write(f"record {path} {record.digest}\n" if path else f"record {record.digest}\n")
    if ledger is not None:
        sys.stderr.write(f"ledger head {ledger.checkpoint()}  (keep it elsewhere: gatekeeper ledger verify --head)\n")
    return path


def _raw_reports(arguments: list[str]) -> list[bytes]:
    paths = [Path(argument.partition("=")[2] if "=" in argument else argument) for argument in arguments]
    return [_files.read_bytes(path) for path in paths if _files.is_file(path)]


def _print(decision: Decision, gate: Gate, arguments: argparse.Namespace) -> None:
    from gatekeeper.cli.terminal import style

    options = {} if arguments.format == "json" else style(arguments, sys.stdout)
    preview = bool(arguments.what_if)
    text = decision.explain(arguments.format, places=gate.places(decision.stage), preview=preview, **options)
    if arguments.output:
        _files.write_atomic(arguments.output, text.encode())
        return
    sys.stdout.write(text)


def _tell_runner(decision: Decision, gate: Gate, record: str, arguments: argparse.Namespace) -> None:
    """With ``--format github``, also the step's summary and outputs, where the runner asks for them."""
    if arguments.format != "github":
        return
    from gatekeeper.report import github

    preview = bool(arguments.what_if)
    summary, output = os.environ.get("GITHUB_STEP_SUMMARY"), os.environ.get("GITHUB_OUTPUT")
    if summary:
        places = gate.places(decision.stage)
        _append(summary, github.step_summary(decision.as_json(), preview=preview, places=places))
    if output:
        told = github.outputs(decision.as_json(), preview=preview)
        _append(output, told + (github.path_output("record", record) if record else ""))


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as cause:
        raise SourceError(f"cannot be written: {cause.strerror}", where=path, code="source.write") from cause
