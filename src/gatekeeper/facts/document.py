"""A document: the facts of one report, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTS_TYPE: Final = "https://gatekeeper.dev/facts/v1"
"""Predicate type of a statement that carries facts; the kind is a member of the predicate."""

Shard = tuple[int, int]
"""Which of how many, from 1: ``(2, 4)`` is the second of four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a document comes from; what explanations cite.

    Attributes:
        digest: ``sha256:`` digest of the raw report; of the statement's payload where there is no report.
        kind: The kind of evidence.
        slot: The slot it is for; empty when it names none.
        shard: Which of how many; ``(1, 1)`` when it is whole.
        name: The report's file name as the producer gave it; a claim, for people.
        format: The report's format, such as ``junit``.
        producer: The tool that made the report, with its version where known.
        signers: Names of the signers whose word this is, sorted; empty for unsigned.
        verified_at: RFC 3339 time proven by a log or timestamp authority; empty when there is none.
        baseline: The baseline slot through which a document of an earlier release came; empty for the subject's own.
    """

    digest: str
    kind: str
    slot: str = ""
    shard: Shard = (1, 1)
    name: str = ""
    format: str = ""
    producer: str = ""
    signers: tuple[str, ...] = ()
    verified_at: str = ""
    baseline: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form that rules and decisions see; what is unknown is absent."""
        known = {
            "digest": self.digest,
            "kind": self.kind,
            "slot": self.slot,
            "shard": f"{self.shard[0]}/{self.shard[1]}",
            "name": self.name,
            "format": self.format,
            "producer": self.producer,
            "verified_at": self.verified_at,
            "baseline": self.baseline,
        }
        return {name: value for name, value in known.items() if value} | {"signers": list(self.signers)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$") -> Source:
        """The inverse of :meth:`as_json`; ``value`` has its members and types.

        Raises:
            MalformedError: The shard is none.
        """
        shard = parse_shard(value["shard"], where=f"{where}.shard")
        rest = {name: member for name, member in value.items() if name not in {"shard", "signers"}}
        return cls(**rest, shard=shard, signers=tuple(value["signers"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The facts of one report, valid by the schema of their kind.

    Attributes:
        source: Where they come from.
        facts: The facts; read only.
    """

    source: Source
    facts: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The kind of evidence."""
        return self.source.kind

    def as_input(self) -> dict[str, Any]:
        """The document as a rule sees it: facts and ``source``."""
        return {**self.facts, "source": self.source.as_json()}


def parse_shard(text: object, *, where: str = "") -> Shard:
    """Read ``2/4``.

    Raises:
        MalformedError: Not two whole numbers, or an index outside 1 to the count.
    """
    parts = text.split("/") if isinstance(text, str) and text.isascii() else []
    if len(parts) == 2 and all(part.isdigit() and len(part) < 5 for part in parts):  # noqa: PLR2004
        index, count = int(parts[0]), int(parts[1])
        if 1 <= index <= count:
            return index, count
    raise MalformedError(f"{text!r} is not a shard", where=where, hint="write 2/4 for the second of four", code="shard")
