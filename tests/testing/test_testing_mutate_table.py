"""The table of scores in docs/mutation.md is true: every pack is in it, and what changed since is judged again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from make_mutation_table import HEADING, digest, packs_in, row

from gatekeeper.testing.mutation import mutate

if TYPE_CHECKING:
    from gatekeeper.engine.find import OpaBinary

ROOT = Path(__file__).resolve().parents[2]
PACKS = packs_in(ROOT / "policies")
ENOUGH = 95.0


def rows() -> dict[str, str]:
    table = (ROOT / "docs/mutation.md").read_text(encoding="utf-8").partition(HEADING)[2]
    lines = [line for line in table.splitlines(keepends=True) if line.startswith("| ")][1:]
    return {line.split("|")[1].strip(): line for line in lines}


def test_every_pack_has_a_row_and_no_other() -> None:
    assert list(rows()) == [pack.name for pack in PACKS]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_row_is_true(pack: Path, binary: OpaBinary) -> None:
    written = rows()[pack.name]
    if f"`{digest(pack)}`" not in written:
        assert row(mutate([pack], binary=binary, jobs=2), pack) == written, "python scripts/make_mutation_table.py"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_tests_of_a_pack_kill_enough(pack: Path) -> None:
    assert float(rows()[pack.name].split("|")[2].strip(" %")) >= ENOUGH


def test_a_row_has_the_numbers_of_a_run(binary: OpaBinary) -> None:
    pack = ROOT / "policies/naming"
    assert row(mutate([pack], binary=binary), pack) == rows()["naming"]
