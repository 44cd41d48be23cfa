"""Typed members of parsed JSON, each refusal with its JSON pointer (RFC 6901)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from gatekeeper import _json
from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T", dict[str, Any], list[Any], str, int, bool)

_NAMES: Final = {dict: "an object", list: "an array", str: "text", int: "a whole number", bool: "true or false"}


def need(parent: dict[str, Any], name: str, wanted: type[T], place: str) -> T:
    """The member ``name`` of the object at ``place``.

    Raises:
        MalformedError: It is absent, or something else.
    """
    if name not in parent:
        raise MalformedError(f"absent, {_NAMES[wanted]} is needed", where=place + _json.pointer(name), code="shape")
    return check(parent[name], wanted, place + _json.pointer(name))


def may(parent: dict[str, Any], name: str, wanted: type[T], place: str) -> T | None:
    """The member ``name`` of the object at ``place``, or None when there is none; ``null`` is no absence.

    Raises:
        MalformedError: It is something else.
    """
    return check(parent[name], wanted, place + _json.pointer(name)) if name in parent else None


def each(items: list[Any], wanted: type[T], place: str) -> Iterator[tuple[T, str]]:
    """The items of the array at ``place``, each with its pointer.

    Raises:
        MalformedError: One is something else.
    """
    for index, item in enumerate(items):
        yield check(item, wanted, f"{place}/{index}"), f"{place}/{index}"


def check(value: Any, wanted: type[T], place: str) -> T:
    """``value`` itself, when it is what is wanted.

    Raises:
        MalformedError: It is something else.
    """
    if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
        return value
    raise MalformedError(f"{_said(value)}, where {_NAMES[wanted]} is needed", where=place or "/", code="shape")


def _said(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, float):
        return "a fraction"
    return next(name for known, name in reversed(_NAMES.items()) if isinstance(value, known))
