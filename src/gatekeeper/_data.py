"""The library's own data: packs, schemas and gate templates, in a wheel and in a source tree alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

from gatekeeper.errors import SourceError

_PACKAGE: Final = Path(__file__).resolve().parent


@cache
def folder(name: Literal["policies", "schemas", "gates"]) -> Path:
    """The folder of the library's own ``policies``, ``schemas`` or ``gates``.

    A wheel carries them inside the package; in a source tree ``policies`` and ``schemas`` lie at its root.

    Raises:
        SourceError: It is not there: the installation is broken.
    """
    for candidate in (_PACKAGE / f"_{name}", _PACKAGE.parents[1] / name):
        if candidate.is_dir():
            return candidate
    raise SourceError(f"the library's own {name} are missing", hint="install gatekeeper again", code="source.data")
