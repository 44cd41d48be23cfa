"""Members of parsed JSON, by type, with their place in every error.

A place is a JSON pointer (RFC 6901) below the document, empty for its root. ``null`` where a member is optional is
as good as no member: that is how Go writes an empty list. Where a member is required it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json, _time
from gatekeeper._limits import MAX_ITEMS, MAX_SAFE_INTEGER
from gatekeeper.errors import LimitError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_GO_ZERO: Final = "0001-01-01T00:00:00Z"
"""What Go writes for a time that nobody set (package time, type Time)."""

_NAMES: Final = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}


def wrong(value: Any, wanted: str, place: str) -> MalformedError:
    """The error for a value of another type than ``wanted``, which is said with its article."""
    found = "null" if value is None else _NAMES.get(type(value), type(value).__name__)
    return MalformedError(f"{found}, where {wanted} is needed", where=place or "/", code="shape")


def missing(key: str, place: str) -> MalformedError:
    """The error for a required member that is not there."""
    return MalformedError("absent", where=place + _json.pointer(key), code="shape")


def document(value: Any, place: str = "") -> dict[str, Any]:
    """``value`` itself, which has to be an object."""
    if not isinstance(value, dict):
        raise wrong(value, "an object", place)
    return value


def sequence(value: Any, place: str = "") -> list[Any]:
    """``value`` itself, which has to be a list of no more than :data:`gatekeeper._limits.MAX_ITEMS`."""
    if not isinstance(value, list):
        raise wrong(value, "a list", place)
    if len(value) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} items", where=place or "/", code="report.items")
    return value


def mapping(owner: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    """A required object."""
    if key not in owner:
        raise missing(key, place)
    return document(owner[key], place + _json.pointer(key))


def optional_mapping(owner: dict[str, Any], key: str, place: str) -> dict[str, Any]:
    """An object; empty when it is absent."""
    value = owner.get(key)
    return {} if value is None else document(value, place + _json.pointer(key))


def items(owner: dict[str, Any], key: str, place: str) -> list[Any]:
    """A required list."""
    if key not in owner:
        raise missing(key, place)
    return sequence(owner[key], place + _json.pointer(key))


def optional_items(owner: dict[str, Any], key: str, place: str) -> list[Any]:
    """A list; empty when it is absent."""
    value = owner.get(key)
    return [] if value is None else sequence(value, place + _json.pointer(key))


def each(values: Any, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The members of a list of objects, each with its place."""
    for index, item in enumerate(sequence(values, place)):
        here = f"{place}/{index}"
        yield document(item, here), here


def each_in(owner: dict[str, Any], key: str, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The members of an optional list of objects, each with its place."""
    return each(optional_items(owner, key, place), place + _json.pointer(key))


def text(owner: dict[str, Any], key: str, place: str) -> str:
    """A required text that is not empty."""
    if key not in owner:
        raise missing(key, place)
    value = owner[key]
    if not isinstance(value, str):
        raise wrong(value, "text", place + _json.pointer(key))
    if not value:
        raise MalformedError("empty", where=place + _json.pointer(key), code="shape")
    return value


def optional_text(owner: dict[str, Any], key: str, place: str) -> str:
    """A text; empty when it is absent."""
    value = owner.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(value, "text", place + _json.pointer(key))
    return value


def optional_texts(owner: dict[str, Any], key: str, place: str) -> list[str]:
    """A list of texts, none of them empty; an empty list when it is absent."""
    values = optional_items(owner, key, place)
    for index, value in enumerate(values):
        if not isinstance(value, str) or not value:
            raise wrong(value, "text that is not empty", f"{place}{_json.pointer(key)}/{index}")
    return values


def whole(owner: dict[str, Any], key: str, place: str) -> int:
    """A required whole number, not below zero."""
    if key not in owner:
        raise missing(key, place)
    value = owner[key]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SAFE_INTEGER:
        raise wrong(value, "a whole number from 0 to 2^53-1", place + _json.pointer(key))
    return value


def optional_number(owner: dict[str, Any], key: str, place: str) -> float | None:
    """A number; None when it is absent."""
    value = owner.get(key)
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise wrong(value, "a number", place + _json.pointer(key))
    return value


def instant(owner: dict[str, Any], key: str, place: str) -> str:
    """A time as RFC 3339 text in UTC; empty when it is absent or Go's zero time, refused when it is unreadable."""
    value = optional_text(owner, key, place)
    if not value or value == _GO_ZERO:
        return ""
    return _time.format_instant(_time.parse_instant(value, where=place + _json.pointer(key)))


def known(**members: Any) -> dict[str, Any]:
    """The members whose value is neither empty text nor None: what is unknown is absent."""
    return {name: value for name, value in members.items() if value is not None and value != ""}
