"""What a parcel costs: by weight, in bands that include their upper end."""

from __future__ import annotations

BANDS = ((100, 165), (250, 310), (1_000, 425), (2_000, 690), (5_000, 1_149), (20_000, 1_995))
"""Upper end in grams, price in pence."""


class TooHeavyError(ValueError):
    """Nobody carries it."""


def quote(grams: int) -> int:
    """The price of a parcel in pence."""
    if grams <= 0:
        raise ValueError("a parcel weighs something")
    for limit, price in BANDS:
        if grams <= limit:
            return price
    raise TooHeavyError(f"{grams} g is more than {BANDS[-1][0]} g")
