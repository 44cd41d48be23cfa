"""Tracking numbers by UPU standard S10: letters, eight digits, a check digit, the country, as in ``RA473124829US``."""

from __future__ import annotations

import re

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
SHAPE = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})")


def check_digit(serial: str) -> int:
    """The digit that finds every single wrong digit of a serial number."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def make(serial: int, *, service: str = "RA", country: str = "GB") -> str:
    """The tracking number of a serial number."""
    digits = f"{serial:08d}"
    return f"{service}{digits}{check_digit(digits)}{country}"


def is_valid(number: str) -> bool:
    """Whether a number has the shape and the right check digit."""
    match = SHAPE.fullmatch(number)
    return match is not None and check_digit(match[2]) == int(match[3])
