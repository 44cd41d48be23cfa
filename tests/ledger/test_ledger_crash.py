"""The ledger under many writers, kill -9, a full disk, no rights, and a fault at every step."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import records

from gatekeeper.errors import LedgerError
from gatekeeper.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("LEDGER_KILLS", "100"))
"""How often a writer is killed; ``LEDGER_KILLS=1000`` for a night."""


def work(name: str, ledger: Ledger, *numbers: int) -> dict[str, Any]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", "tests", "tests/fakes"))
    done = subprocess.run(
        [sys.executable, ROOT / "tests/fakes/ledger_worker.py", name, f"sqlite:///{ledger.path}", *map(str, numbers)],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "decisions.db")


def test_sixteen_writers_make_one_chain_without_gaps(ledger: Ledger) -> None:
    statuses = work("writers", ledger, 16, 50)["statuses"]

    assert statuses == [0] * 16
    verification = ledger.verify()
    assert verification.broken is None
    assert verification.size == 800
    assert [entry.sequence for entry in ledger.query()] == list(range(1, 801))


def test_a_killed_writer_loses_nothing_it_acknowledged(ledger: Ledger) -> None:
    acknowledged = work("kills", ledger, KILLS, 7)["acknowledged"]

    assert len(acknowledged) >= KILLS
    assert ledger.verify()
    assert set(acknowledged) <= {entry.record for entry in ledger.query()}
    ledger.append(records.numbered(1))


def test_a_full_disk_is_an_error_and_leaves_the_ledger_whole(ledger: Ledger) -> None:
    outcomes = work("full", ledger, 0, 1024, 24)["outcomes"]

    assert all(outcome["whole"] for outcome in outcomes)
    assert outcomes[0]["status"] == 3
    assert {outcome["status"] for outcome in outcomes} == {0, 3}
    entered = sum(outcome["status"] == 0 for outcome in outcomes)
    assert ledger.verify().size == entered
    ledger.append(records.numbered(1))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(("mode", "folder_mode"), [(0o444, 0o777), (0o644, 0o555), (0o666, 0o555)])
def test_without_the_right_to_write_nothing_is_entered(open_folder: Path, mode: int, folder_mode: int) -> None:
    ledger = Ledger(open_folder / "decisions.db")
    ledger.append(records.numbered(1))
    before = ledger.path.read_bytes()
    ledger.path.chmod(mode)
    open_folder.chmod(folder_mode)

    assert work("powerless", ledger)["status"] == 3
    assert ledger.path.read_bytes() == before


def test_without_the_right_to_make_a_file_there_is_no_ledger(open_folder: Path) -> None:
    ledger = Ledger(open_folder / "decisions.db")
    open_folder.chmod(0o555)

    assert work("powerless", ledger)["status"] == 3
    assert not ledger.path.exists()


class Failing(sqlite3.Connection):
    """Fails at the n-th statement, before or after it is run."""

    left = 0
    late = False

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        Failing.left -= 1
        if Failing.left != 0:
            return super().execute(*statement)
        if Failing.late:
            super().execute(*statement)
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("late", [False, True])
def test_a_fault_at_any_statement_leaves_the_ledger_whole(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    ledger.append(records.numbered(0))
    connect = sqlite3.connect
    monkeypatch.setattr(Failing, "late", late)
    faults, entered = 0, 1

    while True:
        monkeypatch.setattr(Failing, "left", faults + 1)
        monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=Failing, **k))
        try:
            ledger.append(records.numbered(faults + 1))
            clean = Failing.left > 0
            entered += 1
        except LedgerError:
            clean = False
        monkeypatch.setattr(sqlite3, "connect", connect)
        found = ledger.verify()
        assert found
        assert found.size in ({entered} if not late else {entered, entered + 1})
        entered = found.size
        if clean:
            break
        faults += 1

    assert faults > 10
