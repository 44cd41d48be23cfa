"""Python's core metadata (``METADATA`` of wheels, ``PKG-INFO`` of sdists) as facts of the kind ``artifact``.

https://packaging.python.org/specifications/core-metadata: header fields, then perhaps a description.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)")
_ONCE: Final = ("name", "version", "license", "license-expression")
_CLASSIFIER: Final = "License :: "
_PEOPLE: Final = ("author", "author-email", "maintainer", "maintainer-email")
_RUNS: Final = re.compile(r"[-_.]+")
_MAX_LICENSE: Final = 200
"""Characters of a licence's name; ``License`` often holds a whole text, whose first line says as much."""

Metadata = dict[str, list[str]]
"""Values by field name in lower case, in order."""


def parse(content: bytes, *, where: str) -> Metadata:
    """Read the header fields.

    Raises:
        MalformedError: Not UTF-8, a line that is no field, or a field twice that may be there once.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as cause:
        raise MalformedError("not UTF-8", where=where, code="artifact.metadata") from cause
    found: dict[str, list[list[str]]] = {}
    last: list[list[str]] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line:
            break  # the description follows
        match = _FIELD.fullmatch(line)
        if match:
            last = found.setdefault(match[1].lower(), [])
            last.append([match[2].strip()])
        elif line[0] in " \t" and last:
            last[-1].append(line.strip())
        else:
            raise MalformedError("not a field", where=f"{where}: line {number}", code="artifact.metadata")
    for name in _ONCE:
        if len(found.get(name, [])) > 1:
            raise MalformedError(f"the field {name} is there twice", where=where, code="artifact.metadata")
    return {name: ["\n".join(lines) for lines in values] for name, values in found.items()}


def facts(metadata: Metadata, *, data: bytes, file_name: str, form: str, builder: str, where: str) -> dict[str, Any]:
    """The facts of an artifact that has this metadata.

    Raises:
        MalformedError: It has no name or no version.
    """
    name, version = (_one(metadata, field, where) for field in ("name", "version"))
    claimed = _named(file_name)
    agrees = claimed == (normal(name), _RUNS.sub("-", version.lower()))
    return {
        "file_name": file_name,
        "format": form,
        "name": name,
        "version": version,
        "licenses": _licenses(metadata),
        "contributors": _distinct(value for field in _PEOPLE for value in metadata.get(field, ())),
        "urls": _urls(metadata),
        "digest": _json.digest(data),
        "complete": agrees,
        **fields.known(builder=builder, claimed=None if agrees else {"file_name": file_name}),
    }


def normal(name: str) -> str:
    """A project's name in its one normal form (packaging specifications, name normalization)."""
    return _RUNS.sub("-", name).lower()


def _named(file_name: str) -> tuple[str, str]:
    """Name and version in the name of a file, in normal form."""
    if file_name.endswith(".whl"):
        name, _, rest = file_name.partition("-")
        return normal(name), _RUNS.sub("-", rest.partition("-")[0].lower())
    name, _, version = file_name.removesuffix(".tar.gz").rpartition("-")
    return normal(name), _RUNS.sub("-", version.lower())


def _one(metadata: Metadata, name: str, where: str) -> str:
    value = metadata.get(name, [""])[0]
    if not value:
        raise MalformedError(f"no {name}", where=where, code="artifact.metadata")
    return value


def _licenses(metadata: Metadata) -> list[str]:
    stated = metadata.get("license-expression") or metadata.get("license") or []
    lines = [line.strip() for value in stated for line in value.split("\n") if line.strip()][:1]
    classified = [
        value.rpartition(" :: ")[2] for value in metadata.get("classifier", ()) if value.startswith(_CLASSIFIER)
    ]
    return _distinct(value[:_MAX_LICENSE] for value in (*lines, *classified))


def _urls(metadata: Metadata) -> list[str]:
    projects = (value.partition(",")[2] or value for value in metadata.get("project-url", ()))
    return _distinct((*metadata.get("home-page", ()), *metadata.get("download-url", ()), *projects))


def _distinct(values: Iterable[str]) -> list[str]:
    """The values that say something, each once, in order; ``UNKNOWN`` is what old tools wrote for nothing."""
    stripped = (value.strip() for value in values)
    return list(dict.fromkeys(value for value in stripped if value and value != "UNKNOWN"))
