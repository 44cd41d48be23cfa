"""A rule's input type: the closed JSON Schema that its ``needs`` and ``parameters`` make.

OPA's checker refuses every read that the schema does not have. It takes an object without properties for one that
may hold anything, so none is ever written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import PolicyError
from gatekeeper.facts import kinds
from gatekeeper.policy import BASELINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.policy import Rule

Schema = dict[str, Any]

ALWAYS_READABLE: Final = ("complete", "source")
"""Members that every document has, declared or not."""

_TEXT: Final[Schema] = {"type": "string"}
_SOURCE_TEXTS: Final = ("digest", "format", "kind", "name", "producer", "shard", "slot", "verified_at")
_SUBJECT: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"name": _TEXT, "digest": {"type": "object", "additionalProperties": _TEXT}},
}

LIBRARY_SCHEMA: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"a_library_reads_no_input": {"type": "boolean"}},
}
"""What a pack's own ``lib`` may read: nothing. The one property is there because OPA opens an empty object."""

ADAPTED: Final = "conftest"
"""The word after ``lib`` in the packages of policies of conftest's, ``gatekeeper.<pack>.lib.conftest.main``."""

DOCUMENT_SCHEMA: Final[Schema] = {"type": "object"}
"""What policies of conftest's may read: a document, of which nothing is known beforehand."""


def library_schema(package: str) -> Schema:
    """What the modules of a library's package may read as ``input``."""
    return DOCUMENT_SCHEMA if package.split(".")[3:4] == [ADAPTED] else LIBRARY_SCHEMA


def input_schema(rule: Rule) -> Schema:
    """The closed schema of what a rule may read as ``input``.

    Raises:
        PolicyError: ``needs`` names a kind or fact that does not exist.
    """
    properties = {kind: _documents(rule, kind, paths) for kind, paths in rule.facts.items()}
    if rule.baseline:
        before = {kind: _documents(rule, kind, paths) for kind, paths in rule.baseline.items()}
        properties[BASELINE] = _closed(before)
    if rule.parameters:
        properties["parameters"] = _closed({name: _type(par.schema) for name, par in rule.parameters.items()})
    return _closed({**properties, "subject": _SUBJECT})


def editor_schema(rules: Iterable[Rule]) -> Schema:
    """All that any of some rules could read as ``input``, for editors that know one schema for all of them.

    Kinds are there whole, whatever a rule declares. A parameter that two rules give two types may hold anything, and so
    may a source: tests write as much of one as they please.
    """
    documents: dict[str, Schema] = {}
    for kind in kinds():
        document = kind_schema(kind)
        document["properties"] = {**document["properties"], "source": {}}
        documents[kind] = {"type": "array", "items": document}
    parameters: dict[str, Schema] = {}
    for rule in rules:
        for name, parameter in rule.parameters.items():
            found = _type(parameter.schema)
            parameters[name] = found if parameters.get(name, found) == found else {}
    return _closed({**documents, BASELINE: _closed(documents), "parameters": _closed(parameters), "subject": _SUBJECT})


def kind_schema(kind: str) -> Schema:
    """All that a document of a kind can hold."""
    return _document(_type(kinds()[kind].schema)["properties"])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean NAME?`` for the nearest of the known names; empty when none is near."""
    import difflib

    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else ""


def _documents(rule: Rule, kind: str, paths: Iterable[str]) -> Schema:
    known = kinds()
    if kind not in known:
        hint = did_you_mean(kind, known) or f"one of {', '.join(known)}"
        raise PolicyError(f"{rule.id} needs {kind}, which is no kind of evidence", where=rule.path, hint=hint)
    chosen = _chosen(known[kind].schema, sorted(paths), rule, kind)
    return {"type": "array", "items": _document(chosen.get("properties", {}))}


def _document(facts: Mapping[str, Schema]) -> Schema:
    source = dict.fromkeys(_SOURCE_TEXTS, _TEXT) | {"signers": {"type": "array", "items": _TEXT}}
    return _closed({**facts, "complete": {"type": "boolean"}, "source": _closed(source)})


def _chosen(schema: Mapping[str, Any], paths: list[str], rule: Rule, place: str) -> Schema:
    """The part of a fact schema below the declared paths; an empty path takes the whole."""
    if "" in paths:
        return _type(schema)
    if schema.get("type") == "array":
        return {"type": "array", "items": _chosen(schema["items"], paths, rule, place)}
    known = schema.get("properties", {})
    heads = {path.partition(".")[0] for path in paths}
    if known:
        _refuse_unknown(heads - known.keys(), known, rule, place)
    elif schema and not schema.get("additionalProperties", False):
        raise PolicyError(f"{rule.id} needs {place}.{min(heads)}: {place} has no members", where=rule.path)
    return _closed({head: _chosen(known.get(head, {}), _below(head, paths), rule, f"{place}.{head}") for head in heads})


def _below(head: str, paths: list[str]) -> list[str]:
    split = (path.partition(".") for path in paths)
    return [rest for first, _, rest in split if first == head]


def _refuse_unknown(unknown: set[str], known: Mapping[str, Any], rule: Rule, place: str) -> None:
    for name in sorted(unknown):
        raise PolicyError(
            f"{rule.id} needs {place}.{name}: {place} has no {name}; it has {', '.join(sorted(known))}",
            where=rule.path,
            hint=did_you_mean(name, known),
        )


def _type(schema: Mapping[str, Any]) -> Schema:
    """The type that a schema states, closed; bounds and enumerations are checked elsewhere."""
    match schema.get("type"):
        case "array":
            return {"type": "array", "items": _type(schema.get("items", {}))}
        case "object" if schema.get("properties"):
            return _closed({name: _type(member) for name, member in schema["properties"].items()})
        case None:
            return {}
        case name:
            return {"type": name}


def _closed(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": dict(sorted(properties.items()))}
