"""Walk a ledger's rows from the first on, and name the first that is not as it was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gatekeeper import _json
from gatekeeper.checkpoint import Checkpoint
from gatekeeper.errors import GatekeeperError, MalformedError
from gatekeeper.ledger.entry import GENESIS, Entry, digest_of, sortable
from gatekeeper.record import SEAL_WINDOW, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

Reason = Literal["changed", "moved", "missing", "foreign", "spliced", "record", "summary", "late", "checkpoint", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first place where a ledger is not what was written.

    Attributes:
        sequence: The number of the entry; 0 for the file as a whole.
        reason: In a word.
        message: In words.
    """

    sequence: int
    reason: Reason
    message: str

    def __str__(self) -> str:
        return f"entry {self.sequence}: {self.message}" if self.sequence else self.message


class BrokenError(Exception):
    """Carries a :class:`Broken` out of a walk; never leaves the ledger."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(str(broken))
        self.broken = broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as it is stored: columns that should be an entry's, the digest it claims, the record if it was read."""

    columns: Mapping[str, Any]
    digest: Any
    data: Any = None

    @property
    def sequence(self) -> int:
        """The number in its first column."""
        return int(self.columns["sequence"])


@dataclass(slots=True)
class Chain:
    """The part of a ledger that has been walked and is whole.

    Attributes:
        digests: The digest of each entry so far.
        records: The digests of their records.
        newest: The latest ``at`` so far, as sortable text.
        total: How many rows there are, to tell a moved entry from a changed one.
    """

    total: int = 0
    digests: list[str] = field(default_factory=list)
    records: set[str] = field(default_factory=set)
    newest: str = ""

    @property
    def head(self) -> Checkpoint | None:
        """The head of what has been walked."""
        return Checkpoint(size=len(self.digests), head=self.digests[-1]) if self.digests else None

    def extend(self, row: Row) -> Entry:
        """Take the next row.

        Raises:
            BrokenError: It is not what was written there.
        """
        entry = self._linked(row)
        if row.data is not None:
            self._check_record(entry, row.data)
        self._check_order(entry)
        self.digests.append(str(row.digest))
        self.records.add(entry.record)
        return entry

    def holds(self, checkpoint: Checkpoint) -> bool:
        """Whether the entry that a checkpoint names is here and is that entry."""
        return checkpoint.size <= len(self.digests) and self.digests[checkpoint.size - 1] == checkpoint.head

    def _linked(self, row: Row) -> Entry:
        expected = len(self.digests) + 1
        entry = whole_entry(row, total=self.total)
        if entry.sequence > expected:
            last = entry.sequence - 1
            which = f"entry {expected} is" if last == expected else f"entries {expected} to {last} are"
            raise _broken(expected, "missing", f"{which} not there")
        if entry.sequence < expected:
            raise _broken(entry.sequence, "foreign", "a number that no ledger writes")
        if entry.previous != (self.digests[-1] if self.digests else GENESIS):
            raise _broken(
                expected, "spliced", "does not follow from the entry before: one was deleted, inserted or replaced"
            )
        return entry

    def _check_record(self, entry: Entry, data: Any) -> None:
        if not isinstance(data, bytes) or _json.digest(data) != entry.record:
            raise _broken(entry.sequence, "record", "the bytes of its record are not what was entered")
        try:
            record = Record(data)
        except GatekeeperError as problem:
            raise _broken(entry.sequence, "record", f"its record cannot be read: {problem}") from problem
        if not record.is_signed:
            raise _broken(entry.sequence, "record", "its record is unsigned, which no ledger takes")
        wanted = Entry.of(record, sequence=entry.sequence, previous=entry.previous).columns
        wrong = next((name for name, value in wanted.items() if entry.columns[name] != value), "")
        if wrong:
            raise _broken(entry.sequence, "summary", f"its {wrong} is not what its record says")
        if record.checkpoint is not None and not self.holds(record.checkpoint):
            message = f"its record was sealed on another history, whose head was {record.checkpoint}"
            raise _broken(entry.sequence, "checkpoint", message)

    def _check_order(self, entry: Entry) -> None:
        if is_late(entry, self.newest):
            raise _broken(entry.sequence, "late", "older than an entry before it: the clock was set back")
        self.newest = max(self.newest, sortable(entry.at))


def whole_entry(row: Row, *, total: int = 0) -> Entry:
    """The entry of a row whose digest is that of its columns.

    Args:
        row: The row.
        total: How many rows there are, to tell a moved entry from a changed one.

    Raises:
        BrokenError: It is another one.
    """
    try:
        entry = Entry.from_columns(row.columns)
        if entry.digest == row.digest:
            return entry
    except MalformedError:
        pass
    was = next((number for number in range(1, total + 2) if _digest_as(row, number) == row.digest), 0)
    if was and was != row.sequence:
        message = f"was written as entry {was}: entries were swapped, renumbered, deleted or inserted"
        raise _broken(row.sequence, "moved", message)
    raise _broken(row.sequence, "changed", "its columns are not what was written")


def is_late(entry: Entry, newest: str) -> bool:
    """Whether an entry is older than the newest one by more than :data:`gatekeeper.record.SEAL_WINDOW`.

    Decisions that run side by side are sealed within that of their instant, in any order; an older one means that
    the clock was set back.
    """
    return bool(newest) and sortable(entry.at + SEAL_WINDOW) < newest


def _digest_as(row: Row, number: int) -> str:
    try:
        return digest_of({**row.columns, "sequence": number})
    except MalformedError:
        return ""


def _broken(sequence: int, reason: Reason, message: str) -> BrokenError:
    return BrokenError(Broken(sequence=sequence, reason=reason, message=message))
