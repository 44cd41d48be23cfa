"""The ledger: append, verify, query. One SQLite file that holds the records themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from gatekeeper.checkpoint import Checkpoint
from gatekeeper.errors import GatekeeperError, LedgerError, UsageError
from gatekeeper.evidence import files_below
from gatekeeper.ledger import layout
from gatekeeper.ledger.chain import Broken, BrokenError, Chain, Row, is_late, whole_entry
from gatekeeper.ledger.entry import GENESIS, Entry
from gatekeeper.ledger.verification import Verification, compare
from gatekeeper.record import Record
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Iterable, Iterator
    from datetime import datetime

_SCHEME: Final = "sqlite:///"
_DAMAGE: Final = frozenset({"ledger.damaged", "ledger.wal"})
"""Codes of errors that say what the file is, not that it cannot be read."""

_LATER: Final = ("postgres://", "postgresql://")


@dataclass(frozen=True, slots=True)
class Ledger:
    """An append-only, hash-chained list of sealed records. Nothing is kept open between two calls.

    Attributes:
        path: The SQLite file; made by the first entry.
    """

    path: Path

    @classmethod
    def open(cls, url: str) -> Ledger:
        """The ledger at ``sqlite:///decisions.db`` (below the current folder) or ``sqlite:////var/decisions.db``.

        Raises:
            UsageError: Another kind of URL.
        """
        if url.startswith(_LATER):
            raise UsageError(
                "ledgers in PostgreSQL come later",
                where=url.rsplit("@", maxsplit=1)[-1],
                hint=f"use {_SCHEME}FILE",
                code="usage.ledger",
            )
        name = url.removeprefix(_SCHEME)
        if name == url or not name or name.startswith(":") or any(mark in name for mark in "?#\0"):
            raise UsageError(f"{url!r} is no ledger", hint=f"use {_SCHEME}FILE, without options", code="usage.ledger")
        return cls(Path(name))

    def append(self, record: Record) -> Entry:
        """Enter a record after the last entry; it is on the disk when this returns.

        Raises:
            LedgerError: The record is unsigned, there already, older than the newest entry by more than
                :data:`gatekeeper.record.SEAL_WINDOW`, or sealed on another history; or the ledger is broken, locked,
                read-only or out of space. Nothing has changed then.
        """
        if not record.is_signed:
            raise LedgerError("an unsigned record", where=str(self.path), hint="sign it: --key", code="ledger.unsigned")
        with layout.connect(self.path, write=True) as connection, layout.writing(connection):
            if layout.is_empty(connection):
                layout.create(connection)
            previous = self._last(connection)
            entry = Entry.of(
                record,
                sequence=previous.sequence + 1 if previous else 1,
                previous=previous.digest if previous else GENESIS,
            )
            self._check_entry(connection, entry, record)
            layout.insert(connection, Row(columns=entry.columns, digest=entry.digest, data=record.data))
        return entry

    def checkpoint(self) -> Checkpoint | None:
        """The head now; None where there is no ledger yet.

        Raises:
            LedgerError: The ledger is broken or cannot be read.
        """
        if not self.path.exists():
            return None
        with layout.connect(self.path, write=False) as connection:
            last = None if layout.is_empty(connection) else self._last(connection)
            return last.head if last else None

    def verify(
        self, heads: Iterable[str | Checkpoint] = (), *, records: str | os.PathLike[str] | None = None
    ) -> Verification:
        """Check every entry and every record in it, and compare with heads that were kept elsewhere.

        Args:
            heads: Heads as ``SIZE:DIGEST``, from earlier runs, logs or release notes.
            records: A folder with files of records, each of which has to be in the ledger.

        Raises:
            UsageError: There is no such ledger or folder, or a head is malformed.
            LedgerError: It cannot be read.
        """
        wanted = [Checkpoint.parse(head) if isinstance(head, str) else head for head in heads]
        chain, broken = Chain(), None
        try:
            with layout.connect(self.path, write=False) as connection:
                self._walk(connection, chain)
        except BrokenError as found:
            broken = found.broken
        except LedgerError as problem:
            if problem.code not in _DAMAGE:
                raise  # locked, or the disk fails: nothing has been found
            broken = Broken(sequence=0, reason="file", message=f"{problem.message}; {problem.hint}".removesuffix("; "))
        return Verification(
            size=len(chain.digests),
            head=chain.head,
            broken=broken,
            heads=compare(chain, wanted),
            strays=_strays(Path(records), chain) if records is not None else (),
            folder=str(records) if records is not None else "",
        )

    def query(
        self,
        *,
        stage: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        outcome: Literal["allow", "deny"] | None = None,
        waived: bool | None = None,
        emergency: bool | None = None,
        subject: Subject | str | None = None,
    ) -> Iterator[Entry]:
        """The entries that fit, in order; the chain is checked on the way (the records are not, see ``verify``).

        Args:
            stage: Of this stage.
            since: Decided at this instant or later.
            until: Decided before this instant.
            outcome: ``allow`` or ``deny``.
            waived: With something waived, or with nothing.
            emergency: With something that an emergency breaks through, or with nothing.
            subject: A subject, by its digests; or text: its name, or ``algorithm:hex``.

        Raises:
            UsageError: There is no such ledger.
            LedgerError: It cannot be read, or it is broken: no answer is better than a wrong one.
        """
        with layout.connect(self.path, write=False) as connection:
            chain = Chain()
            try:
                layout.check(connection)
                chain.total = layout.count(connection)
                for row in layout.rows(connection, whole=False):
                    entry = chain.extend(row)
                    if (
                        (stage is None or entry.stage == stage)
                        and (since is None or entry.at >= since)
                        and (until is None or entry.at < until)
                        and (outcome is None or entry.outcome == outcome)
                        and (waived is None or bool(entry.waived) == waived)
                        and (emergency is None or bool(entry.broken) == emergency)
                        and (subject is None or _is_about(entry.subject, subject))
                    ):
                        yield entry
            except BrokenError as found:
                raise self._error(found.broken) from found

    def record(self, entry: Entry) -> Record:
        """The record of an entry.

        Raises:
            LedgerError: It is not there, or not what was entered.
        """
        with layout.connect(self.path, write=False) as connection:
            data = layout.data_of(connection, entry.sequence)
        record = Record(data, f"{self.path}: entry {entry.sequence}") if data is not None else None
        if record is None or record.digest != entry.record:
            raise LedgerError(
                f"entry {entry.sequence} does not hold its record", where=str(self.path), code="ledger.broken"
            )
        return record

    def _walk(self, connection: sqlite3.Connection, chain: Chain) -> None:
        layout.check_pages(connection)
        layout.check(connection)
        chain.total = layout.count(connection)
        for row in layout.rows(connection, whole=True):
            chain.extend(row)
        if not chain.digests:
            raise BrokenError(Broken(sequence=1, reason="missing", message="there is no entry at all"))

    def _last(self, connection: sqlite3.Connection) -> Entry | None:
        """The last entry, if the file is laid out as it should be and the entry is whole in itself."""
        try:
            layout.check(connection)
            row = layout.last(connection)
            if row is None:
                return None
            return whole_entry(row)
        except BrokenError as found:
            raise self._error(found.broken) from found

    def _check_entry(self, connection: sqlite3.Connection, entry: Entry, record: Record) -> None:
        there = layout.sequence_of(connection, record.digest)
        if there is not None:
            raise LedgerError(f"this record is entry {there} already", where=str(self.path), code="ledger.duplicate")
        newest = layout.newest(connection)
        if is_late(entry, newest):
            raise LedgerError(
                f"the ledger has an entry of {newest}, which is later: the clock was set back",
                where=str(self.path),
                code="ledger.late",
            )
        seen = record.checkpoint
        if seen is not None and layout.digest_at(connection, seen.size) != seen.head:
            raise LedgerError(
                f"the record was sealed on another history, whose head was {seen}",
                where=str(self.path),
                code="ledger.checkpoint",
            )

    def _error(self, broken: Broken) -> LedgerError:
        return LedgerError(
            f"the ledger is broken: {broken}",
            where=str(self.path),
            hint="gatekeeper ledger verify",
            code="ledger.broken",
        )


def _is_about(subject: Subject, wanted: Subject | str) -> bool:
    if isinstance(wanted, Subject):
        return wanted.match(subject.digest) == "same"
    return wanted == subject.name or wanted in {f"{algorithm}:{value}" for algorithm, value in subject.digests}


def _strays(folder: Path, chain: Chain) -> tuple[str, ...]:
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder), code="usage.missing_file")
    paths = [path for path in files_below(folder) if path.name.endswith(".record.json")]
    return tuple(str(path) for path in paths if not _is_entered(path, chain))


def _is_entered(path: Path, chain: Chain) -> bool:
    try:
        return Record.read(path).digest in chain.records
    except GatekeeperError:
        return False
