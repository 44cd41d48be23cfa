"""A change of a gate in words, and which of two values of a parameter is stricter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _json, _time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from gatekeeper.policy import Direction, Parameter

Way = Literal["tightening", "loosening", "neutral"]

STRICTER: Final[Mapping[Direction, str]] = {
    "up": "only up is stricter",
    "down": "only down is stricter",
    "subset": "only leaving out is stricter",
    "superset": "only adding is stricter",
}
"""By direction of a parameter, what a project may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two gates.

    Attributes:
        place: The keys of what differs, as in ``gate.toml``; those after ``trust`` are keys of ``trust.toml``.
        way: A loosening lets something pass that did not pass before, or nobody can tell that it does not.
        message: In words.
    """

    place: tuple[str, ...]
    way: Way
    message: str


def tightening(place: tuple[str, ...], message: str) -> Change:
    """Something more is asked."""
    return Change(place=place, way="tightening", message=message)


def loosening(place: tuple[str, ...], message: str) -> Change:
    """Something is asked no longer, or nobody can tell."""
    return Change(place=place, way="loosening", message=message)


def neutral(place: tuple[str, ...], message: str) -> Change:
    """It changes no verdict."""
    return Change(place=place, way="neutral", message=message)


def unknown(place: tuple[str, ...], old: Any, new: Any) -> Iterator[Change]:
    """What nobody knows the stricter way of."""
    yield loosening(place, f"{place[-1]} goes from {shown(old)} to {shown(new)}, and may not be changed")


def apart(_place: tuple[str, ...], _old: Any, _new: Any) -> Iterator[Change]:
    """What is compared elsewhere, or is prose."""
    yield from ()


def shown(value: Any) -> str:
    """A value in a line of text."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else _json.canonical(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth


def seconds(duration: str) -> timedelta:
    """A duration as a gate's form has it."""
    return _time.parse_duration(duration)


def is_stricter(parameter: Parameter, old: Any, new: Any) -> bool:
    """Whether a value that differs lies in the direction that the rule declares as stricter."""
    if parameter.tighten in {"subset", "superset"}:
        before, now = ({_json.canonical(item) for item in values or ()} for values in (old, new))
        return now < before if parameter.tighten == "subset" else now > before
    before, now = _rank(parameter, old), _rank(parameter, new)
    if before is None or now is None:
        return False
    return bool(now > before if parameter.tighten == "up" else now < before)


def _rank(parameter: Parameter, value: Any) -> Any:
    """What orders a value: a number itself, a word its place in the ``enum``, a duration its length."""
    words = parameter.schema.get("enum")
    if words is not None:
        return words.index(value) if value in words else None
    if isinstance(value, str):
        return seconds(value)
    return None if isinstance(value, bool) else value
