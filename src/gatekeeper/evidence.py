"""Evidence: an immutable set of attestations that knows nothing of trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper import _json
from gatekeeper._limits import MAX_ITEMS
from gatekeeper.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

    from gatekeeper.attestation import Attestation


@dataclass(frozen=True, slots=True)
class Evidence:
    """A body of evidence: attestations, each once, in the order of their digests.

    Attributes:
        items: The attestations.
        ignored: Files of a folder that were no attestation; always shown, never silently dropped.
    """

    items: tuple[Attestation, ...]
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, attestations: Iterable[Attestation], *, ignored: Iterable[str] = ()) -> Evidence:
        """The set of ``attestations``; order and repetition do not matter.

        Raises:
            LimitError: More than :data:`gatekeeper._limits.MAX_ITEMS`.
        """
        unique = {(item.digest, item.slot): item for item in sorted(attestations, key=lambda item: (item.name, item.slot))}
        if len(unique) > MAX_ITEMS:
            raise LimitError(f"more than {MAX_ITEMS} attestations", code="evidence.count")
        return cls(tuple(unique[key] for key in sorted(unique)), tuple(sorted(set(ignored))))

    @classmethod
    def read(cls, *paths: str | PathLike[str]) -> Evidence:
        """Read attestations from files (JSON or JSON lines) and folders; see :func:`gatekeeper.files.read_evidence`.

        Raises:
            UsageError: A path is not there, a file named outright is no attestation, a folder has none.
            SourceError: A file cannot be read.
        """
        from gatekeeper import files  # noqa: PLC0415 - reading is the world's business; values stay free of it

        return files.read_evidence(paths)

    @property
    def digest(self) -> str:
        """The digest over the sorted digests of the bytes received."""
        return _json.digest("\n".join(sorted({item.digest for item in self.items})).encode())

    def __or__(self, other: Evidence) -> Evidence:
        return Evidence.of((*self.items, *other.items), ignored=(*self.ignored, *other.ignored))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Attestation]:
        return iter(self.items)
