"""Resources, their use and what is left, as whole numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.headroom import headroom_percent
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

UNITS: Final[Mapping[str, tuple[str, int]]] = {
    "cores": ("millicores", 1000),
    "bytes": ("bytes", 1),
    "ratio": ("ppm", 1_000_000),
    "count": ("count", 1),
}
"""The units that reports use: what they are called in facts, and how many of those one is."""


def resource(name: str, unit: str, used: Decimal, limit: Decimal, place: str) -> dict[str, Any]:
    """One resource; use rounded up, the limit down.

    Raises:
        MalformedError: Less than nothing is used, or there is no whole unit of it.
    """
    called, times = UNITS[unit]
    most, least = math.ceil(used * times), math.floor(limit * times)
    if most < 0 or least < 1:
        raise MalformedError(f"{used} of {limit} {unit} are used", where=place, code="capacity.limit")
    return {
        "name": name,
        "unit": called,
        "used": most,
        "limit": least,
        "headroom_percent": headroom_percent(most, least),
        "locator": place,
    }


def reading(
    format_: str, tool: str, resources: Sequence[dict[str, Any]], measured_at: str, *, complete: bool, media_type: str
) -> Reading:
    """The facts of some resources."""
    facts = {
        **fields.known(tool=tool, measured_at=measured_at),
        "resources": list(resources),
        "resource_count": len(resources),
        "complete": complete,
    }
    return Reading(kind="capacity", format=format_, facts=facts, producer=tool, media_type=media_type)
