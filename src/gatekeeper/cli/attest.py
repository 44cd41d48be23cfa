"""``gatekeeper attest``: a report becomes an attestation, signed where the fact was made."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper import _files
from gatekeeper.cli.arguments import Parser, add_signer, given, shard
from gatekeeper.errors import SourceError

if TYPE_CHECKING:
    import argparse


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper attest", description="Make an attestation of each report.")
    made.add_argument("reports", type=given, nargs="+", metavar="REPORT", help="the report of a tool")
    made.add_argument("--subject", type=given, required=True, metavar="S", help="what it is about")
    made.add_argument("--slot", type=given, required=True, metavar="NAME", help="the slot of the gate that it is for")
    made.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help="which of how many")
    made.add_argument("--kind", type=given, metavar="KIND", help="the kind of evidence, where two could be meant")
    add_signer(made)
    made.add_argument(
        "-o", "--output", type=given, default=".", metavar="DIR", help="the folder to write to (default: here)"
    )
    return made


def run(arguments: argparse.Namespace) -> int:
    """Attest every report; write nothing unless all could be read."""
    from gatekeeper.cli.signing import load_signer
    from gatekeeper.collect.attest import attest
    from gatekeeper.subject import Subject

    subject = Subject.parse(arguments.subject)
    signer = load_signer(arguments)
    at = datetime.now(UTC).replace(microsecond=0)
    made = [
        attest(
            report,
            subject=subject,
            slot=arguments.slot,
            shard=arguments.shard,
            kind=arguments.kind,
            signer=signer,
            at=at,
        )
        for report in arguments.reports
    ]
    folder = Path(arguments.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise SourceError(f"cannot be made: {cause.strerror}", where=arguments.output, code="source.write") from cause
    for report, attestation in zip(arguments.reports, made, strict=True):
        target = folder / _file_name(arguments, report, attestation)
        _files.write_atomic(target, attestation.raw)
        sys.stdout.write(f"{target}\n")
    return 0


def _file_name(arguments: argparse.Namespace, report: str, attestation: Any) -> str:
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", Path(report).stem) or "report"
    index, count = arguments.shard
    part = f"-{index}of{count}" if count > 1 else ""
    ending = {"sigstore": "sigstore.json", "dsse": "dsse.json"}.get(attestation.form, "intoto.json")
    return f"{arguments.slot}{part}-{stem}-{attestation.digest[7:15]}.{ending}"
