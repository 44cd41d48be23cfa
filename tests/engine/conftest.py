"""The real OPA, and small rules written as packs write them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.engine import find
from gatekeeper.engine.command import OpaCommand

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    find._cache_folder.cache_clear()
    yield tmp_path / "cache" / "gatekeeper" / "opa"
    find._cache_folder.cache_clear()
