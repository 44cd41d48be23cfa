"""What a parcel costs: by weight, in bands that include their upper end; express costs more."""

from __future__ import annotations

import math
from bisect import bisect_right

BANDS = ((100, 165), (250, 310), (1_000, 425), (2_000, 690), (5_000, 1_149), (20_000, 1_995))
"""Upper end in grams, price in pence."""
LIMITS = [limit for limit, _ in BANDS]
ZONES = {"home": 500, "near": 1_200, "far": 2_600}


class TooHeavyError(ValueError):
    """Nobody carries it."""


def quote(grams: int, *, express: bool = False, zone: str = "home") -> int:
    """The price of a parcel in pence."""
    if grams <= 0:
        raise ValueError("a parcel weighs something")
    band = bisect_right(LIMITS, grams)
    if band == len(BANDS):
        raise TooHeavyError(f"{grams} g is more than {BANDS[-1][0]} g")
    price = BANDS[band][1]
    return price + surcharge(grams, zone) if express else price


def surcharge(grams: int, zone: str) -> int:
    """What express costs on top."""
    if zone not in ZONES:
        raise ValueError(f"no such zone: {zone}")
    base = ZONES[zone]
    if grams > 2_000:
        base *= 2
    if zone == "far" and grams > 10_000:
        raise TooHeavyError("express carries no more than 10000 g that far")
    if grams <= 100:
        return base // 2
    if grams <= 1_000:
        return base * 3 // 4
    return base
