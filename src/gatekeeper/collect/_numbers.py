"""Numbers as reports write them: locale marks, exponents, nothing at all."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_WHOLE: Final = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})", re.ASCII)
_DECIMAL: Final = re.compile(r"(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def whole(text: str | None) -> int | None:
    """A whole number, with or without commas between thousands; None for anything else."""
    text = (text or "").strip()
    return int(text.replace(",", "")) if _WHOLE.fullmatch(text) else None


def seconds(text: str | None) -> Decimal | None:
    """A duration in seconds, exactly, such as ``1,234.5`` or ``2.5e-05``; None for anything else.

    A decimal comma is not read: ``1,234`` would be two numbers.
    """
    text = (text or "").strip()
    if not _DECIMAL.fullmatch(text):
        return None
    value = Decimal(text.replace(",", ""))
    return value if value < 10**9 else None  # three decades: longer is a mistake of the unit
