"""What METADATA declares a rule reads: kinds that exist, facts that their schemas have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.errors import MalformedError, PolicyError
from gatekeeper.facts import kinds
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.load._yaml import Yaml
    from gatekeeper.policy import Parameter


def fact_paths(block: Yaml, path: str, section: str) -> dict[str, tuple[str, ...]]:
    """Fact paths by kind from ``custom.needs``, ``custom.reads`` or ``custom.baseline``.

    Raises:
        PolicyError: A kind or a path that does not exist, or a path that ends at a list of objects: only its
            facts can be checked for presence, in every element.
    """
    found: dict[str, tuple[str, ...]] = {}
    for kind, paths in block.value["custom"].get(section, {}).items():
        place = ("custom", section, kind)
        _check_kind(block, path, place, kind)
        if not isinstance(paths, list) or not paths or not all(isinstance(fact, str) for fact in paths):
            raise _error(block, path, place, f"{section}.{kind} is no list of facts", "write [findings.severity]")
        for index, fact in enumerate(paths):
            _check_path(block, path, (*place, index), kind, fact)
        if len(set(paths)) != len(paths):
            raise _error(block, path, place, f"{section}.{kind} names a fact twice", "")
        found[kind] = tuple(sorted(paths))
    return dict(sorted(found.items()))


def check_ages(
    block: Yaml, path: str, needs: Mapping[str, tuple[str, ...]], parameters: Mapping[str, Parameter]
) -> None:
    """Check that each age is that of a time fact that has to be there, against a parameter that is a duration.

    Raises:
        PolicyError: It is not.
    """
    for fact, parameter in block.value["custom"].get("ages", {}).items():
        place = ("custom", "ages", fact)
        kind, _, name = fact.partition(".")
        if name not in needs.get(kind, ()):
            raise _error(block, path, place, f"{fact} has an age and is not needed", f"add {name} to needs.{kind}")
        if _schema_at(kind, name).get("format") != "date-time":
            raise _error(block, path, place, f"{fact} is no time", "")
        if parameter not in parameters:
            raise _error(
                block, path, place, f"there is no parameter {parameter!r}", suggestion(str(parameter), parameters)
            )
        _check_duration(block, path, place, parameters[parameter])


def _schema_at(kind: str, fact: str) -> Mapping[str, Any]:
    """The schema of a fact that the kind has, by its path through objects and lists."""
    schema = kinds()[kind].schema
    for part in fact.split("."):
        schema = _item(schema).get("properties", {}).get(part, {})
    return schema


def _check_kind(block: Yaml, path: str, place: tuple[str | int, ...], kind: str) -> None:
    if kind not in kinds():
        raise _error(block, path, place, f"no kind of evidence is called {kind}", suggestion(kind, kinds()))


def _check_duration(block: Yaml, path: str, place: tuple[str, ...], parameter: Parameter) -> None:
    if parameter.schema.get("type") != "string":
        raise _error(block, path, place, "the parameter of an age is a text such as 24h", "")
    if parameter.has_default:
        try:
            _time.parse_duration(parameter.default)
        except MalformedError as cause:
            raise _error(block, path, place, f"the default {parameter.default!r} is no duration", cause.hint) from cause


def _check_path(block: Yaml, path: str, place: tuple[str | int, ...], kind: str, fact: str) -> None:
    schema = kinds()[kind].schema
    walked = kind
    for part in fact.split("."):
        members = _item(schema).get("properties", {})
        if part not in members:
            hint = suggestion(part, members) if members else ""
            raise _error(block, path, place, f"{walked} has no {part}", hint)
        schema, walked = members[part], f"{walked}.{part}"
    inner = _item(schema)
    if inner.get("properties"):
        example = f"{fact}.{min(inner['properties'])}"
        raise _error(block, path, place, f"{walked} holds more facts", f"name those that are read, such as {example}")


def _item(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while schema.get("type") == "array":
        schema = schema["items"]
    return schema


def _error(block: Yaml, path: str, place: tuple[str | int, ...], message: str, hint: str) -> PolicyError:
    return PolicyError(message, where=f"{path}:{block.line(*place)}", hint=hint, code="metadata.facts")
