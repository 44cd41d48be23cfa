"""Counts of what is misconfigured; see :mod:`gatekeeper.facts.recount`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def misconfiguration(facts: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Findings of each severity that are not suppressed."""
    findings = facts["findings"]
    present = Counter(finding["severity"] for finding in findings if not finding["suppressed"])
    for name, stated in facts["counts"].items():
        yield f"counts.{name}", stated, present[name]
