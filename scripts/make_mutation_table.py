"""Writes the table of docs/mutation.md again: python scripts/make_mutation_table.py."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

import platformdirs

from gatekeeper.engine.find import find
from gatekeeper.load.engine import named_engine
from gatekeeper.testing.mutation import Report, mutate

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs/mutation.md"
KEPT: Final = platformdirs.user_cache_path("gatekeeper") / "mutants"
"""Where `gatekeeper policy mutate` keeps its verdicts too."""

HEADING: Final = "## Scores of the standard packs\n"
INTRODUCTION: Final = """
Rego mutants of each pack, killed by its own Rego tests. The digest is of all that the row follows from. Written by
`python scripts/make_mutation_table.py`; a test judges again what has another digest.

| pack | score | with those listed | killed | survived | listed | refused | digest |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Judge every pack and replace the table."""
    version, digests = named_engine(None)
    binary = find(version, allowed_digests=digests)
    packs = packs_in(ROOT / "policies")
    report = mutate(packs, binary=binary, jobs=min(4, os.cpu_count() or 1), cache=KEPT)
    rows = [row(report, pack) for pack in packs]
    text, _, _ = PAGE.read_text(encoding="utf-8").partition(HEADING)
    PAGE.write_text(f"{text}{HEADING}{INTRODUCTION}{''.join(rows)}", encoding="utf-8")


def packs_in(folder: Path) -> list[Path]:
    """The packs in a folder, sorted."""
    return sorted(path.parent for path in folder.glob("*/pack.toml"))


def row(report: Report, pack: Path) -> str:
    """The line of a pack."""
    score = report.score(pack.name, "rego")
    numbers = f"{score.killed} | {score.survived} | {score.equivalent} | {score.invalid}"
    return f"| {pack.name} | {score.percent} % | {score.strict_percent} % | {numbers} | `{digest(pack)}` |\n"


def digest(pack: Path) -> str:
    """The digest of what decides a pack's score, shortened."""
    found = hashlib.sha256()
    for path in sorted([*pack.rglob("*.rego"), *pack.glob("equivalent.toml")]):
        data = path.read_bytes()
        found.update(f"{path.relative_to(pack).as_posix()}\0{len(data)}\0".encode() + data)
    return found.hexdigest()[:12]


if __name__ == "__main__":
    main()
