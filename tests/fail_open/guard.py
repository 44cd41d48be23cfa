"""A guard, and how it is taken away: one function or constant of the library, replaced by one that lets all pass."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Gone = Callable[[Any], Any]
"""From what stands there to what would stand there if nobody had thought of the harm."""


@dataclass(frozen=True)
class Guard:
    """One check of the library.

    Attributes:
        name: What scenarios call it.
        stops: What it stops, in a line.
        place: ``module:name``, or ``module:Class.name``.
        gone: Makes the replacement.
    """

    name: str
    stops: str
    place: str
    gone: Gone

    @property
    def standing(self) -> Any:
        """What stands there now."""
        holder, name = self._holder()
        return vars(holder)[name]

    @contextmanager
    def taken_away(self) -> Iterator[None]:
        """Without it, inside the block."""
        holder, name = self._holder()
        original = vars(holder)[name]
        setattr(holder, name, self.gone(original))
        try:
            yield
        finally:
            setattr(holder, name, original)

    def _holder(self) -> tuple[Any, str]:
        module, _, path = self.place.partition(":")
        holder: Any = importlib.import_module(module)
        *outer, name = path.split(".")
        for step in outer:
            holder = getattr(holder, step)
        return holder, name


def becomes(value: Any) -> Gone:
    """Another value, or another function, whatever stood there."""
    return lambda _original: value


def always(value: Any) -> Gone:
    """A function that gives this, whatever it is asked."""
    return lambda _original: lambda *_args, **_options: value


def unsaid(text: str) -> Gone:
    """A function that finds problems, and not the one whose words hold ``text``."""

    def gone(original: Any) -> Any:
        @wraps(original)
        def finder(*args: Any, **options: Any) -> Any:
            return tuple(problem for problem in original(*args, **options) if text not in str(problem))

        return finder

    return gone


def silent(text: str) -> Gone:
    """A function that says what is wrong, and nothing where that holds ``text``."""

    def gone(original: Any) -> Any:
        @wraps(original)
        def sayer(*args: Any, **options: Any) -> Any:
            said = original(*args, **options)
            return "" if text in said else said

        return sayer

    return gone


def passing(original: Any) -> Any:
    """A function that makes a result, and always one that is a pass."""

    @wraps(original)
    def maker(*args: Any, **options: Any) -> Any:
        return replace(original(*args, **options), outcome="pass", violations=())

    return maker


def lacking(name: str) -> Gone:
    """A table of checks without one of them."""
    return lambda checks: tuple(check for check in checks if check.__name__ != name)


class Everything:
    """A set that holds whatever it is asked for."""

    def __contains__(self, item: object) -> bool:
        """It does."""
        return True


def replaced(place: str, value: Any) -> Callable[[], AbstractContextManager[None]]:
    """Surroundings in which something else stands at a place of the library."""
    return Guard(name="", stops="", place=place, gone=becomes(value)).taken_away
