"""``gatekeeper policy lint``: everything that is wrong with rules, at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.cli.arguments import add_format, given

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from gatekeeper.cli.arguments import Parser
    from gatekeeper.engine.find import OpaBinary
    from gatekeeper.stage import GateSpec
    from gatekeeper.testing.linting import Finding


def add_arguments(parser: Parser, folder: str) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "paths", type=given, nargs="*", metavar="PATH", help=f"packs, or folders of some (default: {folder})"
    )
    parser.add_argument("--gate", type=given, metavar="FILE", help="the gate whose stages should ask each rule")
    parser.add_argument("--regal", type=given, metavar="PROGRAM", help="the Regal to run (default: that on PATH)")
    parser.add_argument("--no-regal", action="store_true", help="leave Regal out")
    add_format(parser, ("text", "json"))


def run(arguments: argparse.Namespace, binary: OpaBinary, folder: str) -> int:
    """List what is found; 1 where something is."""
    from gatekeeper.testing import regal
    from gatekeeper.testing.linting import lint

    named = Path(arguments.regal) if arguments.regal else regal.installed()
    program = None if arguments.no_regal else named
    paths = [Path(path) for path in arguments.paths or [folder]]
    found = lint(paths, binary=binary, gate=_gate(arguments), regal_path=program)
    lines = _as_json(found, regal_ran=program is not None) if arguments.format == "json" else _text(found, program)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found else 0


def _gate(arguments: argparse.Namespace) -> GateSpec | None:
    from gatekeeper.load.gate_file import load_gate

    return load_gate(Path(arguments.gate)) if arguments.gate else None


def _text(found: Sequence[Finding], program: Path | None) -> Iterator[str]:
    from gatekeeper.report.inert import inert

    for finding in found:
        rule = f"{finding.rule}  " if finding.rule else ""
        yield inert(f"{_place(finding.where)}  {rule}{finding.message}")
        about = finding.hint if finding.by == "gatekeeper" else f"regal {finding.check}"
        if about:
            yield inert(f"    {about}")
    ran = "" if program else " (Regal did not run)"
    yield f"{len(found)} {'finding' if len(found) == 1 else 'findings'}{ran}"


def _as_json(found: Sequence[Finding], *, regal_ran: bool) -> list[str]:
    from gatekeeper.report.inert import json_text

    listed = [
        {
            "where": _place(finding.where),
            "rule": finding.rule,
            "check": finding.check,
            "by": finding.by,
            "message": finding.message,
            "hint": finding.hint,
        }
        for finding in found
    ]
    value = {"outcome": "fail" if found else "pass", "findings": listed, "regal": regal_ran}
    return [json_text(line) for line in json.dumps(value, indent=2, ensure_ascii=False).split("\n")]


def _place(where: str) -> str:
    return where.removeprefix(f"{Path.cwd()}/")
