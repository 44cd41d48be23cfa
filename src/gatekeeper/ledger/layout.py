"""The SQLite file of a ledger: how it is opened, what is in it, and what does not belong there.

Settings, each with its reason, are in ``docs/adr/0041-ledger-in-sqlite.md``.
"""

from __future__ import annotations

import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from gatekeeper.errors import LedgerError, UsageError
from gatekeeper.ledger.chain import Broken, BrokenError, Row
from gatekeeper.ledger.entry import COLUMNS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID: Final = 0x47617465
"""``Gate``, in the file's header (sqlite.org/fileformat.html, section 1.3.14)."""

LAYOUT_VERSION: Final = 1
BUSY_SECONDS: Final = 60.0
"""How long a writer waits for the others. Sixteen writers with a slow disk need a few seconds."""

_HEADER_BYTES: Final = 100
_WAL: Final = 2

_COLUMN_SQL: Final = ", ".join(
    "sequence INTEGER PRIMARY KEY" if name == "sequence" else f"{name} TEXT NOT NULL" for name in COLUMNS
)
_OBJECTS: Final = (
    (
        "table",
        "entries",
        # the record's bytes are last, so that reading the columns does not read them
        f"CREATE TABLE entries ({_COLUMN_SQL}, digest TEXT NOT NULL, data BLOB NOT NULL, UNIQUE (record)) STRICT",
    ),
    (
        "trigger",
        "entries_stay",
        "CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries stay'); END",
    ),
    (
        "trigger",
        "entries_keep",
        "CREATE TRIGGER entries_keep BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries do not change'); END",
    ),
)
_NAMES: Final = ", ".join(COLUMNS)
_INSERT: Final = f"INSERT INTO entries ({_NAMES}, digest, data) VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"  # noqa: S608 - names are constants
_SELECT: Final = f"SELECT {_NAMES}, digest FROM entries"  # noqa: S608 - names are constants
_SELECT_WHOLE: Final = f"SELECT {_NAMES}, digest, data FROM entries"  # noqa: S608 - names are constants
_CHUNK: Final = 256


@contextmanager
def connect(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """A connection for one piece of work. Nothing is kept open, so that threads and forks share nothing.

    Raises:
        UsageError: There is no such ledger, and it is only to be read.
        LedgerError: The file cannot be opened, or SQLite gives an error in the piece of work.
    """
    import sqlite3

    _check_file(path, write=write)
    # also a reader may have to roll back what a killed writer left half done: hence rw, and query_only below
    uri = f"file:{quote(str(path.absolute()))}?mode={'rwc' if write else 'rw'}"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            _settings(connection, write=write)
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as cause:
        # exactly this class: what is there is no ledger; its subclasses say that something cannot be done with it
        code = "ledger.damaged" if type(cause) is sqlite3.DatabaseError else "ledger.sqlite"
        raise LedgerError(f"SQLite says: {cause}", where=str(path), hint=_hint(cause), code=code) from cause


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that holds the write lock from its beginning, and is undone by any exception."""
    connection.execute("BEGIN IMMEDIATE")  # a plain BEGIN that reads first fails at once when another one writes
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def create(connection: sqlite3.Connection) -> None:
    """Lay out an empty file, in the transaction of the first entry."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")
    for _, _, sql in _OBJECTS:
        connection.execute(sql)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Nothing is laid out: a new file."""
    return not _objects(connection) and _pragma(connection, "application_id") == 0


def check(connection: sqlite3.Connection) -> None:
    """Refuse a file that is not laid out as a ledger is.

    Raises:
        BrokenError: With what is there and does not belong, or the reverse.
    """
    found, wanted = _objects(connection), {(kind, name): sql for kind, name, sql in _OBJECTS}
    for kind, name in sorted(found.keys() | wanted.keys()):
        if (kind, name) not in found:
            raise _broken(f"the {kind} {name} is not there")
        if (kind, name) not in wanted:
            raise _broken(f"a {kind} {name!r} that no ledger has")
        if found[kind, name] != wanted[kind, name]:
            raise _broken(f"the {kind} {name} is another one: {found[kind, name]}")
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise _broken("its application id is not a ledger's")
    if _pragma(connection, "user_version") != LAYOUT_VERSION:
        raise _broken(f"its layout has version {_pragma(connection, 'user_version')}, not {LAYOUT_VERSION}")


def check_pages(connection: sqlite3.Connection) -> None:
    """Let SQLite check the structure of its file.

    Raises:
        BrokenError: With what SQLite says.
    """
    said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if said != "ok":
        raise _broken(f"SQLite finds the file damaged: {said}")


def insert(connection: sqlite3.Connection, row: Row) -> None:
    """Write one row."""
    connection.execute(_INSERT, (*(row.columns[name] for name in COLUMNS), row.digest, row.data))


def rows(connection: sqlite3.Connection, *, whole: bool) -> Iterator[Row]:
    """All rows in order, with the records' bytes when ``whole``.

    Read piece by piece, so that no writer waits for a slow reader; what is appended meanwhile is read as well.
    """
    select, after, limit = (_SELECT_WHOLE if whole else _SELECT), "", 1 if whole else _CHUNK
    while found := connection.execute(f"{select} {after} ORDER BY sequence LIMIT {limit}").fetchall():
        yield from map(_row, found)
        after = f"WHERE sequence > {int(found[-1][0])}"


def last(connection: sqlite3.Connection) -> Row | None:
    """The row with the greatest number."""
    found = connection.execute(f"{_SELECT} ORDER BY sequence DESC LIMIT 1").fetchone()
    return _row(found) if found else None


def data_of(connection: sqlite3.Connection, sequence: int) -> bytes | None:
    """The bytes of an entry's record."""
    found = connection.execute("SELECT data FROM entries WHERE sequence = ?", (sequence,)).fetchone()
    return found[0] if found and isinstance(found[0], bytes) else None


