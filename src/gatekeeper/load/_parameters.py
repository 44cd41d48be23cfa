"""Parameters in METADATA: a schema each, a default that fits it, and which way is stricter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError, PolicyError
from gatekeeper.facts import compile_schema, validate
from gatekeeper.load.table import suggestion
from gatekeeper.policy import Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.load._yaml import Yaml

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER: Final = (int, float)
_KEYWORDS: Final[Mapping[str, tuple[type, ...]]] = {
    "type": (str,),
    "description": (str,),
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "minLength": (int,),
    "minItems": (int,),
    "uniqueItems": (bool,),
    "enum": (list,),
    "format": (str,),
    "items": (dict,),
    "properties": (dict,),
    "required": (list,),
    "additionalProperties": (bool,),
}
_OWN: Final = frozenset({"default", "tighten"})
_NO_BOOLEAN: Final = frozenset({"minimum", "maximum", "minLength", "minItems"})


def parameters(block: Yaml, path: str) -> dict[str, Parameter]:
    """The parameters of a rule by name.

    Raises:
        PolicyError: A name, schema, default or direction that cannot be; ``where`` has file and line.
    """
    declared = block.value["custom"].get("parameters", {})
    return {name: _Reader(block, path, name).parameter(schema) for name, schema in sorted(declared.items())}


class _Reader:
    """Reads one parameter, and knows where it stands."""

    def __init__(self, block: Yaml, path: str, name: str) -> None:
        self._block, self._path, self._name = block, path, name

    def parameter(self, declared: Any) -> Parameter:
        if not _NAME.fullmatch(self._name):
            raise self._error("a name of small letters, digits and underscores is needed")
        if not isinstance(declared, dict):
            raise self._error("a schema is needed", hint="write {type: integer, minimum: 0, default: 80, tighten: up}")
        schema = {keyword: value for keyword, value in declared.items() if keyword not in _OWN}
        self._check_schema(schema, own=_OWN)
        try:
            check = compile_schema(schema)
        except PolicyError as cause:
            raise self._error(f"{cause.message} (at {cause.where})", hint=cause.hint) from cause
        if "default" in declared:
            try:
                validate(check, declared["default"], where="default")
            except MalformedError as cause:
                raise self._error(f"{cause.where}: {cause.message}", "default") from cause
        self._check_direction(declared, schema)
        return Parameter(schema=schema, default=declared.get("default"), tighten=declared.get("tighten"))

    def _check_schema(self, schema: Mapping[str, Any], *, own: frozenset[str] = frozenset()) -> None:
        for keyword, value in schema.items():
            types = _KEYWORDS.get(keyword)
            if types is None:
                hint = suggestion(keyword, _KEYWORDS.keys() | own)
                raise self._error(f"{keyword} is no part of a parameter", keyword, hint=hint)
            if not isinstance(value, types) or (keyword in _NO_BOOLEAN and isinstance(value, bool)):
                raise self._error(f"{keyword} cannot be {value!r}", keyword)
        if schema.get("type") == "object":
            self._check_closed(schema)
        for inner in (*([schema["items"]] if "items" in schema else []), *schema.get("properties", {}).values()):
            if not isinstance(inner, dict):
                raise self._error(f"a schema cannot be {inner!r}")
            self._check_schema(inner)

    def _check_closed(self, schema: Mapping[str, Any]) -> None:
        # an absent member is undefined in Rego, and what compares with undefined says nothing
        members = schema.get("properties", {}).keys()
        required = [str(name) for name in schema.get("required", ())]
        if schema.get("additionalProperties") is not False or sorted(required) != sorted(members):
            raise self._error("an object has additionalProperties: false and requires all its properties")

    def _check_direction(self, declared: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        tighten = declared.get("tighten")
        if "tighten" not in declared:
            return
        allowed = _directions(schema, durations=self._block.value["custom"].get("ages", {}).values(), name=self._name)
        if tighten not in allowed:
            hint = f"one of {', '.join(allowed)}" if allowed else "leave it out: a project cannot change the parameter"
            raise self._error(
                f"tighten: {tighten!r} is no direction for the type {schema['type']}", "tighten", hint=hint
            )

    def _error(self, message: str, *place: str, hint: str = "") -> PolicyError:
        line = self._block.line("custom", "parameters", self._name, *place)
        return PolicyError(
            f"{self._name}: {message}", where=f"{self._path}:{line}", hint=hint, code="metadata.parameter"
        )


def _directions(schema: Mapping[str, Any], *, durations: Any, name: str) -> tuple[str, ...]:
    if schema["type"] in {"integer", "number"} or "enum" in schema or name in durations:
        return "up", "down"
    return ("subset", "superset") if schema["type"] == "array" else ()
