"""The real OPA."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from gatekeeper.engine import find
from gatekeeper.engine.command import OpaCommand


@pytest.fixture(scope="session")
def opa() -> Path:
    """The OPA that was installed for these tests, or the one on PATH."""
    managed = find.installed_path("1.22.2")
    found = managed if managed.is_file() else shutil.which("opa")
    if not found:
        pytest.fail("no opa: install it with `gatekeeper opa install`, or put it on PATH")
    return Path(found).resolve()


@pytest.fixture(scope="session")
def binary(opa: Path) -> find.OpaBinary:
    digest = f"sha256:{hashlib.sha256(opa.read_bytes()).hexdigest()}"
    return find.find("1.22.2", path=opa, allowed_digests=[digest])


@pytest.fixture(scope="session")
def command(binary: find.OpaBinary) -> OpaCommand:
    return OpaCommand(binary)
