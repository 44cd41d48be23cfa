"""Imports point downwards, in no circle; the pure floors touch neither clock nor disk nor network."""

from __future__ import annotations

import sys

import pytest

import imports
from tree import ROOT

PLANNED = {"pytest_plugin", "testing"}
ABOVE_ALL = {"gatekeeper", "gatekeeper.__main__"}
PURE = ("pure steps", "values", "rendering")
WORLDLY = {
    "asyncio",
    "http",
    "os",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "time",
}
WORLDLY |= {"urllib.request", "uuid"}
MAY = {
    "gatekeeper.evidence": {"os"},  # `Evidence.read`: what was read is a value, and reading it twice is the same value
    "gatekeeper.record": {"os"},  # `Record.read`, likewise
    "gatekeeper.subject": {"os", "subprocess"},  # `commit:REV` is looked up in git, a file's digest in the file
    "gatekeeper.report.github": {"secrets"},  # a delimiter that nobody can guess, on the way to the runner's file
}


def floor_names() -> list[str]:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    lines = text[text.index("| floor |") :].splitlines()[2:]
    return [line.split("|")[1].strip() for line in lines if line.startswith("|")]


@pytest.mark.parametrize("module", sorted(set(imports.modules()) - ABOVE_ALL))
def test_every_module_has_a_floor_and_imports_nothing_above_it(module: str) -> None:
    own = imports.floor_of(module)
    assert own is not None, f"{module} is on no floor: add it to the table of docs/architecture.md"
    above = {
        target: target_floor
        for target in imports.imports()[module]
        if target in ABOVE_ALL or (target_floor := imports.floor_of(target)) is None or target_floor < own
    }
    assert not above, f"{module} ({floor_names()[own]}) imports what is above it: {sorted(above)}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert imports.cycles() == []


def test_every_name_in_the_table_is_a_module() -> None:
    known = {name.removeprefix("gatekeeper.").replace(".", "/") for name in imports.modules()}
    assert set(imports.floors()) - known <= PLANNED


def is_within(target: str, names: set[str]) -> bool:
    return any(target == name or target.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize("module", sorted(set(imports.modules()) - ABOVE_ALL))
def test_a_pure_module_touches_no_clock_disk_or_network(module: str) -> None:
    floor = imports.floor_of(module)
    if floor is not None and floor_names()[floor] in PURE:
        worldly = {target for target in imports.outside_imports()[module] if is_within(target, WORLDLY)}
        assert {target for target in worldly if not is_within(target, MAY.get(module, set()))} == set()


def test_values_need_the_standard_library_only() -> None:
    values = floor_names().index("values")
    for module, outside in imports.outside_imports().items():
        if imports.floor_of(module) == values:
            assert {target.partition(".")[0] for target in outside} <= set(sys.stdlib_module_names), module


def test_the_reader_of_imports_sees_those_inside_functions_and_those_for_types() -> None:
    seen = imports.imports()
    assert "gatekeeper.attestation" in seen["gatekeeper.evidence"]
    assert "gatekeeper.stage" in seen["gatekeeper.evaluate"]  # under TYPE_CHECKING
    assert "rfc8785" in imports.outside_imports()["gatekeeper._json"]  # in a function


def test_a_circle_would_be_found() -> None:
    graph = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"a"}), "d": frozenset({"a"})}
    assert [group for group in imports._components(graph) if len(group) > 1] == [["a", "b", "c"]]
