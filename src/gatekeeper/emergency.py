"""Break-glass: what a gate lets an emergency do, what a person signs to declare one, and what is signed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.errors import MalformedError
from gatekeeper.facts.schema import compile_schema, validate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from gatekeeper.attestation import Statement

EMERGENCY_TYPE: Final = "https://gatekeeper.dev/emergency/v1"
REVIEW_TYPE: Final = "https://gatekeeper.dev/emergency-review/v1"
EMERGENCY_NAMESPACE: Final = "emergency@gatekeeper.dev"
REVIEW_NAMESPACE: Final = "emergency-review@gatekeeper.dev"
"""SSH signature namespaces, apart from those of approvals: no approval can be taken for one of these."""

_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}


def _closed(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **optional},
    }


EMERGENCY_SCHEMA: Final = _closed(
    {
        "stage": _TEXT,
        "gate": _closed({"name": _TEXT, "digest": _TEXT}),
        "reason": _TEXT,
        "issued_at": _TIME,
        "expires": _TIME,
    }
)
REVIEW_SCHEMA: Final = _closed({"record": _TEXT, "decision": _TEXT, "comment": _TEXT, "issued_at": _TIME})

_SHOWN: Final[dict[str, dict[str, Any]]] = {
    "used": {
        **dict.fromkeys(("asked", "status", "reason", "digest"), _TEXT),
        **{name: {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True} for name in ("by", "through")},
        **dict.fromkeys(("declared_at", "ends"), _TIME),
    },
    "unneeded": dict.fromkeys(("asked", "status"), _TEXT),
    "refused": dict.fromkeys(("asked", "status", "why"), _TEXT),
}
"""What a decision shows of an emergency, by its status."""

_check_shown: Final = {status: compile_schema(_closed(members)) for status, members in _SHOWN.items()}
_check_emergency: Final = compile_schema(EMERGENCY_SCHEMA)
_check_review: Final = compile_schema(REVIEW_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyTerms:
    """What a gate lets an emergency do: ``[emergency]`` of ``gate.toml``.

    Attributes:
        role: Who may declare one.
        max_length: How long after it was declared its allow ends, whoever decides again meanwhile.
        never: Ids of results, or ``pack.*``, that no emergency breaks through.
        review: Who may review one; somebody else than who declared it.
    """

    role: str
    max_length: timedelta
    never: tuple[str, ...] = ()
    review: str

    def spares(self, result_id: str) -> bool:
        """Whether a result is never broken through."""
        return any(pattern in {result_id, f"{result_id.partition('.')[0]}.*"} for pattern in self.never)

    def as_json(self) -> dict[str, Any]:
        """The terms in the gate's digest."""
        return {
            "role": self.role,
            "max": _time.format_duration(self.max_length),
            "never": sorted(self.never),
            "review": self.review,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> EmergencyTerms:
        """The inverse of :meth:`as_json`."""
        longest = _time.parse_duration(value["max"])
        return cls(role=value["role"], max_length=longest, never=tuple(value["never"]), review=value["review"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """A person's word that one subject has to enter one stage of one gate now, whatever it lacks.

    Attributes:
        stage, gate, gate_digest: What it is bound to beside the subject.
        reason: In the signer's words.
        issued_at: When the signer says it was made; a claim.
        expires: From when on it does not count.
    """

    stage: str
    gate: str
    gate_digest: str
    reason: str
    issued_at: datetime
    expires: datetime

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$.predicate") -> Emergency:
        """Read the predicate.

        Raises:
            MalformedError: A member is missing, unknown or of another type, or the times contradict each other.
        """
        validate(_check_emergency, value, where=where)
        issued = _time.parse_instant(value["issued_at"], where=f"{where}.issued_at")
        expires = _time.parse_instant(value["expires"], where=f"{where}.expires")
        if expires <= issued:
            raise MalformedError("it expires before it is issued", where=f"{where}.expires", code="emergency.expires")
        gate = value["gate"]
        return cls(
            stage=value["stage"],
            gate=gate["name"],
            gate_digest=gate["digest"],
            reason=value["reason"],
            issued_at=issued,
            expires=expires,
        )

    def as_json(self) -> dict[str, Any]:
        """The predicate."""
        return {
            "stage": self.stage,
            "gate": {"name": self.gate, "digest": self.gate_digest},
            "reason": self.reason,
            "issued_at": _time.format_instant(self.issued_at),
            "expires": _time.format_instant(self.expires),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Somebody's word that they have looked at what was broken through.

    Attributes:
        record, decision: Digest of the record's bytes and id of its decision.
        comment: What was found.
        issued_at: When the signer says it was made; a claim.
    """

    record: str
    decision: str
    comment: str
    issued_at: datetime

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$.predicate") -> Review:
        """Read the predicate.

        Raises:
            MalformedError: A member is missing, unknown or of another type.
        """
        validate(_check_review, value, where=where)
        issued = _time.parse_instant(value["issued_at"], where=f"{where}.issued_at")
        return cls(**{**value, "issued_at": issued})

    def as_json(self) -> dict[str, Any]:
        """The predicate."""
        plain = {name: getattr(self, name) for name in ("record", "decision", "comment")}
        return plain | {"issued_at": _time.format_instant(self.issued_at)}


def read_emergency(statement: Statement) -> Emergency:
    """The emergency in a statement of :data:`EMERGENCY_TYPE`."""
    return Emergency.from_json(statement.predicate)


def check_shown(value: Mapping[str, Any], *, where: str) -> None:
    """Refuse what no decision shows of an emergency.

    Raises:
        MalformedError: A member is missing, unknown or of another type.
    """
    status = value.get("status")
    if not isinstance(status, str) or status not in _check_shown:
        known = ", ".join(_check_shown)
        raise MalformedError(f"none of {known}", where=f"{where}.status", code="emergency.status")
    validate(_check_shown[status], value, where=where)
