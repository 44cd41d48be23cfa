"""The kinds of evidence and their schemas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gatekeeper import _data, _files, _json
from gatekeeper.errors import UsageError
from gatekeeper.facts.recount import check_claimed, recount
from gatekeeper.facts.schema import Check, compile_schema, validate

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of evidence, such as ``test_results``.

    Attributes:
        name: What ``input.<kind>`` and slots call it.
        schema: The JSON Schema of its facts, from ``schemas/<name>.json``.
        check: The schema, compiled.
        examined: The fact that counts what was looked at; zero is unanswered. Empty when the kind has none.
        times: The facts that say when the producer looked; ages count from the oldest.
    """

    name: str
    schema: Mapping[str, Any]
    check: Check
    examined: str
    times: tuple[str, ...]

    def validate(self, facts: Any, *, where: str = "$") -> None:
        """Check facts against the schema and their counts against the items that are there.

        Raises:
            MalformedError: With the place of the first problem.
        """
        validate(self.check, facts, where=where)
        recount(self.name, facts, where=where)
        check_claimed(facts, where=where)


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by name, in order."""
    paths = sorted(_data.folder("schemas").glob("*.json"))
    loaded = (_json.parse_object(_files.read_bytes(path), where=path.name) for path in paths)
    return {schema["x-kind"]: _kind(schema) for schema in loaded if "x-kind" in schema}


def kind(name: str, *, where: str = "") -> Kind:
    """The kind called ``name``.

    Raises:
        UsageError: There is none; the hint names those there are.
    """
    known = kinds()
    if name not in known:
        raise UsageError(
            f"no kind of evidence is called {name!r}", where=where, hint=f"one of {', '.join(known)}", code="kind"
        )
    return known[name]


def _kind(schema: dict[str, Any]) -> Kind:
    return Kind(
        name=schema["x-kind"],
        schema=schema,
        check=compile_schema(schema),
        examined=schema.get("x-examined", ""),
        times=tuple(schema.get("x-times", ())),
    )
