"""Typed getters over JSON whose shape is not known yet; every error has the place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatekeeper import _json
from gatekeeper.errors import MalformedError


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object and its place.

    Every getter raises :class:`gatekeeper.errors.MalformedError` when the member is not what it should be.
    """

    value: Mapping[str, Any]
    place: str

    def text(self, name: str, *, optional: bool = False) -> str:
        """A text; empty when ``optional`` and absent."""
        value = self.value.get(name, "" if optional else None)
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        value = self.value.get(name, ())
        if (
            isinstance(value, str)
            or not isinstance(value, Sequence)
            or not all(isinstance(item, str) for item in value)
        ):
            raise self._wrong(name, "a list of texts")
        return tuple(value)

    def one_of(self, name: str, known: frozenset[str]) -> str:
        """A text of a closed set."""
        value = self.text(name)
        if value not in known:
            raise self._wrong(name, f"one of {', '.join(sorted(known))}")
        return value

    def flag(self, name: str) -> bool:
        """A boolean; False when absent."""
        value = self.value.get(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def node(self, name: str) -> Node:
        """An object."""
        value = self.value.get(name)
        if not isinstance(value, Mapping):
            raise self._wrong(name, "an object")
        return Node(value, f"{self.place}.{name}")

    def nodes(self, name: str, *, optional: bool = False) -> tuple[Node, ...]:
        """A list of objects; empty when ``optional`` and absent."""
        value = self.value.get(name, () if optional else None)
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self._wrong(name, "a list")
        if not all(isinstance(item, Mapping) for item in value):
            raise self._wrong(name, "a list of objects")
        return tuple(Node(item, f"{self.place}.{name}[{index}]") for index, item in enumerate(value))

    def shown(self, name: str) -> str:
        """Any value as text for people; empty when absent or null."""
        value = self.value.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        return _json.canonical(value).decode()

    def _wrong(self, name: str, wanted: str) -> MalformedError:
        return MalformedError(
            f"not a decision: {name} is not {wanted}", where=f"{self.place}.{name}", code="report.shape"
        )
