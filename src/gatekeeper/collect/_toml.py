"""TOML from strangers (TOML 1.0), as plain JSON values: times are RFC 3339 text with a zone."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from gatekeeper import _json, _time
from gatekeeper._limits import MAX_JSON_DEPTH
from gatekeeper.errors import LimitError, MalformedError


def parse(data: bytes, *, where: str = "") -> dict[str, Any]:
    """Read one TOML document.

    Raises:
        MalformedError: Not TOML, or a value that JSON lacks; ``where`` has the place.
        LimitError: Nested too deep, or a number too long.
    """
    import tomllib

    try:
        parsed = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=where, code="toml.encoding") from cause
    except tomllib.TOMLDecodeError as cause:
        raise MalformedError(f"not TOML: {cause}", where=where, code="toml.syntax") from cause
    except (RecursionError, ValueError) as cause:  # ValueError: a number of thousands of digits
        raise LimitError("nested too deep, or a number too long", where=where, code="toml.depth") from cause
    plain: dict[str, Any] = _plain(parsed, "", 0)
    return plain


def _plain(value: Any, place: str, depth: int) -> Any:
    if depth > MAX_JSON_DEPTH:
        raise LimitError("nested too deep", where=place, code="toml.depth")
    match value:
        case dict():
            return {name: _plain(item, place + _json.pointer(name), depth + 1) for name, item in value.items()}
        case list():
            return [_plain(item, f"{place}/{index}", depth + 1) for index, item in enumerate(value)]
        case datetime() if value.tzinfo is not None:
            return _time.format_instant(value)
        case date() | time():
            hint = "write 2026-11-24T02:14:00Z"
            raise MalformedError("a time without a zone, or a day", where=place, hint=hint, code="toml.time")
        case float() if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is unequal to itself
            raise MalformedError("not a number", where=place, code="toml.number")
        case _:
            return value
