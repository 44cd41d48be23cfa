"""What is left of a resource."""

from __future__ import annotations


def headroom_percent(used: int, limit: int) -> int:
    """The share of ``limit`` that is not used, in per cent, rounded down; below zero when more is used."""
    return (limit - used) * 100 // limit
