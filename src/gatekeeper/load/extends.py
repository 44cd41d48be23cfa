"""Where a base gate is: a folder, a repository in git, or the library's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _data
from gatekeeper.errors import ConfigError
from gatekeeper.load._source import Source
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

LIBRARY: Final = "gatekeeper:"
"""What ``extends`` says before the name of a gate that comes with the library."""

GIT: Final = "git+"
_NO_GATES: Final = frozenset({"start", "project"})
"""The folders of ``gates`` that are no gates to extend, but what ``init`` writes for reports and for templates."""


def find(text: str, folder: Path, *, where: str, pinned: Mapping[str, str] | None = None) -> Source:
    """The base that ``extends`` names.

    Args:
        text: ``../org-gate``, ``git+https://host/gates@v14``, ``git+file:///srv/gates@v14#payments``, or
            ``gatekeeper:regulated-service``.
        folder: What a path is relative to.
        where: The place of ``extends``, for errors.
        pinned: What the lock says of it; a base in git is taken from that commit.

    Raises:
        ConfigError: It names nothing that can be a base.
        SourceError: It could not be fetched.
    """
    if text.startswith(LIBRARY):
        return _shipped(text, where)
    if text.startswith(GIT):
        from gatekeeper.load import extends_git

        return extends_git.find(text, where=where, commit=pinned["commit"] if pinned else "")
    if "://" in text:
        hint = 'write extends = "../org-gate", "git+https://host/gates@v14" or "gatekeeper:python-package"'
        raise ConfigError(f"{text} is no place of a base", where=where, hint=hint, code="base.source")
    return Source(text=text, folder=folder / text, name=Path(text).as_posix())


def shipped() -> tuple[str, ...]:
    """The names of the gates that come with the library, sorted."""
    root = _data.folder("gates")
    return tuple(sorted(path.parent.name for path in root.glob("*/gate.toml") if path.parent.name not in _NO_GATES))


def _shipped(text: str, where: str) -> Source:
    name = text.removeprefix(LIBRARY)
    if name not in shipped():
        hint = suggestion(name, shipped())
        raise ConfigError(f"no gate of the library is called {name!r}", where=where, hint=hint, code="base.source")
    return Source(text=text, folder=_data.folder("gates") / name, name=text)
