# ruff: noqa: S608 - the statements are the attacks
"""Every single-row attack is found and its first bad entry named; what a chain cannot see is found by a head."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import records

from gatekeeper import _json
from gatekeeper.errors import LedgerError, UsageError
from gatekeeper.ledger import Entry, Ledger
from gatekeeper.ledger.entry import COLUMNS
from gatekeeper.sealing import seal

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.checkpoint import Checkpoint

SIZE = 6


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Six entries, each sealed on the head before it."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "decisions.db")
    for number in range(SIZE):
        made = records.decision(at=records.NOW + number * timedelta(seconds=1))
        seal(made, signer=records.signer(), ledger=ledger, now=made.at)
    return ledger


@pytest.fixture
def ledger(original: Ledger, tmp_path: Path) -> Ledger:
    copy = Ledger(tmp_path / "decisions.db")
    shutil.copy(original.path, copy.path)
    assert copy.verify()
    return copy


def attack(ledger: Ledger, *statements: str, values: tuple[Any, ...] = ()) -> None:
    """What somebody does who may write the file: the triggers are dropped first, and put back after."""
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement, values if "?" in statement else ())
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def rehash(ledger: Ledger, first: int) -> None:
    """Compute the digests of all entries from ``first`` on again, as an attacker can."""
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("DROP TRIGGER entries_keep")
        previous = connection.execute("SELECT digest FROM entries WHERE sequence = ?", (first - 1,)).fetchone()[0]
        for sequence in range(first, SIZE + 1):
            connection.execute("UPDATE entries SET previous = ? WHERE sequence = ?", (previous, sequence))
            names = ", ".join(COLUMNS)
            row = connection.execute(f"SELECT {names} FROM entries WHERE sequence = ?", (sequence,)).fetchone()
            previous = Entry.from_columns(dict(zip(COLUMNS, row, strict=True))).digest
            connection.execute("UPDATE entries SET digest = ? WHERE sequence = ?", (previous, sequence))
        connection.execute(
            "CREATE TRIGGER entries_keep BEFORE UPDATE ON entries"
            " BEGIN SELECT RAISE(ABORT, 'entries do not change'); END"
        )
        connection.commit()


def found(ledger: Ledger) -> tuple[int, str]:
    verification = ledger.verify()
    assert not verification
    assert verification.broken is not None
    return verification.broken.sequence, verification.broken.reason


FORGED = records.numbered(100)

ATTACKS = [
    ("a changed outcome", ["UPDATE entries SET outcome = 'deny' WHERE sequence = 3"], (3, "changed")),
    ("a changed digest", ["UPDATE entries SET digest = previous WHERE sequence = 3"], (3, "changed")),
    ("changed bytes", ["UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE sequence = 3"], (3, "record")),
    ("another record's bytes", [
        "UPDATE entries SET data = (SELECT data FROM entries WHERE sequence = 2) WHERE sequence = 3"], (3, "record")),
    ("a deleted row", ["DELETE FROM entries WHERE sequence = 3"], (3, "missing")),
    ("the first row deleted", ["DELETE FROM entries WHERE sequence = 1"], (1, "missing")),
    ("two rows deleted", ["DELETE FROM entries WHERE sequence IN (3, 4)"], (3, "missing")),
    ("a deleted row, the others moved up", [
        "DELETE FROM entries WHERE sequence = 3",
        "UPDATE entries SET sequence = sequence - 1 WHERE sequence > 3"], (3, "moved")),
    ("two rows swapped", [
        "UPDATE entries SET sequence = -1 WHERE sequence = 3",
        "UPDATE entries SET sequence = 3 WHERE sequence = 4",
        "UPDATE entries SET sequence = 4 WHERE sequence = -1"], (3, "moved")),
    ("all renumbered", [
        "UPDATE entries SET sequence = sequence + 100",
        "UPDATE entries SET sequence = sequence - 99"], (2, "moved")),
    ("one renumbered to the end", ["UPDATE entries SET sequence = 9 WHERE sequence = 3"], (3, "missing")),
    ("a row before the first", [
        "UPDATE entries SET sequence = 0 WHERE sequence = 1"], (0, "moved")),
    ("all deleted", ["DELETE FROM entries"], (1, "missing")),
    ("columns of another form", [
        "UPDATE entries SET digests = replace(digests, ':', ': ') WHERE sequence = 3"], (3, "changed")),
    ("nested brackets", [
        "UPDATE entries SET waived = ? WHERE sequence = 3"], (3, "changed")),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "broken"), [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS])
def test_an_attack_on_rows_is_found(ledger: Ledger, statements: list[str], broken: tuple[int, str]) -> None:
    attack(ledger, *statements, values=("[" * 100_000,))

    assert found(ledger) == broken


@pytest.mark.parametrize("column", [*COLUMNS[1:], "digest", "data"])
def test_a_change_of_any_column_of_any_row_is_found(ledger: Ledger, column: str) -> None:
    intact = ledger.path.read_bytes()
    for sequence in range(1, SIZE + 1):
        change = "CAST(? || data AS BLOB)" if column == "data" else f"? || {column}"
        attack(ledger, f"UPDATE entries SET {column} = {change} WHERE sequence = {sequence}", values=("0",))

        assert found(ledger)[0] == sequence
        ledger.path.write_bytes(intact)


def insert(ledger: Ledger, sequence: int) -> None:
    """A forged entry that fits after the one before it."""
    with closing(sqlite3.connect(ledger.path)) as connection:
        previous = connection.execute("SELECT digest FROM entries WHERE sequence = ?", (sequence - 1,)).fetchone()[0]
    entry = Entry.of(FORGED, sequence=sequence, previous=previous)
    marks = ", ".join("?" * (len(COLUMNS) + 2))
    values = (*(entry.columns[name] for name in COLUMNS), entry.digest, FORGED.data)
    attack(ledger, f"INSERT INTO entries VALUES ({marks})", values=values)


def test_an_inserted_row_is_found(ledger: Ledger) -> None:
    attack(
        ledger,
        "UPDATE entries SET sequence = -sequence WHERE sequence >= 3",
        "UPDATE entries SET sequence = 1 - sequence WHERE sequence < 0",
    )
    insert(ledger, 3)

    assert found(ledger) == (4, "moved")


def test_a_replaced_row_is_found(ledger: Ledger) -> None:
    attack(ledger, "DELETE FROM entries WHERE sequence = 3")
    insert(ledger, 3)

    assert found(ledger) == (4, "spliced")


def test_a_history_that_was_hashed_again_is_found_by_what_the_records_saw(ledger: Ledger) -> None:
    attack(ledger, "DELETE FROM entries WHERE sequence = 3")
    insert(ledger, 3)
    rehash(ledger, 4)

    assert found(ledger) == (4, "checkpoint")


def test_a_summary_that_lies_in_a_chain_that_holds_is_found(ledger: Ledger) -> None:
    attack(ledger, "UPDATE entries SET outcome = 'deny' WHERE sequence = 6")
    rehash(ledger, 6)

    assert found(ledger) == (6, "summary")


def test_an_unsigned_record_in_a_chain_that_holds_is_found(ledger: Ledger) -> None:
    unsigned = records.sealed(records.decision(at=records.NOW + timedelta(seconds=5)), by=None)
    attack(
        ledger,
        "UPDATE entries SET data = ?, record = ? WHERE sequence = 6",
        values=(unsigned.data, unsigned.digest),
    )
    rehash(ledger, 6)

    assert found(ledger) == (6, "record")


LAYOUTS = [
    ("an extra column", ["ALTER TABLE entries ADD COLUMN note TEXT"]),
    ("a view in place of the table", [
        "ALTER TABLE entries RENAME TO hidden", "CREATE VIEW entries AS SELECT * FROM hidden"]),
    ("another table", ["CREATE TABLE notes (note TEXT)"]),
    ("another trigger", ["CREATE TRIGGER later AFTER INSERT ON entries BEGIN SELECT 1; END"]),
    ("another index", ["CREATE INDEX by_stage ON entries (stage)"]),
    ("another application", ["PRAGMA application_id = 7"]),
    ("another version", ["PRAGMA user_version = 7"]),
]  # fmt: skip


@pytest.mark.parametrize("statements", [row[1] for row in LAYOUTS], ids=[row[0] for row in LAYOUTS])
def test_a_file_laid_out_otherwise_is_found_and_not_extended(ledger: Ledger, statements: list[str]) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()

    assert found(ledger) == (0, "file")
    for use in (lambda: ledger.append(records.numbered(100)), lambda: list(ledger.query()), ledger.checkpoint):
        with pytest.raises(LedgerError) as refused:
            use()
        assert refused.value.code == "ledger.broken"


def test_a_missing_trigger_is_found(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("DROP TRIGGER entries_stay")

    assert str(ledger.verify().broken) == "the trigger entries_stay is not there"


@pytest.mark.parametrize(
    "accident",
    [
        "DELETE FROM entries WHERE sequence = 3",
        "UPDATE entries SET outcome = 'deny'",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE sequence = 3",
    ],
)
def test_accidents_are_stopped_by_triggers(ledger: Ledger, accident: str) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(accident)


def test_write_ahead_mode_is_refused_by_name(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")

    assert found(ledger) == (0, "file")
    for use in (ledger.checkpoint, lambda: ledger.append(records.numbered(100)), lambda: list(ledger.query())):
        with pytest.raises(LedgerError) as refused:
            use()
        assert refused.value.code == "ledger.wal"
        assert refused.value.hint == "its -wal file is missing"


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + bytes(4080)])
def test_another_file_in_place_of_the_ledger_is_never_whole(ledger: Ledger, content: bytes) -> None:
    ledger.path.write_bytes(content)

    assert found(ledger)[1] == "file"
    with pytest.raises(LedgerError):
        ledger.append(records.numbered(100))


def test_an_emptied_file_is_not_whole(ledger: Ledger) -> None:
    ledger.path.write_bytes(b"")

    assert found(ledger) == (0, "file")


def test_a_byte_changed_anywhere_in_the_file_is_found_or_changes_nothing(ledger: Ledger, original: Ledger) -> None:
    intact = original.path.read_bytes()
    entries = list(original.query())
    for place in range(0, len(intact), 211):
        ledger.path.write_bytes(intact[:place] + bytes([intact[place] ^ 0x11]) + intact[place + 1 :])
        try:
            if ledger.verify():
                assert list(ledger.query()) == entries
                assert all(ledger.record(entry) == original.record(entry) for entry in entries)
        except LedgerError:
            continue


# what a chain cannot see


def cut(ledger: Ledger, last: int) -> None:
    attack(ledger, f"DELETE FROM entries WHERE sequence > {last}")


def head(ledger: Ledger, sequence: int) -> Checkpoint:
    return next(entry.head for entry in ledger.query() if entry.sequence == sequence)


def standings(ledger: Ledger, *heads: Checkpoint) -> list[str]:
    verification = ledger.verify([str(one) for one in heads])
    assert bool(verification) == all(check.standing in {"equal", "extended"} for check in verification.heads)
    return [check.standing for check in verification.heads]


def test_a_head_kept_elsewhere(ledger: Ledger, original: Ledger) -> None:
    last, earlier = head(original, SIZE), head(original, 3)

    assert standings(ledger, last) == ["equal"]
    assert standings(ledger, earlier, last) == ["extended", "equal"]
    cut(ledger, 4)
    assert ledger.verify()
    assert standings(ledger, last) == ["cut"]
    assert standings(ledger, earlier, last) == ["extended", "cut"]


def test_two_histories_are_a_fork(ledger: Ledger, original: Ledger) -> None:
    cut(ledger, 4)
    for number in range(50, 53):
        ledger.append(records.numbered(number))

    assert ledger.verify()
    assert standings(ledger, head(original, 4), head(original, SIZE)) == ["extended", "forked"]


def test_another_ledger_is_another_ledger(tmp_path: Path, original: Ledger) -> None:
    other = Ledger(tmp_path / "other.db")
    for number in range(50, 60):
        other.append(records.numbered(number))

    assert standings(other, head(original, 2), head(original, SIZE)) == ["other", "other"]
    assert standings(original, head(other, 10)) == ["cut"]


def test_what_cannot_be_seen_is_said(ledger: Ledger) -> None:
    alone, with_head = ledger.verify(), ledger.verify([head(ledger, 3)])

    assert "entries cut off at the end" in alone.unseen
    assert with_head.unseen == ("entries cut off after entry 3", "a record that was never entered")
    assert "cannot be seen here: an older copy put in its place" in str(alone)


def test_with_the_folder_of_records_only_what_has_no_file_in_it_is_unseen(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()

    assert ledger.verify(records=folder).unseen[-1] == f"a record that was never entered, whose file is not in {folder}"


def test_one_entry_is_one(tmp_path: Path) -> None:
    one = Ledger(tmp_path / "one.db")
    one.append(records.numbered(1))

    assert str(one.verify()).startswith("whole: 1 entry is whole, with its record\n")


@pytest.mark.parametrize("text", ["", "6", "0:" + "0" * 64, "6:sha256:" + "g" * 64, f"6:{'A' * 64}", f" 6:{'0' * 64}"])
def test_a_head_that_is_none_is_wrong_use(ledger: Ledger, text: str) -> None:
    with pytest.raises(UsageError):
        ledger.verify([text])


def test_a_head_may_be_written_without_its_algorithm(ledger: Ledger) -> None:
    last = head(ledger, SIZE)

    assert ledger.verify([f"{last.size}:{last.head.removeprefix('sha256:')}"])
    assert last.head == _json.check_digest(last.head)


def test_the_words_for_what_is_broken(ledger: Ledger) -> None:
    attack(ledger, "DELETE FROM entries WHERE sequence IN (3, 4)")

    text = str(ledger.verify())

    assert text.splitlines()[:2] == [
        "broken: entry 3: entries 3 to 4 are not there",
        "before that, 2 entries are whole, each with its record",
    ]