def sequence_of(connection: sqlite3.Connection, record: str) -> int | None:
    """The number of the entry of a record."""
    found = connection.execute("SELECT sequence FROM entries WHERE record = ?", (record,)).fetchone()
    return int(found[0]) if found else None


def digest_at(connection: sqlite3.Connection, sequence: int) -> str:
    """The digest that an entry claims; empty when there is none."""
    found = connection.execute("SELECT digest FROM entries WHERE sequence = ?", (sequence,)).fetchone()
    return str(found[0]) if found else ""


def newest(connection: sqlite3.Connection) -> str:
    """The latest ``at`` of all entries; empty when there is none."""
    return str(connection.execute("SELECT MAX(at) FROM entries").fetchone()[0] or "")


def count(connection: sqlite3.Connection) -> int:
    """How many rows there are."""
    return int(connection.execute("SELECT COUNT(*) FROM entries").fetchone()[0])


def _row(values: tuple[Any, ...]) -> Row:
    columns = dict(zip(COLUMNS, values, strict=False))
    return Row(
        columns=columns, digest=values[len(COLUMNS)], data=values[-1] if len(values) > len(COLUMNS) + 1 else None
    )


def _check_file(path: Path, *, write: bool) -> None:
    try:
        kind = path.stat().st_mode
    except FileNotFoundError as cause:
        if write:
            return
        raise UsageError("there is no such ledger", where=str(path), code="usage.missing_file") from cause
    except (OSError, ValueError) as cause:
        raise LedgerError(f"cannot be opened: {cause}", where=str(path), code="ledger.open") from cause
    if not stat.S_ISREG(kind):
        raise LedgerError("not a regular file", where=str(path), code="ledger.open")
    if _is_wal(path):
        raise LedgerError(
            "in write-ahead mode, in which a copy of the file alone is a shorter ledger",
            where=str(path),
            hint=f"its -wal file is {'there' if path.with_name(f'{path.name}-wal').exists() else 'missing'}",
            code="ledger.wal",
        )


def _is_wal(path: Path) -> bool:
    """Whether the header says so (sqlite.org/fileformat.html, section 1.3.3)."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as cause:
        raise LedgerError(f"cannot be read: {cause.strerror}", where=str(path), code="ledger.open") from cause
    return len(header) == _HEADER_BYTES and _WAL in header[18:20]


def _settings(connection: sqlite3.Connection, *, write: bool) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # else INSERT OR REPLACE passes the trigger against deleting
    connection.execute("PRAGMA synchronous = EXTRA")
    if not write:
        connection.execute("PRAGMA query_only = ON")


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    found = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {(str(kind), str(name)): str(sql) for kind, name, sql in found}


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _hint(cause: sqlite3.Error) -> str:
    return {
        "SQLITE_BUSY": "another process holds it; try again",
        "SQLITE_READONLY": "it, or its folder, cannot be written",
        "SQLITE_CANTOPEN": "does its folder exist, and may it be written?",
        "SQLITE_FULL": "the disk is full",
    }.get(getattr(cause, "sqlite_errorname", ""), "")


def _broken(message: str) -> BrokenError:
    return BrokenError(Broken(sequence=0, reason="file", message=message))
