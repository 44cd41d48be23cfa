"""A cache directory for the tests that find and install OPA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.engine import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache directory."""
    monkeypatch.setenv("HOME", str(tmp_path))  # macOS
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    find._cache_folder.cache_clear()
    yield find.folder()
    find._cache_folder.cache_clear()
