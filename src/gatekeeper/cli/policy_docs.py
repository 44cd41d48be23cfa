"""``gatekeeper policy docs``: pages about rules and gates, and whether those that are kept are still true."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper.cli.arguments import given
from gatekeeper.errors import SourceError

if TYPE_CHECKING:
    import argparse

    from gatekeeper.cli.arguments import Parser


OUTPUT: Final = "docs/rules"


def add_arguments(parser: Parser, folder: str) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "folders", type=given, nargs="*", metavar="FOLDER", help=f"folders of packs (default: {folder})"
    )
    parser.add_argument("-o", "--output", type=given, default=OUTPUT, metavar="DIR", help="where the pages go")
    parser.add_argument(
        "--gate", type=given, action="append", default=[], metavar="FILE", help="a page of this gate too"
    )
    parser.add_argument("--format", choices=("markdown", "html"), default="markdown", help="how they are written")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is not as it would be")


def run(arguments: argparse.Namespace, folder: str) -> int:
    """Write the pages, or compare them."""
    from gatekeeper.load import gate_diff
    from gatekeeper.load.packs import load_packs
    from gatekeeper.pages.site import pages

    gates = [gate_diff.read(named).spec for named in arguments.gate]
    made = pages(load_packs(arguments.folders or [folder]), gates, form=arguments.format)
    output = Path(arguments.output)
    stale = [name for name in sorted({*made, *_ours(output)}) if _kept(output / name) != made.get(name)]
    if not arguments.check:
        _write(output, {name: made.get(name) for name in stale})
    for name in stale:
        sys.stdout.write(f"{output / name}\n")
    return int(arguments.check and bool(stale))


def write_page(rule_id: str, folder: Path, output: Path) -> Path:
    """Write the page of one rule.

    Args:
        rule_id: The rule.
        folder: The folder of packs that it is in.
        output: Where the page goes.
    """
    from gatekeeper.load.packs import load_packs
    from gatekeeper.pages.site import pages

    name = f"{rule_id}.md"
    _write(output, {name: pages(load_packs([folder]))[name]})
    return output / name


def _ours(output: Path) -> set[str]:
    """Pages that are there and were written by this command."""
    from gatekeeper.pages.site import NOTE

    if not output.is_dir():
        return set()
    pages = (path for path in output.iterdir() if path.suffix in {".md", ".html"})
    return {path.name for path in pages if NOTE in (_kept(path) or "")}


def _kept(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as cause:
        raise SourceError(f"cannot be read: {cause}", where=str(path), code="source.read") from cause


def _write(output: Path, made: dict[str, str | None]) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            if text is None:
                (output / name).unlink()
            else:
                (output / name).write_text(text, encoding="utf-8")
    except OSError as cause:
        raise SourceError(f"cannot be written: {cause.strerror}", where=str(output), code="source.write") from cause
