"""An entry: a record's place in the ledger, and the columns that queries read.

The digest of an entry covers all its columns, the number and the digest of the entry before among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _json, _time
from gatekeeper.checkpoint import Checkpoint
from gatekeeper.errors import MalformedError
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.record import Record

ENTRY_SCHEMA: Final = "https://gatekeeper.dev/entry/v1"
GENESIS: Final = f"sha256:{'0' * 64}"
"""What the first entry has as the digest of the one before."""

Columns = dict[str, str | int]
"""The columns of an entry that its digest covers, by name; integers and text only."""

COLUMNS: Final = (
    "sequence",
    "previous",
    "record",
    "decision",
    "at",
    "valid_until",
    "stage",
    "subject",
    "digests",
    "gate",
    "gate_digest",
    "outcome",
    "waived",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record's place in the ledger.

    Attributes:
        sequence: From 1, without gaps.
        previous: The digest of the entry before; :data:`GENESIS` for the first.
        record: The digest of the record's bytes.
        decision: The decision id.
        at, valid_until: From the decision, UTC.
        stage, subject, gate, gate_digest, outcome: From the decision.
        waived: Ids of the rules of which something is waived, sorted.
        broken: Ids of the results that an emergency breaks through, sorted.
    """

    sequence: int
    previous: str
    record: str
    decision: str
    at: datetime
    valid_until: datetime
    stage: str
    subject: Subject
    gate: str
    gate_digest: str
    outcome: Literal["allow", "deny"]
    waived: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Record, *, sequence: int, previous: str) -> Entry:
        """The entry of a record after the entry whose digest is ``previous``."""
        decision = record.decision
        return cls(
            sequence=sequence,
            previous=previous,
            record=record.digest,
            decision=decision.id,
            at=decision.at,
            valid_until=decision.valid_until,
            stage=decision.stage,
            subject=decision.subject,
            gate=decision.gate_name,
            gate_digest=decision.gate_digest,
            outcome=decision.outcome,
            waived=tuple(result.id for result in decision.results if result.waived),
            broken=decision.broken,
        )

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> Entry:
        """Read what :attr:`columns` writes.

        Raises:
            MalformedError: The columns are not those of an entry.
        """
        try:
            named = _json.parse(columns["waived"].encode())
            entry = cls(
                **{name: columns[name] for name in _PLAIN},
                at=_time.parse_instant(columns["at"]),
                valid_until=_time.parse_instant(columns["valid_until"]),
                subject=Subject.of(columns["subject"], _json.parse(columns["digests"].encode())),
                waived=tuple(name for name in named if not name.startswith(_BROKEN)),
                broken=tuple(name.removeprefix(_BROKEN) for name in named if name.startswith(_BROKEN)),
            )
            again = entry.columns
        except (TypeError, ValueError, KeyError, AttributeError) as cause:
            raise MalformedError(f"not an entry: {cause}", code="ledger.entry") from cause
        if again != dict(columns):
            raise MalformedError("not an entry in its own form", code="ledger.entry")
        return entry

    @property
    def columns(self) -> Columns:
        """The columns as they are stored; times have six digits of a second, so that text sorts as they do."""
        return {name: getattr(self, name) for name in _PLAIN} | {
            "at": sortable(self.at),
            "valid_until": sortable(self.valid_until),
            "subject": self.subject.name,
            "digests": _json.canonical(self.subject.digest).decode(),
            "waived": _json.canonical([*self.waived, *(f"{_BROKEN}{name}" for name in self.broken)]).decode(),
        }

    @property
    def digest(self) -> str:
        """The digest of the entry, which the next one names."""
        return digest_of(self.columns)

    @property
    def head(self) -> Checkpoint:
        """The ledger's head after this entry: keep it elsewhere, and ``ledger verify --head`` compares."""
        return Checkpoint(size=self.sequence, head=self.digest)

    def as_json(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "digest": self.digest,
            "at": _time.format_instant(self.at),
            "valid_until": _time.format_instant(self.valid_until),
            "subject": self.subject.as_json(),
            "waived": list(self.waived),
            "broken": list(self.broken),
        }


_BROKEN: Final = "emergency:"
"""Before an id in the column ``waived`` that an emergency breaks through: the layout stays what it was."""

_PLAIN: Final = ("sequence", "previous", "record", "decision", "stage", "gate", "gate_digest", "outcome")


def digest_of(columns: Mapping[str, Any]) -> str:
    """The digest of an entry with these columns.

    Raises:
        MalformedError: A column holds what JSON has not, such as bytes.
    """
    return _json.digest_of({"schema": ENTRY_SCHEMA, **columns})


def sortable(instant: datetime) -> str:
    """An instant as RFC 3339 text of one width."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
