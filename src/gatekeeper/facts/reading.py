"""What was read from a report or from a standard predicate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a collector or a reader of a standard predicate read.

    Attributes:
        kind: The kind of evidence.
        format: The report's format, such as ``junit``.
        facts: Facts, valid by the schema of the kind.
        producer: The tool that made the report, with its version where the report says.
        media_type: Of the report.
        targets: Digest sets of what the report says it is about; ``attest`` refuses a subject that none matches.
            Empty when the report names none.
    """

    kind: str
    format: str
    facts: Mapping[str, Any]
    producer: str = ""
    media_type: str = ""
    targets: tuple[Mapping[str, str], ...] = field(default=())
