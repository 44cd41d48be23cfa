"""Instants and durations as text: RFC 3339 in UTC, and ``7d``, ``24h``, ``30m``, ``45s``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from gatekeeper.errors import MalformedError

_RFC3339: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?:([Zz])|([+-])(\d{2}):(\d{2}))", re.ASCII
)
_DURATION: Final = re.compile(r"([1-9]\d{0,5})([smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_instant(text: object, *, where: str = "") -> datetime:
    """Read an RFC 3339 date-time (RFC 3339, section 5.6) with a zone, as an aware datetime in UTC.

    Fractions of a second below a microsecond are cut. Leap seconds, missing zones and years outside 1970 to
    9998 are refused: two readers would not agree on them.

    Raises:
        MalformedError: ``text`` is not such a date-time.
    """
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise MalformedError(
            "not an RFC 3339 time with a zone", where=where, hint="write 2026-11-24T02:14:00Z", code="time"
        )
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        local = datetime(year, month, day, hour, minute, second, int((match[7] or ".0")[1:7].ljust(6, "0")), tzinfo=UTC)
        instant = local - _offset(match)
    except (ValueError, OverflowError) as cause:
        raise MalformedError(f"not a real time: {cause}", where=where, code="time") from cause
    if not 1970 <= instant.year <= 9998:  # noqa: PLR2004 - the range is the rule, stated in the docstring
        raise MalformedError("a year outside 1970 to 9998", where=where, code="time")
    return instant


def _offset(match: re.Match[str]) -> timedelta:
    if match[8]:
        return timedelta(0)
    hours, minutes = int(match[10]), int(match[11])
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - RFC 3339, section 5.6: time-numoffset
        raise ValueError("zone offset out of range")
    offset = timedelta(hours=hours, minutes=minutes)
    return offset if match[9] == "+" else -offset


def format_instant(instant: datetime) -> str:
    """Write an aware datetime as RFC 3339 text in UTC, with microseconds only where there are some.

    Raises:
        MalformedError: The datetime has no zone.
    """
    if instant.tzinfo is None:
        raise MalformedError("a time without a zone", hint="use datetime.now(UTC)", code="time")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_duration(text: object, *, where: str = "") -> timedelta:
    """Read ``7d``, ``24h``, ``30m`` or ``45s``: one whole number above zero and one unit.

    Raises:
        MalformedError: ``text`` is not such a duration.
    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise MalformedError("not a duration", where=where, hint="write 30m, 24h or 7d", code="duration")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def format_duration(duration: timedelta) -> str:
    """Write a duration with its largest whole unit: ``7d``, ``36h``, ``90m``, ``45s``."""
    seconds = int(duration.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
