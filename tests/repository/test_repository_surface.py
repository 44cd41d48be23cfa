"""What `import gatekeeper` promises: a checked-in list of names, documented and annotated; and that it is cheap."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gatekeeper
from tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = tuple(getattr(gatekeeper, "__all__", ()))
HEAVY = {
    "aiohttp",
    "asyncio",
    "cryptography",
    "defusedxml",
    "email",
    "http",
    "importlib.metadata",
    "in_toto",
    "jsonschema",
}
HEAVY |= {"license_expression", "opa_client", "packaging", "platformdirs", "pydantic", "requests", "rfc3161_client"}
HEAVY |= {
    "securesystemslib",
    "sigstore",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tuf",
    "urllib.request",
    "xml",
    "yaml",
}
LOADED = """
import json, sys
before = set(sys.modules)
import gatekeeper
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def members(name: str) -> Iterator[tuple[str, object]]:
    """The public name itself and, of a class, each public thing that it defines."""
    thing = getattr(gatekeeper, name)
    yield name, thing
    if inspect.isclass(thing):
        for own, value in vars(thing).items():
            if not own.startswith("_"):
                yield f"{name}.{own}", value


def as_function(value: object) -> object:
    if isinstance(value, property):
        return value.fget
    return getattr(value, "__wrapped__", getattr(value, "__func__", getattr(value, "func", value)))


def test_the_public_names_are_the_checked_in_list() -> None:
    listed = (ROOT / "tests/repository/public_surface.txt").read_text(encoding="utf-8").split()
    assert list(NAMES) == listed


def test_the_public_names_are_sorted_and_there() -> None:
    assert list(NAMES) == sorted(set(NAMES))
    assert [name for name in NAMES if not hasattr(gatekeeper, name)] == []


def test_every_public_function_and_class_is_documented() -> None:
    things = [(label, as_function(value)) for name in NAMES for label, value in members(name)]
    bare = [label for label, value in things if callable(value) and not (value.__doc__ or "").strip()]
    assert bare == []


def test_every_public_function_is_annotated() -> None:
    things = [(label, as_function(value)) for name in NAMES for label, value in members(name)]
    assert [label for label, value in things if inspect.isfunction(value) and not is_annotated(value)] == []


def is_annotated(function: object) -> bool:
    assert inspect.isfunction(function)
    own = {"self", "cls"}
    needed = {*inspect.signature(function).parameters, "return"} - own
    return needed <= set(function.__annotations__)


def test_an_unannotated_function_would_be_found() -> None:
    def bare(value):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - that is what is looked for
        return value

    assert not is_annotated(bare)
    assert is_annotated(as_function(members))


def test_importing_the_library_imports_nothing_heavy() -> None:
    environment = {"PYTHONPATH": str(ROOT / "src")}
    loaded = set(json.loads(subprocess.check_output([sys.executable, "-c", LOADED], env=environment)))
    assert loaded & HEAVY == set()
    assert "gatekeeper" in loaded


@pytest.mark.parametrize("name", ["gatekeeper", *NAMES])
def test_a_public_name_says_where_it_is_public(name: str) -> None:
    thing = getattr(gatekeeper, name, gatekeeper)
    assert (getattr(thing, "__module__", None) or "gatekeeper").split(".")[0] == "gatekeeper"


def test_a_public_name_is_never_the_module_that_is_called_like_it() -> None:
    program = """
import importlib, types
import gatekeeper
for name, home in sorted(gatekeeper._HOMES.items()):
    importlib.import_module(f"gatekeeper.{home}")
print([name for name in gatekeeper.__all__ if isinstance(getattr(gatekeeper, name), types.ModuleType)])
"""
    assert subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT / "src") == "[]\n"


def test_no_public_name_is_a_module_of_the_package() -> None:
    """Importing a submodule sets it as an attribute of the package, in place of the name that loads on first use."""
    modules = {path.stem for path in (ROOT / "src/gatekeeper").iterdir()} - {"__init__"}
    assert sorted(modules & set(NAMES)) == []
