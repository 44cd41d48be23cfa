"""What many tests share: the real OPA, and a project with a gate, keys and people."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import time
import urllib.request
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.engine import find
from gatekeeper.engine.command import OpaCommand
from project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

# the plugin under test is loaded by its entry point where this clone is installed, and by name where it is not
pytest_plugins = ["pytester"]
if not entry_points(group="pytest11", name="gatekeeper"):
    pytest_plugins.append("gatekeeper.pytest_plugin")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--install", action="store_true", help="also build OPA from source: minutes, and needs the network"
    )


@pytest.fixture(scope="session")
def opa_path() -> Path:
    """The OPA that was installed for these tests, or the one on PATH."""
    managed = find.installed_path("1.22.2")
    found = managed if managed.is_file() else shutil.which("opa")
    if not found:
        pytest.fail("no opa: install it with `gatekeeper opa install`, or put it on PATH")
    return Path(found).resolve()


@pytest.fixture(scope="session")
def opa_digest(opa_path: Path) -> str:
    with opa_path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


@pytest.fixture(scope="session")
def binary(opa_path: Path, opa_digest: str) -> find.OpaBinary:
    return find.find("1.22.2", path=opa_path, allowed_digests=[opa_digest])


@pytest.fixture(scope="session")
def command(binary: find.OpaBinary) -> OpaCommand:
    return OpaCommand(binary)


@pytest.fixture(scope="module")
def url(opa_path: Path) -> Iterator[str]:
    """The address of an OPA server that somebody else runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "{}:{}".format(*free.getsockname())
    arguments = [str(opa_path), "run", "--server", "--addr", address, "--log-level", "error", "--skip-version-check"]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        for _ in range(500):
            try:
                urllib.request.urlopen(f"http://{address}/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.01)
        yield f"http://{address}"
        running.kill()


@pytest.fixture
def project(tmp_path: Path, opa_path: Path, opa_digest: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose gate denies nothing yet, as the current folder."""
    monkeypatch.setenv("GATEKEEPER_OPA", str(opa_path))
    made = Project(tmp_path / "project", opa_digest)
    monkeypatch.chdir(made.folder)
    return made
