"""Verdicts that were reached before, so that a run that was broken off goes on, and one without news is quick.

A verdict is kept under the digest of all that it follows from: the mutant's text, its tests and what they read, OPA,
and the version of this form. It is kept in the user's cache folder; whoever can write there can lie about scores.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _json
from gatekeeper.errors import GatekeeperError
from gatekeeper.testing.mutation._runs import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

_FORM: Final = "1"
_FATES: Final = frozenset({"killed", "survived", "invalid"})


def key(text: str, witnesses: Mapping[str, str], engine: str) -> str:
    """What a verdict is kept under."""
    parts = [_FORM, engine, text, *(part for item in sorted(witnesses.items()) for part in item)]
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


class Kept:
    """The verdicts of one pack.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held = dict(_read(path)) if path else {}

    def get(self, name: str) -> Verdict | None:
        """The verdict that is kept under a key."""
        return self._held.get(name)

    def add(self, verdicts: Mapping[str, Verdict]) -> None:
        """Keep more, at once on disk."""
        self._held |= verdicts
        self._write()

    def rescue(self, futures: Iterable[Future[dict[str, Verdict]]]) -> None:
        """Keep what was judged when a run is broken off, whichever of its parts was looked at first."""
        ended = [future for future in futures if future.done() and not future.cancelled() and not future.exception()]
        found = {name: verdict for future in ended for name, verdict in future.result().items()}
        if found.keys() - self._held.keys():
            self.add(found)

    def only(self, names: set[str]) -> None:
        """Forget all others."""
        if self._held.keys() - names:
            self._held = {name: verdict for name, verdict in self._held.items() if name in names}
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        value = {name: [held.fate, list(held.killers), held.reason] for name, held in sorted(self._held.items())}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        _files.write_atomic(self._path, _json.canonical(value))


def _read(path: Path) -> Mapping[str, Verdict]:
    """What is kept; what cannot be read is as good as nothing."""
    try:
        value = _json.parse_object(_files.read_bytes(path), where=str(path))
        return {name: _verdict(held) for name, held in value.items()}
    except (GatekeeperError, TypeError, ValueError):
        return {}


def _verdict(held: Any) -> Verdict:
    fate, killers, reason = held
    if fate not in _FATES:
        raise ValueError(fate)
    return Verdict(fate=fate, killers=tuple(str(killer) for killer in killers), reason=str(reason))
