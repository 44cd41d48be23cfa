"""What is judged: a name and its digests. Two subjects are the same when their digests agree, whatever the name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _files
from gatekeeper.errors import MalformedError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGEST_LENGTHS: Final[Mapping[str, int]] = MappingProxyType(
    {"sha256": 64, "sha512": 128, "gitCommit": 40, "gitTree": 40}
)
"""Digest algorithms a subject is bound by, with the length of their hexadecimal form.

Names are those of the in-toto DigestSet (spec/v1/digest_set.md). ``sha1`` and ``md5`` are read and never match:
a collision would let one artifact's evidence speak for another. ``gitCommit`` also comes with 64 digits in
repositories that use SHA-256.
"""

_HEX: Final = re.compile(r"[0-9a-f]+", re.ASCII)
Match = Literal["same", "other", "contradicts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A thing that may enter a stage, by digest.

    Attributes:
        name: What people call it: a file name, an image reference without tag, ``commit``. Never compared.
        digests: Pairs of algorithm and lower-case hexadecimal digest, sorted, at least one, algorithms of
            :data:`DIGEST_LENGTHS` only.
    """

    name: str
    digests: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse a subject that could match more than it should."""
        if not self.digests:
            raise MalformedError("a subject needs a digest", where=self.name, code="subject.digest")
        if list(self.digests) != sorted(dict(self.digests).items()):
            raise MalformedError("digests are sorted and each algorithm is there once", where=self.name)
        for algorithm, value in self.digests:
            check_digest(algorithm, value, where=self.name)

    @classmethod
    def of(cls, name: str, digests: Mapping[str, str]) -> Subject:
        """A subject from a mapping of algorithm to digest, in any order."""
        return cls(name=name, digests=tuple(sorted(digests.items())))

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read what a user calls a subject: a file, ``commit:REV``, ``tree:INDEX`` or ``NAME@sha256:HEX``.

        Raises:
            UsageError: It is none of these, or the file is not there.
            SourceError: The file or the repository cannot be read.
        """
        if text.startswith("commit:"):
            return cls.commit(text.removeprefix("commit:"))
        if text == "tree:INDEX":
            return cls.index()
        _, separator, digest = text.rpartition("@")
        if separator and digest.partition(":")[0] in DIGEST_LENGTHS and not _files.is_there(text):
            return cls.image(text)
        return cls.file(text)

    @classmethod
    def file(cls, path: str | os.PathLike[str]) -> Subject:
        """A file, by its SHA-256.

        Raises:
            UsageError: It is not there, or it is a folder.
            SourceError: It cannot be read, or changed while it was read.
        """
        return cls.of(Path(path).name, {"sha256": _files.sha256_file(path)})

    @classmethod
    def image(cls, reference: str) -> Subject:
        """A container image or any other thing by name and digest: ``registry/app@sha256:...``.

        A tag before the ``@`` belongs to the name; it says nothing about which image is meant.

        Raises:
            UsageError: There is no digest in it, or not a well-formed one.
        """
        name, _, digest = reference.rpartition("@")
        algorithm, _, value = digest.partition(":")
        if not name or not value:
            raise UsageError(
                "no digest in the reference", where=reference, hint="write NAME@sha256:HEX", code="usage.subject"
            )
        try:
            return cls.of(name, {algorithm: value})
        except MalformedError as problem:
            raise UsageError(problem.message, where=reference, hint=problem.hint, code="usage.subject") from problem

    @classmethod
    def commit(cls, revision: str = "HEAD", *, repository: str | os.PathLike[str] = ".") -> Subject:
        """A commit of a git repository, by its object id.

        Raises:
            UsageError: git does not know the revision.
            SourceError: git cannot be run.
        """
        return cls.of(
            "commit",
            {"gitCommit": _git(repository, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")},
        )

    @classmethod
    def index(cls, *, repository: str | os.PathLike[str] = ".") -> Subject:
        """The tree that the index of a git repository would commit: what a pre-commit hook judges.

        Raises:
            UsageError: The index cannot be written as a tree.
            SourceError: git cannot be run.
        """
        return cls.of("tree", {"gitTree": _git(repository, "write-tree")})

    @property
    def digest(self) -> dict[str, str]:
        """The digests as the in-toto DigestSet."""
        return dict(self.digests)

    def match(self, digest_set: Mapping[str, Any]) -> Match:
        """Compare with the digests that somebody else states.

        Returns:
            ``same`` when at least one algorithm is shared and every shared one is equal, ``contradicts`` when one
            shared digest is equal and another differs, ``other`` in every other case.
        """
        shared = [digest_set[algorithm] == value for algorithm, value in self.digests if algorithm in digest_set]
        if all(shared):
            return "same" if shared else "other"
        return "contradicts" if any(shared) else "other"

    def as_json(self) -> dict[str, Any]:
        """The form that decisions, statements and rules see."""
        return {"name": self.name, "digest": self.digest}

    def __str__(self) -> str:
        algorithm, value = self.digests[0]
        return f"{self.name}@{algorithm}:{value}"


def check_digest(algorithm: str, value: object, *, where: str = "") -> str:
    """Return ``value`` if it is a well-formed digest of an algorithm that subjects are bound by.

    Raises:
        MalformedError: Upper case, wrong length, blanks, an unknown algorithm.
    """
    length = DIGEST_LENGTHS.get(algorithm)
    if length is None:
        known = ", ".join(DIGEST_LENGTHS)
        raise MalformedError(
            f"{algorithm!r} binds no subject", where=where, hint=f"use one of {known}", code="subject.algorithm"
        )
    lengths = {length, 64} if algorithm.startswith("git") else {length}
    if not isinstance(value, str) or len(value) not in lengths or not _HEX.fullmatch(value):
        raise MalformedError(
            f"not a {algorithm} digest",
            where=where,
            hint=f"{length} lower-case hexadecimal digits",
            code="subject.digest",
        )
    return value


def _git(repository: str | os.PathLike[str], *arguments: str) -> str:
    import subprocess

    # the judged repository may bring configuration that runs commands or moves objects: only its own folder counts
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name == "GIT_INDEX_FILE"
    }
    command = ["git", "-c", "core.fsmonitor=false", "-C", os.fspath(repository), *arguments]
    try:
        # a list of arguments, no shell
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean, timeout=30)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as cause:
        raise SourceError(f"git cannot be run: {cause}", where=os.fspath(repository), code="source.git") from cause
    if done.returncode:
        problem = done.stderr.strip().removeprefix("fatal: ") or "git refused"
        raise UsageError(problem, where=arguments[-1], hint="name a commit of this repository", code="usage.revision")
    return done.stdout.strip()
