"""Schemas compiled to plain checks.

A subset of JSON Schema draft 7, closed to what the fact schemas use: an unknown keyword is an error at
compile time, never ignored. Numbers past 2^53-1 are refused whatever the schema says (RFC 8785 cannot write them).
``jsonschema`` proves these checks equal in tests; deciding does not import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from gatekeeper import _time
from gatekeeper._limits import MAX_SAFE_INTEGER
from gatekeeper.errors import MalformedError, PolicyError
from gatekeeper.facts._quick import compile_look

Problem = tuple[str, str]
"""A place below the document (``.findings[3].score``) and what is wrong there."""

Check = Callable[[Any, str], Iterator[Problem]]
"""Yields the problems of a value at a place; nothing when it fits."""

COUNT_OF: Final = "x-count-of"
"""Of an integer: it is the number of items in the array of this name beside it."""

_ANNOTATIONS: Final = frozenset({"$schema", "$id", "title", "description", "default", "examples", "$comment"})
_TYPES: Final[dict[str, tuple[type[Any], ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def compile_schema(schema: dict[str, Any], *, where: str = "#") -> Check:
    """Compile a schema into a check.

    Raises:
        PolicyError: A keyword or value that is not part of the subset; ``where`` has the place.
    """
    checks = [_type_check(schema, where)]
    for keyword in sorted(schema.keys() - _ANNOTATIONS - {"type", "properties", "required", "additionalProperties"}):
        if keyword.startswith("x-"):
            continue
        builder = _BUILDERS.get(keyword)
        if builder is None:
            raise PolicyError(f"the keyword {keyword!r} is not supported", where=where, code="schema.keyword")
        checks.append(builder(schema[keyword], f"{where}/{keyword}"))
    if schema.get("type") == "object":
        checks.append(_object_check(schema, where))
    return _all_of(checks)


def validate(check: Check, value: Any, *, where: str = "$") -> None:
    """Raise for the first problem of ``value``.

    Raises:
        MalformedError: With the place of the problem.
    """
    for place, problem in check(value, where):
        raise MalformedError(problem, where=place, code="schema")


def _all_of(checks: list[Check]) -> Check:
    type_check, *others = checks

    def check(value: Any, place: str) -> Iterator[Problem]:
        wrong = False
        for problem in type_check(value, place):
            wrong = True
            yield problem
        if not wrong:
            for other in others:
                yield from other(value, place)

    return check


def _type_check(schema: dict[str, Any], where: str) -> Check:
    name = schema.get("type")
    if not isinstance(name, str) or name not in _TYPES:
        raise PolicyError(f"type is {name!r}", where=where, hint=f"one of {', '.join(_TYPES)}", code="schema.type")
    types = _TYPES[name]
    is_number = name in {"integer", "number"}

    def check(value: Any, place: str) -> Iterator[Problem]:
        if not isinstance(value, types) or (is_number and isinstance(value, bool)):
            yield place, f"{_kind_of(value)}, where {name} is needed"
        elif is_number and not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            yield place, "a number past 2^53-1"

    return check


def _object_check(schema: dict[str, Any], where: str) -> Check:
    open_to = schema.get("additionalProperties", True)
    if not isinstance(open_to, bool):
        raise PolicyError("additionalProperties is true or false", where=where, code="schema.keyword")
    properties = {
        name: compile_schema(inner, where=f"{where}/properties/{name}")
        for name, inner in schema.get("properties", {}).items()
    }
    required = frozenset(schema.get("required", ()))
    counts = _counts(schema, where)

    def check(value: Any, place: str) -> Iterator[Problem]:
        for name in sorted(required - value.keys()):
            yield f"{place}.{name}", "absent"
        for name, member in value.items():
            inner = properties.get(name)
            if inner is not None:
                yield from inner(member, f"{place}.{name}")
            elif not open_to:
                yield f"{place}.{name}", "not known here"
        for name, counted in counts.items():
            there = value.get(counted)
            if name in value and isinstance(there, list) and value[name] != len(there):
                yield f"{place}.{name}", f"says {value[name]}, {len(there)} are there"

    return check


def _counts(schema: dict[str, Any], where: str) -> dict[str, str]:
    """The members that count another member of the same object: ``x-count-of`` names it."""
    properties: dict[str, Any] = schema.get("properties", {})
    counts = {name: inner[COUNT_OF] for name, inner in properties.items() if COUNT_OF in inner}
    for name, counted in counts.items():
        if properties.get(counted, {}).get("type") != "array":
            place = f"{where}/properties/{name}/{COUNT_OF}"
            raise PolicyError(f"{counted!r} is no array beside it", where=place, code="schema.count")
    return counts


def _items(inner_schema: Any, where: str) -> Check:
    inner = compile_schema(inner_schema, where=where)
    fits = compile_look(inner_schema)

    def check(value: Any, place: str) -> Iterator[Problem]:
        for index, item in enumerate(value):
            for problem in () if fits(item) else inner(item, ""):
                yield f"{place}[{index}]{problem[0]}", problem[1]

    return check


def _enum(allowed: Any, _where: str) -> Check:
    def check(value: Any, place: str) -> Iterator[Problem]:
        if value not in allowed:
            yield place, f"{value!r} is none of {', '.join(map(str, allowed))}"

    return check


def _minimum(bound: Any, _where: str) -> Check:
    def check(value: Any, place: str) -> Iterator[Problem]:
        if value < bound:
            yield place, f"{value} is below {bound}"

    return check


def _maximum(bound: Any, _where: str) -> Check:
    def check(value: Any, place: str) -> Iterator[Problem]:
        if value > bound:
            yield place, f"{value} is above {bound}"

    return check


def _min_length(bound: Any, _where: str) -> Check:
    def check(value: Any, place: str) -> Iterator[Problem]:
        if len(value) < bound:
            yield place, "empty" if bound == 1 else f"shorter than {bound}"

    return check


def _unique_items(wanted: Any, where: str) -> Check:
    if wanted is not True:
        raise PolicyError("uniqueItems is true or absent", where=where, code="schema.keyword")

    def check(value: Any, place: str) -> Iterator[Problem]:
        if len({repr(item) for item in value}) != len(value):
            yield place, "an item is there twice"

    return check


def _format(name: Any, where: str) -> Check:
    if name != "date-time":
        raise PolicyError(f"the format {name!r} is not supported", where=where, code="schema.format")

    def check(value: Any, place: str) -> Iterator[Problem]:
        try:
            _time.parse_instant(value)
        except MalformedError as problem:
            yield place, problem.message

    return check


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), type(value).__name__)


_BUILDERS: Final[dict[str, Callable[[Any, str], Check]]] = {
    "items": _items,
    "enum": _enum,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _min_length,
    "minItems": _min_length,
    "uniqueItems": _unique_items,
    "format": _format,
}
