"""A base gate from a repository in git, by a tag, a branch or a commit, and from the cache ever after.

The files are taken from git's objects as they are: nothing is checked out, so that no hook, filter, attribute,
submodule or link of the repository does anything. Only a commit that the lock does not name yet is looked for on the
network, and what was fetched is judged by the digest of the gate that it makes, never by where it lies.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper._limits import MAX_BASE_BYTES, MAX_BASE_FILES
from gatekeeper.errors import ConfigError, DriftError, SourceError
from gatekeeper.load._source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS: Final = 120.0
"""How long a fetch may take."""

_FORM: Final = re.compile(
    r"git\+(?P<url>(?:https|ssh|file)://[^\s#]+)@(?P<ref>[A-Za-z0-9][A-Za-z0-9._/-]*)(?:#(?P<folder>[^\s#]+))?",
    re.ASCII,
)
_HINT: Final = 'write extends = "git+https://host/gates@v14", and where the gate is in a folder, "...@v14#folder"'
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_FETCHED: Final = "refs/gatekeeper/base"
_SETTINGS: Final = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "credential.interactive=false"),
    *("-c", "protocol.allow=never", "-c", "protocol.https.allow=always"),
    *("-c", "protocol.ssh.allow=always", "-c", "protocol.file.allow=always"),
)
"""No program of the repository's choosing, no transport but these three."""

_REGULAR: Final = frozenset({"100644", "100755"})
_LINK: Final = "120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What ``extends`` says."""

    text: str
    url: str
    ref: str
    folder: str
    where: str


def find(text: str, *, where: str, commit: str = "") -> Source:
    """The base at a commit: from the cache, or fetched.

    Args:
        text: ``git+https://host/gates@v14``, and where the gate is in a folder, ``#folder`` behind it.
        where: The place of ``extends``, for errors.
        commit: The commit that the lock names; empty when it names none.

    Raises:
        ConfigError: It is no address of a base in git, or the folder is not there.
        DriftError: The tag is no longer the commit that was locked.
        SourceError: It could not be fetched, or is larger than a named limit.
    """
    wanted = _read(text, where)
    if not (commit and _COMMIT.fullmatch(commit) and _place(wanted, commit).is_dir()):
        commit = _fetch(wanted, commit)
    folder = _place(wanted, commit)
    name = f"{Path(wanted.url).name}@{wanted.ref}"
    return Source(text=text, folder=folder / wanted.folder, name=name, commit=commit)


def _read(text: str, where: str) -> _Wanted:
    match = _FORM.fullmatch(text)
    parts = (match["folder"] or "").split("/") if match else []
    if match is None or ".." in match["ref"] or any(part in {".", ".."} for part in parts):
        raise ConfigError(f"{text} is no address of a base in git", where=where, hint=_HINT, code="base.source")
    return _Wanted(text=text, url=match["url"], ref=match["ref"], folder=match["folder"] or "", where=where)


def cache_folder() -> Path:
    """Where the files of bases in git are kept: in the user's cache directory."""
    import platformdirs

    return platformdirs.user_cache_path("gatekeeper") / "bases"


def _place(wanted: _Wanted, commit: str) -> Path:
    return cache_folder() / f"{hashlib.sha256(wanted.url.encode()).hexdigest()[:16]}-{commit}"


def _fetch(wanted: _Wanted, locked: str) -> str:
    """Put the files of the commit into the cache; the commit."""
    with _scratch() as scratch:
        repository = Path(scratch) / "git"
        _git(repository, wanted, "init", "--quiet", "--bare", "--template=", str(repository))
        _git(repository, wanted, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", wanted.url,
             f"+{wanted.ref}:{_FETCHED}")  # fmt: skip
        commit = _git(repository, wanted, "rev-parse", "--verify", f"{_FETCHED}^{{commit}}").decode().strip()
        _check_commit(wanted, commit, locked)
        files = Path(scratch) / "files"
        _write(repository, wanted, commit, files)
        _keep(files, _place(wanted, commit))
    return commit


