"""``pack.toml``: name, version and description of a pack."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper._limits import MAX_POLICY_BYTES
from gatekeeper.errors import GatekeeperError, PolicyError, UsageError
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from pathlib import Path

_KEYS: Final = ("name", "version", "description")
_VERSION: Final = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
"""Semantic Versioning 2.0.0, section "Backus-Naur Form Grammar", without the rule on leading zeros of pre-releases."""


def read_settings(path: Path) -> dict[str, str]:
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
    for key in _KEYS:
        if not isinstance(settings.get(key), str) or not settings[key].strip():
            raise _error(path, text, key, f"{key} is missing or no text", f'write {key} = "..."')
    if settings["name"] != path.parent.name:
        raise _error(path, text, "name", f"the name is not that of the folder, {path.parent.name}", "")
    if not _VERSION.fullmatch(settings["version"]):
        raise _error(path, text, "version", f"{settings['version']!r} is no version", 'write version = "1.0.0"')
    return settings


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
