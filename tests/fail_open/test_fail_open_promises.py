"""Every promise, every hole and every silent pass of another tool is attacked somewhere; and the page counts right."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from catalogue import AREAS, SCENARIOS
from guards import GUARDS, MODULES
from instants import EDGES
from promises import HOLES, NEVER_PASSES, OTHER_TOOLS, REVIEW

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {scenario.what for scenario in SCENARIOS}
LINES = [(line, where) for table in (NEVER_PASSES, OTHER_TOOLS, HOLES, REVIEW) for line, where in table.items()]


def exists(where: str) -> bool:
    if "::" not in where:
        return where in KNOWN
    file, test = where.split("::")
    return f"def {test}(" in (ROOT / file).read_text()


@pytest.mark.parametrize(("line", "where"), LINES, ids=lambda value: value if isinstance(value, str) else "")
def test_each_line_is_attacked_by_what_exists(line: str, where: tuple[str, ...]) -> None:
    assert where, line
    assert [name for name in where if not exists(name)] == []


@pytest.mark.parametrize("line", NEVER_PASSES)
def test_each_line_of_the_threat_model_is_attacked_in_several_ways(line: str) -> None:
    assert len([name for name in NEVER_PASSES[line] if "::" not in name]) >= 3


def test_all_holes_have_their_number() -> None:
    assert [line.split()[0] for line in HOLES] == [f"H{number}" for number in range(1, 29)]
    assert [line.split()[0] for line in REVIEW] == [f"R{number}" for number in range(1, 14)]


def test_names_of_scenarios_and_guards_are_unique() -> None:
    names = Counter(scenario.what for scenario in SCENARIOS)
    assert [name for name, count in names.items() if count > 1] == []
    assert sum(len(module.GUARDS) for module in MODULES) == len(GUARDS)


def test_the_page_counts_right() -> None:
    page = (ROOT / "docs/fail-open.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z][a-z, ]+[a-z]) \| (\d+) \|", page, re.MULTILINE))
    counted = {area: str(len(table)) for area, table in AREAS.items()}
    assert rows == counted | {"edges to the second": str(len(EDGES)), "all": str(len(SCENARIOS) + len(EDGES))}
    assert f"**{len(GUARDS)} guards**" in page
