"""What was found out about an attestation's bytes and holds whatever the time, so that a kept gate looks once.

Parsing a statement, checking facts against their schema and checking signatures give the same for the same bytes and
keys. Whether a key counts now, whether the subject is the one asked about, whether a slot takes it: all that is judged
again for every decision.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

MOST_BYTES: Final = 16 * 1024 * 1024
"""Payloads of that many bytes in all are remembered; parsed, they hold about seven times as much."""


class Memory:
    """Remembers results by what they follow from; the least used go first. It can be shared by threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._found: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: Hashable, size: int, make: Callable[[], T]) -> T:
        """What was found under a key, or what ``make`` finds now. An error is raised and not remembered.

        Args:
            key: All that the result follows from, large bytes by their digest.
            size: Bytes that the result was made of.
            make: Finds out.
        """
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                found: T = self._found[key][1]
                return found
        made = make()
        self._keep(key, size, made)
        return made

    def _keep(self, key: Hashable, size: int, made: Any) -> None:
        if size > self._most:
            return
        with self._lock:
            if key not in self._found:
                self._held += size
            self._found[key] = (size, made)
            while self._held > self._most:
                self._held -= self._found.popitem(last=False)[1][0]
