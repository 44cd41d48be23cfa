"""The OPA that a gate names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.errors import UsageError
from gatekeeper.load.table import read_toml

if TYPE_CHECKING:
    from pathlib import Path

TESTED: Final = "1.22.2"
"""The version that this version of the library was tested with."""


def named_engine(gate: Path | None) -> tuple[str, tuple[str, ...]]:
    """The version of OPA, and the digests of further binaries, that a gate names; ours where there is no gate.

    Nothing else of the gate is read, so that a gate with a mistake elsewhere still has an engine.

    Args:
        gate: A ``gate.toml``; None for none.

    Raises:
        UsageError: It is not there, or names another engine than OPA.
        ConfigError: It is not TOML, or names none; with file and line.
    """
    if gate is None:
        return TESTED, ()
    table = read_toml(gate)
    engine = table.text("engine")
    name, _, version = engine.partition(" ")
    if name != "opa" or not version:
        raise UsageError(
            f"engine is {engine!r}", where=table.where("engine"), hint=f'engine = "opa {TESTED}"', code="usage.engine"
        )
    return version, table.texts("engine_digests", ())
