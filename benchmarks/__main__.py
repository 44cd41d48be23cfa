"""``python -m benchmarks``: measure, and write ``docs/performance.md``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import authors, installed, measures, mutants, table, whole
from benchmarks.world import World
from gatekeeper import _files
from gatekeeper.engine.find import find

_VERSION: Final = "1.22.2"
_SECTIONS: Final = {
    "warm": measures.warm,
    "whole": whole.whole,
    "cold": measures.cold,
    "large": measures.large,
    "attest": measures.attesting,
    "start": measures.starting,
    "records": measures.records,
    "tests": authors.tests_of_rules,
    "mutants": mutants.mutants,
}


def main() -> None:
    """Run what was asked for."""
    arguments = _arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="gatekeeper-bench-") as made:
        bench = _bench(Path(made), arguments)
        sections = []
        for name in arguments.only or _SECTIONS:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            sections.append(_SECTIONS[name](bench))
    notes = ["This is a quick run: few repetitions, small documents."] if arguments.quick else []
    text = table.page(sections, repetitions=bench.repetitions, opa=_VERSION, started_load=load, notes=notes)
    if str(arguments.output) == "-":
        print(text)
    else:
        table.write(text, arguments.output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions, small documents")
    parser.add_argument("--output", type=Path, default=installed.ROOT / "docs" / "performance.md", help="- for stdout")
    parser.add_argument("--only", nargs="+", choices=_SECTIONS, help="some sections only")
    parser.add_argument("--repetitions", type=int, default=0, help="pairs for each quick measurement")
    return parser.parse_args()


def _bench(folder: Path, arguments: argparse.Namespace) -> measures.Bench:
    opa = _opa()
    digest = f"sha256:{_files.sha256_file(opa)}"
    return measures.Bench(
        world=World(folder / "world", digest),
        python=installed.install(folder),
        binary=find(_VERSION, path=opa, allowed_digests=[digest]),
        repetitions=arguments.repetitions or (3 if arguments.quick else 31),
        sizes=(20, 200) if arguments.quick else (1_000, 20_000, 100_000),
        environment=measures.environment(folder, opa),
    )


def _opa() -> Path:
    """The OPA to measure with: ``GATEKEEPER_OPA``, our installation, or the one on PATH."""
    from gatekeeper.engine.find import installed_path

    named = os.environ.get("GATEKEEPER_OPA")
    found = [Path(named)] if named else [installed_path(_VERSION)]
    found += [Path(entry) / "opa" for entry in os.get_exec_path()]
    for place in found:
        if place.is_file():
            return place.resolve()
    raise SystemExit("no opa: gatekeeper opa install")


if __name__ == "__main__":
    main()
