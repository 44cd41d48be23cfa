"""Counts of builds and of comparisons of builds, where they are more than the length of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Facts = dict[str, Any]
_Count = tuple[str, int, int]


def build(facts: Facts) -> Iterator[_Count]:
    """Diagnostics by level; a build that says it succeeded has no error among them."""
    levels = [diagnostic["level"] for diagnostic in facts["diagnostics"]]
    for name in ("error", "warning"):
        yield f"{name}_count", facts[f"{name}_count"], levels.count(name)
    yield "succeeded", facts["succeeded"], facts["succeeded"] and "error" not in levels


def reproducibility(facts: Facts) -> Iterator[_Count]:
    """As many results were compared as builds are listed; a comparison of files lists none."""
    if facts["builds"]:
        yield "compared_count", facts["compared_count"], len(facts["builds"])