def _check_commit(wanted: _Wanted, commit: str, locked: str) -> None:
    if locked and commit != locked:
        raise DriftError(
            f"{wanted.ref} of {wanted.url} is commit {commit}, locked is {locked}",
            where=wanted.where,
            hint="ask who moved it, and look at what it is now; gatekeeper gate lock --refresh takes it",
            code="base.moved",
        )


def _scratch() -> tempfile.TemporaryDirectory[str]:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-")
    except OSError as cause:
        problem = f"the cache cannot be written: {cause.strerror}"
        raise SourceError(problem, where=str(folder), code="source.write") from cause


def _keep(files: Path, place: Path) -> None:
    """Whole or not at all, and in the place of what may have been altered since it was fetched."""
    try:
        with suppress(FileNotFoundError):
            place.rename(files.with_name("before"))
        files.rename(place)
    except OSError as cause:
        raise SourceError(f"cannot be written: {cause.strerror}", where=str(place), code="source.write") from cause


def _write(repository: Path, wanted: _Wanted, commit: str, files: Path) -> None:
    entries = list(_entries(repository, wanted, commit))
    contents = _contents(repository, wanted, [entry for entry, _ in entries])
    files.mkdir()
    for (_, path), data in zip(entries, contents, strict=True):
        target = files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _entries(repository: Path, wanted: _Wanted, commit: str) -> Iterator[tuple[str, str]]:
    """Object and path of each file below the folder; a submodule is none, and a link is refused."""
    below = f"{wanted.folder.rstrip('/')}/" if wanted.folder else ""
    listed = _git(repository, wanted, "ls-tree", "-r", "-z", "-l", "--full-tree", commit).decode("utf-8", "strict")
    size = count = 0
    for line in filter(None, listed.split("\0")):
        head, _, path = line.partition("\t")
        mode, _, name, length = head.split()
        if not path.startswith(below) or mode not in {*_REGULAR, _LINK}:
            continue
        if mode == _LINK or any(part.lower() in {"", ".", "..", ".git"} for part in path.split("/")):
            raise SourceError(f"it holds what is no plain file: {path}", where=wanted.where, code="base.link")
        count, size = count + 1, size + int(length)
        if count > MAX_BASE_FILES or size > MAX_BASE_BYTES:
            problem = f"more than {MAX_BASE_FILES} files or {MAX_BASE_BYTES} bytes: too large for a base"
            raise SourceError(problem, where=wanted.where, hint="name its folder behind #", code="base.size")
        yield name, path


def _contents(repository: Path, wanted: _Wanted, names: list[str]) -> Iterator[bytes]:
    """The files as git keeps them: without filters, line endings or keywords."""
    answer = _git(repository, wanted, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    at = 0
    for name in names:
        end = answer.index(b"\n", at)
        said, _, length = answer[at:end].decode().rpartition(" ")
        if said != f"{name} blob":
            raise SourceError(f"git gave {said} for {name}", where=wanted.where, code="base.fetch")
        at = end + 1 + int(length) + 1
        yield answer[end + 1 : at - 1]


def _git(repository: Path, wanted: _Wanted, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in the scratch repository. What the machine's own settings say of proxies and credentials holds."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    surroundings |= {"GIT_DIR": str(repository), "GIT_TERMINAL_PROMPT": "0", "GIT_CEILING_DIRECTORIES": "/"}
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell; address and tag have a form of their own
            ["git", *_SETTINGS, *arguments],  # noqa: S607 - the machine's own git
            input=given,
            capture_output=True,
            env=surroundings,
            cwd=repository.parent,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as cause:
        raise SourceError(f"git could not be run: {cause}", where=wanted.where, code="base.git") from cause
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        problem = f"{wanted.url}@{wanted.ref} could not be fetched: {said or done.returncode}"
        raise SourceError(problem, where=wanted.where, code="base.fetch")
    return done.stdout
