"""The predicate that carries facts: written when a report is attested, read when a decision is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.attestation import parse_statement
from gatekeeper.errors import MalformedError, UsageError
from gatekeeper.facts.document import FACTS_TYPE, Document, Source, parse_shard
from gatekeeper.facts.kinds import kind as kind_called

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.attestation import Statement

SLOT: Final = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
"""What slots are called."""

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_TEXTS: Final = ("kind", "slot", "shard", "format")
_MEMBERS: Final = frozenset({*_TEXTS, "facts", "raw"})
_OPTIONAL: Final = frozenset({"producer", "attested_at", "library"})
_RAW: Final = frozenset({"name", "digest", "media_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """What a statement of facts says. It is a claim until its signatures hold.

    Attributes:
        document: The facts, and where they come from; nobody has signed in it.
        media_type: Of the raw report; empty when nobody said.
        attested_at: When it was attested, as the one who did it says; None when they do not.
        library: The version of the library that read the report; empty when it is not said.
    """

    document: Document
    media_type: str = ""
    attested_at: datetime | None = None
    library: str = ""

    def as_predicate(self) -> dict[str, Any]:
        """The predicate; what is unknown is absent."""
        source = self.document.source
        raw = {"name": source.name, "digest": source.digest, "media_type": self.media_type}
        optional = {
            "producer": source.producer,
            "attested_at": _time.format_instant(self.attested_at) if self.attested_at else "",
            "library": self.library,
        }
        return {
            "kind": source.kind,
            "slot": source.slot,
            "shard": f"{source.shard[0]}/{source.shard[1]}",
            "format": source.format,
            "facts": dict(self.document.facts),
            "raw": {name: value for name, value in raw.items() if value},
            **{name: value for name, value in optional.items() if value},
        }


def read_facts(statement: Statement) -> Attested:
    """Read the predicate of a statement of facts; the inverse of :meth:`Attested.as_predicate`.

    The facts are checked against the schema of their kind and counted again, whoever signed them.

    Raises:
        MalformedError: Something is absent, unknown or of another shape, the facts do not fit their schema, or their
            counts are not those of the items in them; ``where`` has the place.
    """
    if statement.predicate_type != FACTS_TYPE:
        raise MalformedError("not a statement of facts", where="$.predicateType", code="facts.type")
    predicate, where = statement.predicate, "$.predicate"
    _members(predicate, _MEMBERS, _OPTIONAL, where)
    texts = {name: _text(predicate, name, where) for name in _MEMBERS | _OPTIONAL if name not in {"facts", "raw"}}
    raw = predicate["raw"]
    if not isinstance(raw, dict):
        raise MalformedError("not an object", where=f"{where}.raw", code="facts.member")
    _members(raw, frozenset({"digest"}), _RAW, f"{where}.raw")
    source = Source(
        digest=_digest(_text(raw, "digest", f"{where}.raw"), f"{where}.raw.digest"),
        kind=texts["kind"],
        slot=check_slot(texts["slot"], where=f"{where}.slot"),
        shard=parse_shard(texts["shard"], where=f"{where}.shard"),
        name=_text(raw, "name", f"{where}.raw"),
        format=texts["format"],
        producer=texts["producer"],
    )
    _check_facts(source.kind, predicate["facts"], where)
    at = texts["attested_at"]
    return Attested(
        document=Document(source=source, facts=predicate["facts"]),
        media_type=_text(raw, "media_type", f"{where}.raw"),
        attested_at=_time.parse_instant(at, where=f"{where}.attested_at") if at else None,
        library=texts["library"],
    )


def claimed_slot(payload: bytes) -> str:
    """The slot that a statement of facts says it is for; empty when it is none, or cannot be read."""
    try:
        statement = parse_statement(payload)
    except MalformedError:
        return ""
    slot = statement.predicate.get("slot") if statement.predicate_type == FACTS_TYPE else None
    return slot if isinstance(slot, str) and SLOT.fullmatch(slot) else ""


def check_slot(text: str, *, where: str = "") -> str:
    """Return ``text`` if slots can be called that.

    Raises:
        MalformedError: They cannot.
    """
    if not SLOT.fullmatch(text):
        raise MalformedError(
            f"no slot is called {text!r}", where=where, hint="use a-z, 0-9, _ and -, as in unit", code="slot"
        )
    return text


def _check_facts(kind: str, facts: Any, where: str) -> None:
    try:
        known = kind_called(kind, where=f"{where}.kind")
    except UsageError as cause:  # a word in a document, not on a command line
        raise MalformedError(cause.message, where=cause.where, hint=cause.hint, code=cause.code) from cause
    known.validate(facts, where=f"{where}.facts")


def _members(value: dict[str, Any], needed: frozenset[str], optional: frozenset[str], where: str) -> None:
    for name in sorted(needed - value.keys()):
        raise MalformedError("absent", where=f"{where}.{name}", code="facts.member")
    for name in sorted(value.keys() - needed - optional):
        raise MalformedError("not known here", where=f"{where}.{name}", code="facts.member")


def _text(value: dict[str, Any], name: str, where: str) -> str:
    text = value.get(name, "")
    if not isinstance(text, str) or (name in value and not text):
        raise MalformedError("not text, or empty", where=f"{where}.{name}", code="facts.member")
    return text


def _digest(text: str, where: str) -> str:
    if not _DIGEST.fullmatch(text):
        raise MalformedError(
            "not a digest", where=where, hint="sha256: and 64 lower-case hexadecimal digits", code="facts.digest"
        )
    return text
