"""The locks: everything pinned, everything with hashes, in step with pyproject.toml."""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

import imports
from tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==(\S+)( ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def pins(path: Path) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for match in PIN.finditer(path.read_text(encoding="utf-8")):
        found[normal(match[1])].add(match[2])
    return found


def test_there_is_a_lock_for_the_library_and_for_each_group() -> None:
    assert {path.stem for path in LOCKS} == {"runtime", *PROJECT["dependency-groups"]}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_is_nothing_but_pins_with_hashes(path: Path) -> None:
    assert PIN.sub("", path.read_text(encoding="utf-8")) == ""


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_what_pyproject_asks_for(path: Path) -> None:
    asked = PROJECT["project"]["dependencies"] if path.stem == "runtime" else PROJECT["dependency-groups"][path.stem]
    assert {normal(item) for item in asked} <= set(pins(path))


def test_all_locks_agree() -> None:
    versions: defaultdict[str, set[str]] = defaultdict(set)
    for path in LOCKS:
        for name, pinned in pins(path).items():
            versions[name] |= pinned
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


DISTRIBUTIONS = {"opa_client": "opa-python-client", "yaml": "pyyaml"}
"""Where the import name is not the distribution's."""
NOT_OURS_TO_INSTALL = {"_typeshed", "hypothesis", "pytest", "_pytest"}
"""Type stubs, and what only those have who test: the plug-in and the makers are for them."""


def test_what_the_library_imports_is_what_it_depends_on() -> None:
    outside = {target.partition(".")[0] for targets in imports.outside_imports().values() for target in targets}
    third_party = outside - set(sys.stdlib_module_names) - NOT_OURS_TO_INSTALL
    imported = {normal(DISTRIBUTIONS.get(name, name)) for name in third_party}
    assert imported == {normal(item) for item in PROJECT["project"]["dependencies"]}
