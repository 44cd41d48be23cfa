"""Who imports whom in the library, read from its source; imports in functions and for types count like all others."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE: Final = ROOT / "src"
PACKAGE: Final = "gatekeeper"


@cache
def modules() -> dict[str, Path]:
    """Every module of the library by its dotted name."""
    return {_dotted(path): path for path in sorted((SOURCE / PACKAGE).rglob("*.py"))}


@cache
def imports() -> dict[str, frozenset[str]]:
    """For every module the modules of the library that it imports."""
    return {name: frozenset(_imported(name, path)) for name, path in modules().items()}


@cache
def outside_imports() -> dict[str, frozenset[str]]:
    """For every module what it imports from elsewhere, wherever in the file, as ``package.name``."""
    return {
        name: frozenset(target for target in _targets(name, path) if not _is_ours(target))
        for name, path in modules().items()
    }


@cache
def floors() -> dict[str, int]:
    """The table of docs/architecture.md: for every module or folder named there its floor; 0 is the top."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = re.search(r"^\| floor \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None, "docs/architecture.md has no table of floors"
    rows = [row.split("|")[2] for row in table[1].splitlines()]
    return {name.rstrip("/"): number for number, row in enumerate(rows) for name in re.findall(r"`([\w/]+)`", row)}


def floor_of(module: str) -> int | None:
    """The floor of a module, by the longest name in the table that holds it; None when it is on none."""
    parts = module.split(".")[1:]
    names = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((floors()[name] for name in names if name in floors()), None)


def cycles() -> list[list[str]]:
    """Groups of modules that import each other in a circle."""
    return [group for group in _components(imports()) if len(group) > 1]


def _dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_ours(target: str) -> bool:
    return target.partition(".")[0] == PACKAGE


def _imported(name: str, path: Path) -> Iterator[str]:
    for target in _targets(name, path):
        if _is_ours(target):
            yield target if target in modules() else target.rpartition(".")[0]


def _targets(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _components(graph: dict[str, frozenset[str]]) -> list[list[str]]:
    """Strongly connected components: two nodes are together when each reaches the other."""
    reach = {node: _reachable(graph, node) for node in graph}
    groups = {frozenset({node} | {other for other in reach[node] if node in reach.get(other, ())}) for node in graph}
    return sorted(sorted(group) for group in groups)


def _reachable(graph: dict[str, frozenset[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), frozenset()) - seen:
            seen.add(target)
            waiting.append(target)
    return seen
