"""``gatekeeper gate diff``: what one gate asks more or less than another, and where it says so."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.cli.arguments import Parser, add_format, add_gate, given

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from gatekeeper.load.gate_diff import Diff
    from gatekeeper.report.layout import Page
    from gatekeeper.tighten_words import Way

_STYLES: Final[Mapping[Way, str]] = {"loosening": "bad", "tightening": "good", "neutral": "quiet"}


def add_arguments(parser: Parser) -> None:
    """The arguments of the action."""
    told = "a gate: file, folder, address in git, gatekeeper:NAME, or digest of one in the cache (default: the base)"
    parser.add_argument("old", type=given, nargs="?", metavar="OLD", help=told)
    parser.add_argument("new", type=given, nargs="?", metavar="NEW", help="the gate that comes (default: --gate)")
    add_gate(parser)
    add_format(parser, ("text", "json"))


def run(arguments: argparse.Namespace) -> int:
    """Show every change; 1 when one of them is a loosening, or the lock is of another gate."""
    from gatekeeper.load import gate_diff

    path = Path(arguments.gate)
    drift: list[str] = []
    if arguments.old:
        new = gate_diff.read(arguments.new or arguments.gate)
        diff = gate_diff.compare(gate_diff.read(arguments.old), new)
    else:
        found = gate_diff.against_base(path)
        diff, drift = found or gate_diff.compare(same := gate_diff.read(arguments.gate), same), _drift(path)
    if arguments.format == "json":
        sys.stdout.write(json.dumps({**diff.as_json(), "drift": drift}, indent=2, sort_keys=True) + "\n")
    else:
        _print(diff, drift, arguments)
    return int(diff.is_looser or bool(drift))


def _drift(path: Path) -> list[str]:
    """How the gate differs from its lock."""
    from gatekeeper.load.base import read_ground
    from gatekeeper.load.gate_file import gate_on
    from gatekeeper.load.lock import differences, lock_path

    return differences(gate_on(read_ground(path)), lock_path(path))


def _print(diff: Diff, drift: list[str], arguments: argparse.Namespace) -> None:
    from gatekeeper.cli.terminal import style
    from gatekeeper.report.layout import Page

    shown = style(arguments, sys.stdout)
    page = Page.of(width=shown["width"], color=shown["color"], ascii_only=shown["ascii"])
    sys.stdout.write("".join(f"{line}\n" for line in _lines(page, diff, drift)))


def _lines(page: Page, diff: Diff, drift: list[str]) -> Iterator[str]:
    for where, change in diff.changes:
        spans = [page.quote(where), page.own("  ", "quiet"), page.quote(change.message)]
        yield from page.wrap(spans, lead=page.own(f"{change.way:<12}", _STYLES[change.way]))
    for difference in drift:
        yield from page.wrap([page.quote(difference)], lead=page.own(f"{'drift':<12}", "bad"))
    counts = Counter(change.way for _, change in diff.changes)
    told = ", ".join(f"{counts[way]} {way}" for way in _STYLES if counts[way]) or "no difference"
    names = [page.quote(diff.old.name), page.own(" → ", "quiet"), page.quote(diff.new.name)]
    yield from page.wrap([*names, page.own(f": {told}")])
