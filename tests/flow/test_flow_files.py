"""Files: read once and whole or not at all, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from gatekeeper import _files
from gatekeeper.errors import GatekeeperError, LimitError, SourceError, UsageError


def refusal(call: Any, *arguments: Any, **options: Any) -> tuple[type[GatekeeperError], str, str]:
    with pytest.raises(GatekeeperError) as refused:
        call(*arguments, **options)
    return type(refused.value), refused.value.message, refused.value.where


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1234")
    assert _files.read_bytes(path, limit=4) == b"1234"
    assert refusal(_files.read_bytes, path, limit=3) == (LimitError, "larger than 3 bytes", str(path))


@pytest.mark.parametrize("read", [_files.read_bytes, _files.sha256_file])
@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        (".", UsageError, "a folder, where a file is needed"),
        ("nothing", UsageError, "there is no such file"),
        ("pipe", SourceError, "not a regular file"),
        ("a/b", SourceError, "cannot be opened: "),
        ("x\0y", SourceError, "cannot be opened: embedded null byte"),
        ("x" * 300, SourceError, "cannot be opened: "),
    ],
)
def test_what_is_no_file_is_refused(tmp_path: Path, read: Any, name: str, kind: type, message: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_bytes(b"")
    path = f"{tmp_path}/{name}"
    found = refusal(read, path)
    assert (found[0], found[2]) == (kind, path)
    assert found[1].startswith(message)


@pytest.mark.parametrize("read", [_files.read_bytes, _files.sha256_file])
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="this system has no file that opens and cannot be read")
def test_a_file_that_opens_and_cannot_be_read_is_refused(read: Any) -> None:
    """Address zero of this process is never mapped: reading it is an input/output error."""
    assert refusal(read, "/proc/self/mem") == (
        SourceError,
        f"cannot be read: {os.strerror(errno.EIO)}",
        "/proc/self/mem",
    )


def test_a_file_that_changes_while_it_is_read_has_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    digest = hashlib.file_digest

    def digest_and_grow(*arguments: Any) -> Any:
        found = digest(*arguments)
        with path.open("ab") as file:
            file.write(b" and more")
        return found

    monkeypatch.setattr(hashlib, "file_digest", digest_and_grow)
    assert refusal(_files.sha256_file, path) == (SourceError, "changed while it was read", str(path))


def test_a_file_is_written_with_its_mode_over_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    _files.write_atomic(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("target", ["no/such/folder/a", "folder", "x" * 300])
def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    path = str(tmp_path / target)
    kind, message, where = refusal(_files.write_atomic, path, b"new")
    assert (kind, where) == (SourceError, path)
    assert message.startswith("cannot be written: ")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert refusal(_files.write_atomic, path, b"new") == (
        SourceError,
        "cannot be written: No space left on device",
        str(path),
    )
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"a": b"old"}


@pytest.mark.parametrize("name", ["nothing", "x" * 300, "x" * 9000, "a\0b", ""])
def test_what_can_be_no_path_is_not_there(tmp_path: Path, name: str) -> None:
    for ask in (_files.is_there, _files.is_folder, _files.is_file):
        assert not ask(f"{tmp_path}/file/{name}")
        assert not ask(name)


def test_what_is_there_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert [_files.is_there(tmp_path), _files.is_folder(tmp_path), _files.is_file(tmp_path)] == [True, True, False]
    file = tmp_path / "file"
    assert [_files.is_there(file), _files.is_folder(file), _files.is_file(file)] == [True, False, True]
