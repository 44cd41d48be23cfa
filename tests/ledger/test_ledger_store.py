"""What the ledger takes, what it gives back, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import records

from gatekeeper import _json
from gatekeeper.checkpoint import Checkpoint
from gatekeeper.decision import Result
from gatekeeper.errors import LedgerError, UsageError
from gatekeeper.ledger import GENESIS, Entry, Ledger
from gatekeeper.record import SEAL_WINDOW
from gatekeeper.subject import Subject


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "decisions.db")


def test_entries_are_chained(ledger: Ledger) -> None:
    entries = [ledger.append(records.numbered(number)) for number in range(3)]

    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries] == [GENESIS, entries[0].digest, entries[1].digest]
    assert ledger.checkpoint() == entries[-1].head == Checkpoint(size=3, head=entries[-1].digest)
    assert list(ledger.query()) == entries
    assert ledger.verify().head == entries[-1].head


def test_an_entry_says_what_its_record_says(ledger: Ledger) -> None:
    record = records.sealed(records.decision("waived"))

    entry = ledger.append(record)

    assert entry.as_json() == {
        "sequence": 1,
        "previous": GENESIS,
        "digest": entry.digest,
        "record": record.digest,
        "decision": record.decision_id,
        "at": "2026-11-24T02:14:00Z",
        "valid_until": "2026-12-01T02:14:00Z",
        "stage": "build",
        "subject": {"name": "parcel-1.4.0-py3-none-any.whl", "digest": {"sha256": "1" * 64}},
        "gate": "parcel",
        "gate_digest": record.decision.gate_digest,
        "outcome": "allow",
        "waived": ["tests.pass"],
        "broken": [],
    }
    assert Entry.from_columns(entry.columns) == entry


def test_a_rule_of_which_only_a_part_is_waived_is_in_the_summary(ledger: Ledger) -> None:
    first, last = records.results("waived")
    standing = replace(last, outcome="fail", violations=last.waived)

    entry = ledger.append(records.sealed(records.decision(results=(first, standing))))

    assert (entry.outcome, entry.waived) == ("deny", ("tests.pass",))


def test_the_records_come_back_as_they_were(ledger: Ledger) -> None:
    record = records.numbered(1)
    entry = ledger.append(record)

    assert ledger.record(entry).data == record.data
    with pytest.raises(LedgerError):
        ledger.record(replace(entry, sequence=2))
    with pytest.raises(LedgerError):
        ledger.record(replace(entry, record=_json.digest(b"")))


def test_a_record_is_entered_once(ledger: Ledger) -> None:
    record = records.numbered(1)
    ledger.append(record)

    with pytest.raises(LedgerError, match="this record is entry 1 already") as refused:
        ledger.append(record)

    assert refused.value.code == "ledger.duplicate"
    assert ledger.verify().size == 1


def test_an_unsigned_record_is_not_entered(ledger: Ledger) -> None:
    with pytest.raises(LedgerError) as refused:
        ledger.append(records.sealed(by=None))

    assert refused.value.code == "ledger.unsigned"
    assert not ledger.path.exists()


def test_a_record_older_than_the_head_is_not_entered(ledger: Ledger) -> None:
    newest = records.NOW + timedelta(hours=1)
    ledger.append(records.sealed(records.decision(at=newest)))
    late = records.sealed(records.decision(at=newest - SEAL_WINDOW - timedelta(seconds=1)))
    beside = records.sealed(records.decision(at=newest - SEAL_WINDOW))

    with pytest.raises(LedgerError, match="the clock was set back") as refused:
        ledger.append(late)
    assert refused.value.code == "ledger.late"
    ledger.append(beside)
    with pytest.raises(LedgerError):  # the newest counts, not the last
        ledger.append(records.sealed(records.decision(at=newest - SEAL_WINDOW - timedelta(microseconds=1))))
    assert ledger.verify().size == 2


def test_a_record_sealed_on_another_history_is_not_entered(ledger: Ledger) -> None:
    entry = ledger.append(records.numbered(1))
    stranger = Checkpoint(size=1, head=_json.digest(b""))
    ahead = Checkpoint(size=2, head=entry.digest)

    for checkpoint in (stranger, ahead):
        with pytest.raises(LedgerError) as refused:
            ledger.append(records.sealed(records.decision(at=records.NOW), checkpoint=checkpoint))
        assert refused.value.code == "ledger.checkpoint"
    ledger.append(records.sealed(records.decision(at=records.NOW), checkpoint=entry.head))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///decisions.db", "decisions.db"),
        ("sqlite:////var/lib/decisions.db", "/var/lib/decisions.db"),
        ("sqlite:///a folder/50% done.db", "a folder/50% done.db"),
    ],
)
def test_where_a_ledger_is(url: str, path: str) -> None:
    assert Ledger.open(url).path == Path(path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "decisions.db",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://decisions.db",
        "sqlite:///:memory:",
        "sqlite:///decisions.db?mode=memory",
        "sqlite:///decisions.db#1",
        "SQLITE:///decisions.db",
        "mysql:///decisions",
        "file:decisions.db",
        "sqlite:///a\0b",
    ],
)
def test_what_is_no_ledger(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Ledger.open(url)

    assert refused.value.code == "usage.ledger"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_comes_later_and_its_password_is_not_shown(scheme: str) -> None:
    with pytest.raises(UsageError, match="PostgreSQL come later") as refused:
        Ledger.open(f"{scheme}://ada:secret@db/decisions")

    assert "secret" not in str(refused.value)


def test_reading_makes_no_ledger(ledger: Ledger) -> None:
    assert ledger.checkpoint() is None
    for use in (ledger.verify, lambda: list(ledger.query())):
        with pytest.raises(UsageError):
            use()
    assert not ledger.path.exists()


def test_a_ledger_with_an_awkward_name(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "50% done?#.db")
    ledger.append(records.numbered(1))

    assert ledger.verify()
    assert ledger.path.exists()


@pytest.mark.parametrize("place", [".", "missing/decisions.db", "pipe"])
def test_what_cannot_be_a_ledger(tmp_path: Path, place: str) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(LedgerError) as refused:
        Ledger(tmp_path / place).append(records.numbered(1))

    assert refused.value.exit_code == 3


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (note TEXT)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(LedgerError) as refused:
        Ledger(path).append(records.numbered(1))

    assert refused.value.code == "ledger.broken"
    assert path.read_bytes() == before


def test_one_file_is_enough(ledger: Ledger, tmp_path: Path) -> None:
    for number in range(3):
        ledger.append(records.numbered(number))
    copy = Ledger(tmp_path / "copy.db")
    copy.path.write_bytes(ledger.path.read_bytes())

    assert copy.verify([ledger.verify().head or ""])
    assert [path.name for path in tmp_path.glob("decisions*")] == ["decisions.db"]


def test_threads_may_share_a_ledger(ledger: Ledger) -> None:
    problems: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for index in range(5):
                ledger.append(records.numbered(number + 10 * index))
        except BaseException as problem:  # noqa: BLE001 - shown below
            problems.append(problem)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert ledger.verify().size == 20


# queries


OTHER = Subject.of("other", {"sha256": "2" * 64, "sha512": "3" * 128})


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    stages = [("build", "allow"), ("build", "deny"), ("integration", "allow"), ("build", "waived")]
    for number, (stage, outcome) in enumerate(stages):
        at = records.NOW + timedelta(seconds=number)
        subject = OTHER if number == 1 else records.WHEEL
        ledger.append(records.sealed(records.decision(outcome, at=at, stage=stage, subject=subject)))
    return ledger


@pytest.mark.parametrize(
    ("question", "sequences"),
    [
        ({}, [1, 2, 3, 4]),
        ({"stage": "build"}, [1, 2, 4]),
        ({"stage": "buil"}, []),
        ({"outcome": "deny"}, [2]),
        ({"outcome": "allow", "stage": "build"}, [1, 4]),
        ({"waived": True}, [4]),
        ({"waived": False}, [1, 2, 3]),
        ({"since": records.NOW + timedelta(seconds=2)}, [3, 4]),
        ({"until": records.NOW + timedelta(seconds=2)}, [1, 2]),
        ({"since": records.NOW + timedelta(seconds=1), "until": records.NOW + timedelta(seconds=3)}, [2, 3]),
        ({"subject": OTHER}, [2]),
        ({"subject": Subject.of("any name", {"sha256": "2" * 64})}, [2]),
        ({"subject": Subject.of("other", {"sha256": "2" * 64, "sha512": "4" * 128})}, []),
        ({"subject": "other"}, [2]),
        ({"subject": f"sha512:{'3' * 128}"}, [2]),
        ({"subject": "' OR 1=1 --"}, []),
    ],
)
def test_queries(filled: Ledger, question: dict[str, Any], sequences: list[int]) -> None:
    assert [entry.sequence for entry in filled.query(**question)] == sequences


def test_a_query_reads_piece_by_piece(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.ledger.layout._CHUNK", 2)
    for number in range(5):
        ledger.append(records.numbered(number))

    reading = ledger.query()
    assert next(reading).sequence == 1
    ledger.append(records.numbered(5))  # a reader that is slow holds no lock

    assert [entry.sequence for entry in reading] == [2, 3, 4, 5, 6]


def test_importing_the_library_does_not_load_sqlite() -> None:
    code = "import sys, gatekeeper.ledger, gatekeeper.sealing; sys.exit('sqlite3' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}

    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


# records beside the ledger


def test_a_record_that_was_never_entered_is_named(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    entered, stray = records.numbered(1), records.numbered(2)
    ledger.append(entered)
    for record in (entered, stray):
        (folder / record.file_name).write_bytes(record.data)
    (folder / "notes.txt").write_text("not a record")

    verification = ledger.verify(records=folder)

    assert not verification
    assert verification.strays == (str(folder / stray.file_name),)
    ledger.append(stray)
    assert ledger.verify(records=folder)
    (folder / "broken.record.json").write_text("{}")
    assert ledger.verify(records=folder).strays == (str(folder / "broken.record.json"),)
    with pytest.raises(UsageError):
        ledger.verify(records=tmp_path / "missing")


def test_a_result_without_waivers_is_no_waiver(ledger: Ledger) -> None:
    passed = Result(id="slot.unit", title="", outcome="pass")

    assert ledger.append(records.sealed(records.decision(results=(passed,)))).waived == ()
