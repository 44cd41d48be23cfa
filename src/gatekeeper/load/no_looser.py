"""A project tightens its base and does nothing else: the first loosening is an error, with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.errors import ConfigError
from gatekeeper.load.table import TomlFile, read_toml
from gatekeeper.tighten import changes, loosenings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.load.base import Ground
    from gatekeeper.stage import GateSpec
    from gatekeeper.tighten_words import Change

_HINT: Final = "a project may only tighten its base; gatekeeper gate diff lists what it changes"


def refuse_loosening(ground: Ground, spec: GateSpec) -> None:
    """Compare a gate with its base, and that one with its own.

    Raises:
        ConfigError: It loosens its base, with the line that does.
    """
    if ground.base is None or spec.base is None:
        return
    refuse_loosening(ground.base, spec.base)
    for change in loosenings(changes(spec.base, spec)):
        where = place_of(change, ground)
        problem = f"it loosens its base {spec.base.name}: {change.message}"
        raise ConfigError(problem, where=where, hint=_HINT, code="base.loosened")


def base_of(spec: GateSpec, digest: str, *, where: str) -> Mapping[str, Any]:
    """The base that somebody insists on, among those that a gate stands on.

    Raises:
        MalformedError: ``digest`` is no digest.
        ConfigError: The gate does not stand on it, or it says nothing of whose word counts.
    """
    _json.check_digest(digest, where="base")
    found = next((base for base in spec.bases if base["digest"] == digest), None)
    if found is None:
        stands = " and ".join(f"{base['name']} {base['digest']}" for base in spec.bases) or "no base"
        hint = "extends in gate.toml names the base; gatekeeper gate show tells its digest"
        raise ConfigError(f"the gate stands on {stands}, not on {digest}", where=where, hint=hint, code="base.other")
    if found["open_trust"]:
        hint = "insist on a base that names signers and people, or on the gate's own digest"
        problem = f"the base {found['name']} says nothing of whose word counts"
        raise ConfigError(problem, where=where, hint=hint, code="base.open_trust")
    return found


def place_of(change: Change, ground: Ground) -> str:
    """``file:line`` of a change, in the file of the gate that makes it."""
    if change.place[0] != "trust":
        return _nearest(ground.table.file, change.place)
    if ground.trust is None:
        return _nearest(ground.table.file, ("extends",))
    return _nearest(read_toml(ground.trust).file, change.place[1:])


def _nearest(file: TomlFile, keys: tuple[str, ...]) -> str:
    """The line of a key, or of what it is written in: an inline table is one line."""
    while len(keys) > 1 and not file.names(keys):
        keys = keys[:-1]
    return f"{file.label or file.path.name}:{file.line(keys)}"
