"""Which OPA is run: the version asked for, with a digest that is known, whatever the environment says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from engine_rules import fake_opa

from gatekeeper import _files
from gatekeeper.engine import find
from gatekeeper.errors import EngineMissingError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "1.22.2"
SAYS = 'echo "Version: 1.22.2"; echo "Platform: plan9/mips"; echo run >> "$0.runs"'


@pytest.fixture(autouse=True)
def _nothing_is_set(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(find.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")


def digest(path: Path) -> str:
    return f"sha256:{_files.sha256_file(path)}"


def pretend_installed(script: str = SAYS) -> Path:
    """An installation as ours would have left it."""
    target = find.installed_path(VERSION)
    target.parent.mkdir(parents=True)
    fake_opa(target.parent, script)
    note = find.note_of(target, version=VERSION, digest=digest(target), platform="plan9/mips", origin="go")
    find.write_note(find.manifest_path(VERSION), note)
    return target


def test_there_is_none() -> None:
    with pytest.raises(EngineMissingError) as caught:
        find.find(VERSION)
    assert str(caught.value) == "OPA is not there (gatekeeper opa install (fetches 1.22.2), or set GATEKEEPER_OPA)"
    assert caught.value.exit_code == 3


def test_the_real_one_says_what_it_is(opa_path: Path, opa_digest: str) -> None:
    found = find.find(VERSION, path=opa_path, allowed_digests=[opa_digest])
    assert (found.path, found.version, found.digest) == (opa_path, VERSION, opa_digest)
    assert found.platform.count("/") == 1
    assert str(found.identity) == "opa 1.22.2"


def test_another_version_is_refused_with_the_remedy(opa_path: Path, opa_digest: str) -> None:
    with pytest.raises(EngineMissingError, match=r"this is OPA 1\.22\.2, not 1\.23\.0 \(gatekeeper opa install"):
        find.find("1.23.0", path=opa_path, allowed_digests=[opa_digest])


def test_a_stranger_first_on_path_is_refused_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = fake_opa(tmp_path, SAYS)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissingError) as caught:
        find.find(VERSION)
    assert caught.value.message == f"this OPA is none that is known: {digest(stranger)}"
    assert caught.value.hint == "gatekeeper opa install, or name the digest in the gate's engine_digests"
    assert not (tmp_path / "opa.runs").exists()
    assert find.find(VERSION, allowed_digests=[digest(stranger)]).path == stranger


def test_a_relative_entry_of_path_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = fake_opa(tmp_path, SAYS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(EngineMissingError, match="OPA is not there"):
        find.find(VERSION, allowed_digests=[digest(stranger)])


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_is_a_mistake(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    pretend_installed()
    monkeypatch.setenv(find.VARIABLE, value)
    with pytest.raises(UsageError, match="GATEKEEPER_OPA is set and empty") as caught:
        find.find(VERSION)
    assert caught.value.exit_code == 2


def test_the_variable_says_where_to_look_and_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = fake_opa(tmp_path, SAYS)
    monkeypatch.setenv(find.VARIABLE, str(stranger))
    with pytest.raises(EngineMissingError, match="none that is known"):
        find.find(VERSION)
    monkeypatch.setenv(find.VARIABLE, str(tmp_path / "absent"))
    with pytest.raises(EngineMissingError, match="GATEKEEPER_OPA names no file"):
        find.find(VERSION)


def test_the_order_is_path_variable_installation_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = {}
    for name in ("given", "variable", "path"):
        (tmp_path / name).mkdir()
        places[name] = fake_opa(tmp_path / name, f"{SAYS} # {name}")
    allowed = [digest(place) for place in places.values()]
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert find.find(VERSION, allowed_digests=allowed).path == places["path"]
    managed = pretend_installed()
    assert find.find(VERSION, allowed_digests=allowed).path == managed
    monkeypatch.setenv(find.VARIABLE, str(places["variable"]))
    assert find.find(VERSION, allowed_digests=allowed).path == places["variable"]
    assert find.find(VERSION, allowed_digests=allowed, path=places["given"]).path == places["given"]


def test_an_installation_is_neither_run_nor_hashed_to_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    target = pretend_installed()
    monkeypatch.setattr(_files, "sha256_file", lambda path: pytest.fail(f"{path} is hashed"))
    found = find.find(VERSION)
    assert (found.path, found.version, found.platform, found.origin) == (target, VERSION, "plan9/mips", "go")
    assert not (target.parent / "opa.runs").exists()


def test_an_installation_that_was_touched_is_hashed_once_more() -> None:
    target = pretend_installed()
    os.utime(target, (1, 1))
    assert find.find(VERSION).version == VERSION
    note = find._read_note(find.manifest_path(VERSION))
    assert note
    assert note.is_of(target)


def test_an_installation_that_was_changed_is_refused() -> None:
    target = pretend_installed()
    stamp = target.stat()
    target.write_text(target.read_text().replace("1.22.2", "1.22.3"))
    os.utime(target, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    with pytest.raises(EngineMissingError, match="this OPA is no longer what was installed: it is sha256:"):
        find.find(VERSION)


def test_an_installation_without_a_readable_manifest_is_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    target = pretend_installed()
    find.manifest_path(VERSION).write_text("{")
    monkeypatch.setenv(find.VARIABLE, str(target))
    with pytest.raises(EngineMissingError, match="none that is known"):
        find.find(VERSION)


def test_a_manifest_that_anybody_can_write_is_not_believed() -> None:
    pretend_installed()
    find.manifest_path(VERSION).chmod(0o666)
    with pytest.raises(EngineMissingError, match="none that is known"):
        find.find(VERSION)


def test_a_manifest_that_speaks_of_another_file_is_not_believed(tmp_path: Path) -> None:
    target = pretend_installed()
    elsewhere = fake_opa(tmp_path, SAYS)
    note = find.note_of(elsewhere, version=VERSION, digest="sha256:0", platform="", origin="go")
    find.write_note(find.manifest_path(VERSION), note)
    with pytest.raises(EngineMissingError, match="no longer what was installed"):
        find.find(VERSION)
    assert target.exists()


def test_a_note_on_a_binary_elsewhere_says_what_it_is_and_not_that_it_may_run(tmp_path: Path) -> None:
    stranger = fake_opa(tmp_path, SAYS)
    allowed = [digest(stranger)]
    for _ in range(3):
        assert find.find(VERSION, path=stranger, allowed_digests=allowed).version == VERSION
    assert (tmp_path / "opa.runs").read_text() == "run\n"
    with pytest.raises(EngineMissingError, match="none that is known"):
        find.find(VERSION, path=stranger)


def test_a_binary_that_does_not_say_its_version(tmp_path: Path) -> None:
    mute = fake_opa(tmp_path, "echo 1.22.2")
    with pytest.raises(EngineMissingError, match="it does not say its version as OPA does"):
        find.find(VERSION, path=mute, allowed_digests=[digest(mute)])


def test_official_digests_are_digests() -> None:
    for platforms in (find.OFFICIAL_DIGESTS, find.REPRODUCED_DIGESTS):
        for digests in platforms.values():
            assert all(value.startswith("sha256:") and len(value) == 71 for value in digests.values())
