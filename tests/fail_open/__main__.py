"""Run the scenarios without pytest: ``python tests/fail_open [--sample] [--without-guards] [WORD ...]``.

Prints a line for each and exits 1 when one did not come out as it has to. Words pick the scenarios whose line or area
holds one of them; ``--sample`` takes one of each area. With ``--without-guards`` each guard is taken away in turn, and
a scenario that comes out as before is the one that counts against it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent / "src"), str(TESTS), str(TESTS / "fail_open"), str(TESTS / "fakes")]

from catalogue import AREAS  # noqa: E402 - the path comes first
from guards import GUARDS  # noqa: E402

from gatekeeper.engine.find import VARIABLE, installed_path  # noqa: E402
from project import Project  # noqa: E402

if TYPE_CHECKING:
    from scenario import Scenario

WORDS = {0: "open", 1: "deny", 2: "usage", 3: "no decision"}


def main() -> int:
    """Run them, and say how it went."""
    parser = argparse.ArgumentParser(description="It cannot fail open: harm, and what has to come of it.")
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--sample", action="store_true", help="one of each area")
    parser.add_argument("--without-guards", action="store_true", help="take each scenario's guard away")
    arguments = parser.parse_args()
    chosen = [
        (area, scenario)
        for area, table in AREAS.items()
        for scenario in (table[:1] if arguments.sample else table)
        if not arguments.words or any(word in f"{area}: {scenario.what}" for word in arguments.words)
    ]
    opa = _opa()
    wrong = sum(_run(area, scenario, opa, without=arguments.without_guards) for area, scenario in chosen)
    sys.stdout.write(f"{len(chosen)} scenarios, {wrong} not as they have to be\n")
    return int(wrong > 0 or not chosen)


def _opa() -> Path:
    managed = installed_path("1.22.2")
    found = os.environ.get(VARIABLE) or (str(managed) if managed.is_file() else shutil.which("opa"))
    if not found:
        sys.exit("no opa: install it with `gatekeeper opa install`, or put it on PATH")
    os.environ[VARIABLE] = str(Path(found).resolve())
    return Path(found).resolve()


def _run(area: str, scenario: Scenario, opa: Path, *, without: bool) -> bool:
    """Run one and print its line; whether it came out wrong."""
    with tempfile.TemporaryDirectory(prefix="fail-open-") as folder:
        with opa.open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        project = Project(Path(folder) / "project", digest)
        os.chdir(project.folder)
        ran = scenario.happen(project, *([GUARDS[scenario.guard].taken_away] if without else []))
        os.chdir(TESTS)
    wrong = scenario.held(ran) == without
    mark = "WRONG" if wrong else "ok"
    guard = f"  [{scenario.guard}]" if without else ""
    sys.stdout.write(f"{mark:<6}{WORDS.get(ran.code, '?'):<12} {area}: {scenario.what}{guard}\n")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
