"""A first look at many values of one schema: true where one fits for certain, false where a closer look is needed.

A bill of materials has a hundred thousand components, and all of them fit. Making up a place for each to say so takes
ten times as long as looking. What the quick look lets pass has no problem by :func:`gatekeeper.facts.compile_schema`;
a test proves it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Look = Callable[[Any], bool]
"""True only if a value fits."""

_HANDLED: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "minimum", "maximum", "minLength"}
)
_SAY_NOTHING: Final = frozenset({"title", "description", "default", "examples", "$comment"})


def compile_look(schema: dict[str, Any]) -> Look:
    """The quick look at values of a schema that :func:`gatekeeper.facts.compile_schema` has accepted."""
    if "x-count-of" in schema or any(
        word not in _HANDLED | _SAY_NOTHING and not word.startswith("x-") for word in schema
    ):
        return _unsure
    return _BY_TYPE.get(schema["type"], _nobody)(schema)


def _unsure(_value: Any) -> bool:
    return False


def _nobody(_schema: dict[str, Any]) -> Look:
    return _unsure


def _boolean(schema: dict[str, Any]) -> Look:
    return _unsure if "enum" in schema else lambda value: value is True or value is False


def _text(schema: dict[str, Any]) -> Look:
    shortest = schema.get("minLength", 0)
    if "enum" not in schema:
        return lambda value: type(value) is str and len(value) >= shortest
    allowed = frozenset(word for word in schema["enum"] if type(word) is str and len(word) >= shortest)
    return lambda value: type(value) is str and value in allowed


def _whole_number(schema: dict[str, Any]) -> Look:
    if "enum" in schema:
        return _unsure
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return lambda value: type(value) is int and least <= value <= most


def _list(schema: dict[str, Any]) -> Look:
    if "enum" in schema or "items" not in schema:
        return _unsure
    look = compile_look(schema["items"])
    return lambda value: type(value) is list and all(map(look, value))


def _object(schema: dict[str, Any]) -> Look:
    if schema.get("additionalProperties", True) or "enum" in schema:
        return _unsure
    looks = {name: compile_look(inner) for name, inner in schema.get("properties", {}).items()}
    required = frozenset(schema.get("required", ()))

    def look(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys() <= looks.keys():
            return False
        for name, member in value.items():  # noqa: SIM110 - a generator takes half as long again, and this is hot
            if not looks[name](member):
                return False
        return True

    return look


_BY_TYPE: Final[dict[str, Callable[[dict[str, Any]], Look]]] = {
    "array": _list,
    "boolean": _boolean,
    "integer": _whole_number,
    "object": _object,
    "string": _text,
}
