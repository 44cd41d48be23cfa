"""What the readers of service level objectives have in common."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.objectives import MILLION
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def target(number: float, place: str, *, of: int = 1) -> int:
    """A target from 0 to ``of`` in parts per million, rounded up.

    Raises:
        MalformedError: It is none.
    """
    return math.ceil(_share(number, of, place) * MILLION / of)


def actual(number: float, place: str) -> int:
    """A measured share from 0 to 1 in parts per million, rounded down.

    Raises:
        MalformedError: It is none.
    """
    return math.floor(_share(number, 1, place) * MILLION)


def reading(
    tool: str,
    format_: str,
    objectives: Sequence[dict[str, Any]],
    times: Iterable[str],
    *,
    complete: bool,
    claimed: dict[str, Any] | None = None,
) -> Reading:
    """The facts of some objectives, as old as the oldest of their times."""
    measured = sum("met" in objective for objective in objectives)
    facts = {
        "tool": tool,
        "objectives": list(objectives),
        "objective_count": len(objectives),
        "measured_count": measured,
        "complete": complete and not claimed and measured == len(objectives),
        **({"claimed": claimed} if claimed else {}),
        **fields.known(measured_at=min(filter(None, times), default="")),
    }
    return Reading(kind="slo", format=format_, facts=facts, producer=tool, media_type="application/json")


def _share(number: float, of: int, place: str) -> Decimal:
    share = Decimal(repr(number))  # the shortest text that is this number: 0.9, not 0.90000000000000002
    if not 0 <= share <= of:
        raise MalformedError(f"no share from 0 to {of}", where=place, code="report.value")
    return share
