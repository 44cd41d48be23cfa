"""``pack.toml``: name, version and description of a pack; its style, with what conftest has no METADATA for."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper._limits import MAX_POLICY_BYTES
from gatekeeper.errors import ConfigError, GatekeeperError, PolicyError, UsageError
from gatekeeper.load.table import Table, TomlFile, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFTEST: Final = "conftest"
STYLES: Final = ("gatekeeper", CONFTEST)
SEVERITIES: Final = ("low", "medium", "high", "critical")
_TEXTS: Final = ("name", "version", "description")
_KEYS: Final = (*_TEXTS, "style", "rules")
_RULE: Final = re.compile(r"[a-z][a-z0-9_]*")
_NAMESPACE: Final = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*"
_VERSION: Final = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
"""Semantic Versioning 2.0.0, section "Backus-Naur Form Grammar", without the rule on leading zeros of pre-releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """What a pack in the style of conftest says of one namespace, which is one rule.

    Attributes:
        rule: What the rule is called.
        namespace: The package that is asked, ``main``.
        title, description, remedy, severity, controls: As in METADATA.
        requires: Members that every document has, as paths (``metadata.name``): the rule's input.
        combine: All documents are asked about at once, as by ``conftest test --combine``.
        where: File and line.
    """

    rule: str
    namespace: str
    title: str
    description: str
    remedy: str
    severity: str
    controls: tuple[str, ...]
    requires: tuple[str, ...]
    combine: bool
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A ``pack.toml``.

    Attributes:
        name, version, description: As they stand there.
        namespaces: Of a pack in the style of conftest, at least one, sorted by rule; else none.
    """

    name: str
    version: str
    description: str
    namespaces: tuple[Namespace, ...]


def read_settings(path: Path) -> Settings:
    """Read a ``pack.toml``.

    Raises:
        PolicyError: It is missing, not TOML, or a key is missing, unknown or wrong.
    """
    text = _text(path)
    try:
        settings = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as cause:
        raise PolicyError(f"not TOML: {cause}", where=str(path), code="pack.toml") from cause
    for key in settings:
        if key not in _KEYS:
            raise _error(path, text, key, f"{key} is no part of a pack.toml", suggestion(key, _KEYS))
    for key in _TEXTS:
        if not isinstance(settings.get(key), str) or not settings[key].strip():
            raise _error(path, text, key, f"{key} is missing or no text", f'write {key} = "..."')
    if settings["name"] != path.parent.name:
        raise _error(path, text, "name", f"the name is not that of the folder, {path.parent.name}", "")
    if not _VERSION.fullmatch(settings["version"]):
        raise _error(path, text, "version", f"{settings['version']!r} is no version", 'write version = "1.0.0"')
    try:
        namespaces = tuple(_namespaces(Table(settings, TomlFile(path, text, str(path)))))
    except ConfigError as cause:
        raise PolicyError(cause.message, where=cause.where, hint=cause.hint, code="pack.toml") from cause
    return Settings(**{key: settings[key] for key in _TEXTS}, namespaces=namespaces)


def _namespaces(table: Table) -> Iterator[Namespace]:
    style = table.choice("style", STYLES, STYLES[0])
    rules = table.table("rules")
    if style != CONFTEST and rules.values:
        raise table.error("rules stand in their own folders", "rules", hint=f'or write style = "{CONFTEST}"')
    if style == CONFTEST and not rules.values:
        raise table.error("the pack names no rule", "style", hint='add [rules.<name>] with namespace = "main"')
    for name, entry in sorted(rules.named()):
        if not _RULE.fullmatch(name):
            raise entry.error(f"{name!r} is no name for a rule", hint="small letters, digits and underscores")
        yield _namespace(name, entry)


def _namespace(name: str, entry: Table) -> Namespace:
    requires = entry.texts("requires")
    if not requires or not all(re.fullmatch(_NAMESPACE, path) for path in requires):
        hint = 'name what each document has, such as requires = ["kind", "metadata.name"]'
        raise entry.error("requires names no members", "requires", hint=hint)
    severity = entry.choice("severity", (*SEVERITIES, ""), "")
    made = Namespace(
        rule=name,
        namespace=entry.text("namespace", pattern=_NAMESPACE),
        title=entry.text("title"),
        description=entry.text("description"),
        remedy=entry.text("remedy"),
        severity=severity,
        controls=tuple(sorted(entry.texts("controls", ()))),
        requires=requires,
        combine=entry.boolean("combine", default=False),
        where=entry.where(),
    )
    entry.finish()
    return made


def _text(path: Path) -> str:
    try:
        return _files.read_bytes(path, limit=MAX_POLICY_BYTES).decode()
    except UsageError as cause:
        hint = "every folder in a folder of packs is a pack, with name, version and description in it"
        raise PolicyError("there is no pack.toml", where=str(path.parent), hint=hint, code="pack.toml") from cause
    except (UnicodeDecodeError, GatekeeperError) as cause:
        raise PolicyError(f"cannot be read: {cause}", where=str(path), code="pack.toml") from cause


def _error(path: Path, text: str, key: str, message: str, hint: str) -> PolicyError:
    line = next((at for at, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*{re.escape(key)}\b", line)), 1)
    return PolicyError(message, where=f"{path}:{line}", hint=hint, code="pack.toml")
