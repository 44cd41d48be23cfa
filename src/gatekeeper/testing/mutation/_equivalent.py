"""``equivalent.toml`` beside a ``pack.toml``: mutants that are no faults, each with the reason why.

::

    [[equivalent]]
    file = "source/source.rego"
    line = 'ref := concat("@", array.slice(split(report.source_uri, "@"), 1, 100))'
    change = "number: 100 -> 101"
    reason = "A reference of more than 99 parts between @ is not written by anybody."

An entry that names no mutant, or one that a test kills, is an error: what is listed is what is left.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files
from gatekeeper.errors import GatekeeperError, PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gatekeeper.testing.mutation.report import Mutant

NAME: Final = "equivalent.toml"
_KEYS: Final = ("file", "line", "change", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One mutant that is no fault.

    Attributes:
        file: Below the folder of the pack.
        line, change: As the mutant has them.
        reason: Why nothing can tell it from the rule.
        folder: The folder that ``file`` is below.
        where: Which entry it is.
    """

    file: str
    line: str
    change: str
    reason: str
    folder: Path
    where: str

    def names(self, mutant: Mutant) -> bool:
        """Whether it speaks of this mutant."""
        return (self.folder / self.file, self.line, self.change) == (mutant.file, mutant.line, mutant.change)


def read(folder: Path) -> tuple[Entry, ...]:
    """The entries of a pack; none where it has no such file.

    Raises:
        PolicyError: It is not TOML, or an entry is not complete.
    """
    path = folder / NAME
    if not path.exists():
        return ()
    try:
        value = tomllib.loads(_files.read_bytes(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, GatekeeperError) as cause:
        raise PolicyError(f"cannot be read: {cause}", where=str(path), code="mutation.equivalent") from cause
    entries = value.get("equivalent", [])
    if set(value) - {"equivalent"} or not isinstance(entries, list):
        raise _error(str(path), "it has something other than [[equivalent]]")
    found = [_entry(entry, folder, f"{path}#{number}") for number, entry in enumerate(entries, 1)]
    seen: set[tuple[str, str, str]] = set()
    for entry in found:
        if (entry.file, entry.line, entry.change) in seen:
            raise _error(entry.where, "it is there twice")
        if not (folder / entry.file).is_file():
            raise _error(entry.where, f"there is no such file: {entry.file}")
        seen.add((entry.file, entry.line, entry.change))
    return tuple(found)


def settle(mutants: Sequence[Mutant], entries: Sequence[Entry], *, metadata: bool) -> Iterator[Mutant]:
    """Mutants, the survivors that are listed marked as such.

    Args:
        mutants: All that were made of some files.
        entries: What is listed; entries on other files wait, and so do those on METADATA where that was not changed.
        metadata: Whether METADATA was changed.

    Raises:
        PolicyError: An entry names no mutant, or one that is no survivor.
    """
    files = {mutant.file for mutant in mutants}
    listed: dict[int, str] = {}
    for entry in entries:
        if entry.folder / entry.file in files and (metadata or not entry.line.startswith("#")):
            listed |= dict.fromkeys(_named(entry, mutants), entry.reason)
    for index, mutant in enumerate(mutants):
        yield replace(mutant, outcome="equivalent", reason=listed[index]) if index in listed else mutant


def _named(entry: Entry, mutants: Sequence[Mutant]) -> list[int]:
    found = [index for index, mutant in enumerate(mutants) if entry.names(mutant)]
    if not found:
        raise _error(entry.where, f"there is no mutant {entry.change!r} of {entry.line!r} in {entry.file}")
    alive = [index for index in found if mutants[index].outcome == "survived"]
    if not alive:
        raise _error(
            entry.where, f"{entry.change!r} of {entry.line!r} is {mutants[found[0]].outcome}, so it is a fault"
        )
    return alive


def _entry(value: Any, folder: Path, where: str) -> Entry:
    if not isinstance(value, dict) or set(value) != set(_KEYS):
        raise _error(where, f"an entry has {', '.join(_KEYS)}, and nothing else")
    for key in _KEYS:
        if not isinstance(value[key], str) or not value[key].strip():
            raise _error(where, f"{key} is no text")
    return Entry(**value, folder=folder, where=where)


def _error(where: str, message: str) -> PolicyError:
    hint = "take the entry out, or write it as `gatekeeper policy mutate` shows the mutant"
    return PolicyError(message, where=where, hint=hint, code="mutation.equivalent")
