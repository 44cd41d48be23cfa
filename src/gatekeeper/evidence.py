"""Evidence: an immutable set of attestations that knows nothing of trust."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from gatekeeper import _files, _json
from gatekeeper._limits import MAX_FILES, MAX_ITEMS
from gatekeeper.attestation import Attestation, read_attestation, unreadable
from gatekeeper.errors import LimitError, MalformedError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_CLAIMS: Final = (".intoto.json", ".dsse.json", ".sigstore.json", ".sigstore", ".record.json", ".jsonl")
"""Endings of files that say they hold attestations: broken content is kept to be rejected, not ignored."""


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
        ordered = sorted(attestations, key=lambda item: (item.name, item.slot), reverse=True)
        unique = {(item.digest, item.slot): item for item in ordered}
        if len(unique) > MAX_ITEMS:
            raise LimitError(f"more than {MAX_ITEMS} attestations", code="evidence.count")
        return cls(tuple(unique[key] for key in sorted(unique)), tuple(sorted(set(ignored))))

    @classmethod
    def read(cls, *paths: str | os.PathLike[str]) -> Evidence:
        """Read attestations from files (JSON, or JSON lines for ``.jsonl``) and from all files of folders.

        What is no attestation in a folder is listed in ``ignored``; what claims to be one and cannot be read is
        kept and will be rejected with its reason.

        Raises:
            UsageError: A path is not there, a file named outright is no attestation, a folder holds none.
            SourceError: A file cannot be read, or a folder holds a device, pipe, socket or link out of it.
            LimitError: More files or attestations than are read.
        """
        body = cls(())
        for path in paths:
            body |= _read_folder(Path(path)) if _files.is_folder(path) else _read_named(path)
        return body

    @property
    def digest(self) -> str:
        """The digest over the sorted digests of the bytes received."""
        return digest_over({item.digest for item in self.items})

    def __or__(self, other: Evidence) -> Evidence:
        return Evidence.of((*self.items, *other.items), ignored=(*self.ignored, *other.ignored))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Attestation]:
        return iter(self.items)


def digest_over(digests: Collection[str]) -> str:
    """The digest of evidence: over the sorted digests of the bytes received, each once."""
    return _json.digest("\n".join(sorted(set(digests))).encode())


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, sorted; hidden ones too.

    Raises:
        SourceError: A device, a pipe, a socket, or a link that leads out of the folder.
        LimitError: More than :data:`gatekeeper._limits.MAX_FILES`.
    """
    root = os.path.realpath(folder)
    found: list[Path] = []
    links: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        found += [Path(parent, name) for name in names]
        links += [path for name in folders if (path := Path(parent, name)).is_symlink()]
        if len(found) > MAX_FILES:
            raise LimitError(f"more than {MAX_FILES} files", where=str(folder), code="evidence.files")
    for path in (*found, *links):  # what a linked folder holds is read where it is, once
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise SourceError("a link that leads out of the folder", where=str(path), code="source.link")
    for path in found:
        if not path.is_file():
            raise SourceError("not a regular file", where=str(path), code="source.not_regular")
    return sorted(found)


def _refuse(problem: OSError) -> NoReturn:
    """A folder that cannot be listed would otherwise be passed over in silence."""
    where = str(problem.filename)
    raise SourceError(f"cannot be listed: {problem.strerror}", where=where, code="source.list") from problem


def _read_named(path: str | os.PathLike[str]) -> Evidence:
    items = read_file(_files.read_bytes(path), Path(path).name, named=True)
    if not items:
        hint = "a raw report is attested first: gatekeeper attest, or decide --evidence"
        raise UsageError("not an attestation", where=str(path), hint=hint, code="usage.not_attestation")
    return Evidence.of(items)


def _read_folder(folder: Path) -> Evidence:
    items: list[Attestation] = []
    ignored: list[str] = []
    for path in files_below(folder):
        found = read_file(_files.read_bytes(path), path.name, named=False)
        items.extend(found)
        if not found:
            ignored.append(path.relative_to(folder).as_posix())
    if not items:
        raise UsageError("no attestation in this folder", where=str(folder), code="usage.empty_folder")
    return Evidence.of(items, ignored=ignored)


def read_file(data: bytes, name: str, *, named: bool) -> list[Attestation]:
    """The attestations in one file.

    Args:
        data: The file's bytes.
        name: Its name; ``.jsonl`` means one attestation a line.
        named: The user named it outright, so that what looks like an attestation and is broken is kept to be rejected.
    """
    if name.endswith(".jsonl"):
        lines = [(number, line) for number, line in enumerate(data.splitlines(), start=1) if line.strip()]
        return [item for number, line in lines for item in _one(line, name, named=True, where=f"{name}:{number}")]
    return _one(data, name, named=named, where=name)


def _one(data: bytes, name: str, *, named: bool, where: str) -> list[Attestation]:
    claims = name.endswith(_CLAIMS)
    try:
        item = read_attestation(data, name=name)
    except MalformedError as problem:
        claims |= named and data.lstrip()[:1] == b"{"
        return [unreadable(data, f"{where}: {problem.message}", name=name)] if claims else []
    if item is None and claims:
        item = unreadable(data, f"{where}: not an attestation", name=name)
    return [item] if item else []
