"""Two gates, read to be compared: of a project and its base, of two folders, of a tag and the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import GatekeeperError, UsageError
from gatekeeper.load import extends, extends_git
from gatekeeper.load.base import read_ground
from gatekeeper.load.gate_file import gate_on
from gatekeeper.load.no_looser import place_of
from gatekeeper.tighten import changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.load.base import Ground
    from gatekeeper.stage import GateSpec
    from gatekeeper.tighten_words import Change

_DIGEST: Final = "sha256:"


@dataclass(frozen=True, kw_only=True)
class Read:
    """A gate with what it was read from."""

    ground: Ground
    spec: GateSpec


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What two gates differ in.

    Attributes:
        old, new: The gates.
        changes: Each difference with its place, ``file:line`` in the file of the new one.
    """

    old: GateSpec
    new: GateSpec
    changes: tuple[tuple[str, Change], ...]

    @property
    def is_looser(self) -> bool:
        """Something passes that did not pass before, or nobody can tell."""
        return any(change.way == "loosening" for _, change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """The form for tools."""
        return {
            "old": {"name": self.old.name, "digest": self.old.digest},
            "new": {"name": self.new.name, "digest": self.new.digest},
            "looser": self.is_looser,
            "changes": [
                {"way": change.way, "where": where, "place": list(change.place), "message": change.message}
                for where, change in self.changes
            ],
        }


def compare(old: Read, new: Read) -> Diff:
    """Every difference between two gates."""
    found = tuple((place_of(change, new.ground), change) for change in changes(old.spec, new.spec))
    return Diff(old=old.spec, new=new.spec, changes=found)


def against_base(path: Path) -> Diff | None:
    """What a gate changes of its base; None where it stands alone.

    Raises:
        GatekeeperError: One of them cannot be read.
    """
    new = _read(path, path.name)
    if new.ground.base is None or new.spec.base is None:
        return None
    return compare(Read(ground=new.ground.base, spec=new.spec.base), new)


def read(named: str) -> Read:
    """A gate by its file or folder, as ``extends`` names bases, or by the digest of a base in the cache.

    Raises:
        UsageError: There is no such gate.
        GatekeeperError: It cannot be read.
    """
    if named.startswith(_DIGEST):
        return _cached(named)
    if named.startswith((extends.LIBRARY, extends.GIT)):
        source = extends.find(named, Path(), where=named)
        return _read(source.folder / "gate.toml", f"{source.name}/gate.toml")
    path = Path(named) / "gate.toml" if Path(named).is_dir() else Path(named)
    return _read(path, path.as_posix())


def _read(path: Path, label: str) -> Read:
    ground = read_ground(path, is_base=True, label=label)
    return Read(ground=ground, spec=gate_on(ground))


def _cached(digest: str) -> Read:
    for found in _all_cached():
        if found.spec.digest == digest:
            return found
    hint = "name its folder, or its address in git"
    raise UsageError(f"no gate in the cache is {digest}", hint=hint, code="usage.gate_digest")


def _all_cached() -> Iterator[Read]:
    """Every base in the cache that can be read; what cannot is none that was asked for."""
    for path in sorted(extends_git.cache_folder().glob("*/**/gate.toml")):
        try:
            yield _read(path, path.name)
        except GatekeeperError:
            continue
