"""Statements: facts that people or small tools write themselves, in TOML or JSON.

Some evidence has no tool that writes it: a runbook that was reviewed, a risk that was weighed. Its kind has
``x-statement`` in its schema, and a file that begins with ``statement = "<kind>"`` (or a JSON object with that member)
is read as the facts it spells out. What can be counted is counted here, an item without a locator gets its JSON
pointer, a file that was read whole is complete unless it says otherwise, and ``about`` names the digest of what it
speaks of. Nothing else is filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts import kind as kind_called
from gatekeeper.facts import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.collect.reading import Report

SUFFIX: Final = "-statement"
"""Ends the format of every statement: ``release-notes-statement``."""

_NAME: Final = "statement"
_ABOUT: Final = "about"
_TOML: Final = re.compile(rb"(?:[ \t\r\n]|#[^\n]*\n)*statement[ \t]*=[ \t]*[\"']([^\"'\n]*)[\"']")
_DIGEST: Final = re.compile(r"(sha256|sha512|sha1|gitCommit):([0-9a-f]{40,128})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A collector of statements of one kind."""

    kind: str

    @property
    def format(self) -> str:
        """The format's name."""
        return self.kind.replace("_", "-") + SUFFIX

    def matches(self, report: Report) -> bool:
        """Whether it is a statement of this kind."""
        return named(report) == self.kind

    def read(self, report: Report) -> Reading:
        """Read the statement.

        Raises:
            MalformedError: It cannot be parsed, or does not say what its kind asks; ``where`` has the place.
        """
        said = dict(report.json if report.looks_like_json else report.toml)
        del said[_NAME]
        targets = _targets(said.pop(_ABOUT, []))
        schema = kind_called(self.kind).schema
        facts = _filled({"complete": True, **said}, schema, "")
        kind_called(self.kind).validate(facts)
        media_type = "application/json" if report.looks_like_json else "application/toml"
        return Reading(kind=self.kind, format=self.format, facts=facts, media_type=media_type, targets=targets)


@cache
def collectors() -> tuple[Statement, ...]:
    """A collector for each kind that may be stated."""
    return tuple(Statement(kind=name) for name, kind in kinds().items() if kind.schema.get("x-statement") is True)


def named(report: Report) -> str:
    """The kind that a statement says it is of, as it stands there; empty when the report is no statement."""
    if not report.looks_like_json:
        match = _TOML.match(report.data[:65_536])
        return match[1].decode("utf-8", "replace") if match else ""
    try:
        name = report.json.get(_NAME) if isinstance(report.json, dict) else None
    except MalformedError:
        return ""
    return name if isinstance(name, str) else ""


def _targets(about: Any) -> tuple[Mapping[str, str], ...]:
    listed = [about] if isinstance(about, str) else about
    if not isinstance(listed, list):
        raise MalformedError("not a digest", where=f"/{_ABOUT}", hint='about = "sha256:..."', code="statement.about")
    return tuple(_target(item, index) for index, item in enumerate(listed))


def _target(text: Any, index: int) -> Mapping[str, str]:
    match = _DIGEST.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        hint = 'about = "sha256:..."'
        raise MalformedError("not a digest", where=f"/{_ABOUT}/{index}", hint=hint, code="statement.about")
    return {match[1]: match[2]}


def _filled(value: Any, schema: Mapping[str, Any], place: str) -> Any:
    """The facts with what need not be written: the counts of lists, and the place of each item."""
    if isinstance(value, list):
        inner = schema.get("items", {})
        return [_filled(item, inner, f"{place}/{index}") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    filled = {
        name: _filled(item, properties.get(name, {}), place + _json.pointer(name)) for name, item in value.items()
    }
    for name, inner in properties.items():
        counted = filled.get(inner.get("x-count-of", ""))
        if isinstance(counted, list):
            filled.setdefault(name, len(counted))
    if "locator" in properties and place:
        filled.setdefault("locator", place)
    return filled
