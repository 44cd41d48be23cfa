"""Approvals and waivers: what people sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _time
from gatekeeper.errors import MalformedError
from gatekeeper.facts.schema import compile_schema, validate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gatekeeper.attestation import Statement

APPROVAL_TYPE: Final = "https://gatekeeper.dev/approval/v1"
WAIVER_TYPE: Final = "https://gatekeeper.dev/waiver/v1"
APPROVAL_NAMESPACE: Final = "approval@gatekeeper.dev"
WAIVER_NAMESPACE: Final = "waiver@gatekeeper.dev"
"""SSH signature namespaces: a signature made for one purpose (git, a login) is none for another."""

_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}
_GATE: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "digest"],
    "properties": {"name": _TEXT, "digest": _TEXT},
}

APPROVAL_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict", "stage", "gate", "issued_at", "expires"],
    "properties": {
        "verdict": {"type": "string", "enum": ["approve", "reject"]},
        "stage": _TEXT,
        "gate": _GATE,
        "issued_at": _TIME,
        "expires": _TIME,
        "comment": {"type": "string"},
        "decision": _TEXT,
        "without_baseline": {"type": "array", "items": _TEXT, "uniqueItems": True, "minItems": 1},
    },
}

WAIVER_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rule", "terms", "stage", "gate", "reason", "ticket", "requester", "issued_at", "expires"],
    "properties": {
        "rule": _TEXT,
        "terms": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "stage": _TEXT,
        "gate": _TEXT,
        "reason": _TEXT,
        "ticket": _TEXT,
        "requester": _TEXT,
        "issued_at": _TIME,
        "expires": _TIME,
        "decision": _TEXT,
    },
}

_check_approval: Final = compile_schema(APPROVAL_SCHEMA)
_check_waiver: Final = compile_schema(WAIVER_SCHEMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A yes or no to one subject at one stage of one gate, by digest.

    Attributes:
        verdict: ``approve`` or ``reject``.
        stage, gate, gate_digest: What it is bound to beside the subject.
        issued_at: When the signer says it was made; a claim.
        expires: From when on it does not count.
        comment: In the signer's words.
        decision: Id of the decision that was looked at; empty when none was.
        without_baseline: Baseline slots that need not be filled, since there is no earlier release to compare with.
    """

    verdict: Literal["approve", "reject"]
    stage: str
    gate: str
    gate_digest: str
    issued_at: datetime
    expires: datetime
    comment: str = ""
    decision: str = ""
    without_baseline: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$.predicate") -> Approval:
        """Read the predicate.

        Raises:
            MalformedError: A member is missing, unknown or of another type, or the times contradict each other.
        """
        validate(_check_approval, value, where=where)
        issued_at, expires = _times(value, where)
        gate = value["gate"]
        rest = {name: value[name] for name in ("verdict", "stage", "comment", "decision") if name in value}
        without = tuple(sorted(value.get("without_baseline", ())))
        return cls(
            gate=gate["name"],
            gate_digest=gate["digest"],
            issued_at=issued_at,
            expires=expires,
            without_baseline=without,
            **rest,
        )

    def as_json(self) -> dict[str, Any]:
        """The predicate."""
        optional = {
            "comment": self.comment,
            "decision": self.decision,
            "without_baseline": list(self.without_baseline),
        }
        return {
            "verdict": self.verdict,
            "stage": self.stage,
            "gate": {"name": self.gate, "digest": self.gate_digest},
            "issued_at": _time.format_instant(self.issued_at),
            "expires": _time.format_instant(self.expires),
        } | {name: text for name, text in optional.items() if text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Violations of one rule that may stand for a while, for one subject.

    Attributes:
        rule: The rule's id.
        terms: The terms it covers; empty only for a rule whose violations have no term.
        stage, gate: Where it counts, by name.
        reason, ticket: Why, and where that is tracked.
        requester: Who asks; has to be one of the signers, and another one has to approve.
        issued_at, expires: When it was asked for (a claim), and from when on it does not count.
        decision: Id of the deny it answers; empty when it answers none.
    """

    rule: str
    terms: tuple[str, ...]
    stage: str
    gate: str
    reason: str
    ticket: str
    requester: str
    issued_at: datetime
    expires: datetime
    decision: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$.predicate") -> Waiver:
        """Read the predicate.

        Raises:
            MalformedError: A member is missing, unknown or of another type, or the times contradict each other.
        """
        validate(_check_waiver, value, where=where)
        issued_at, expires = _times(value, where)
        rest = {name: member for name, member in value.items() if name not in {"terms", "issued_at", "expires"}}
        return cls(terms=tuple(sorted(value["terms"])), issued_at=issued_at, expires=expires, **rest)

    def as_json(self) -> dict[str, Any]:
        """The predicate."""
        texts = {name: getattr(self, name) for name in ("rule", "stage", "gate", "reason", "ticket", "requester")}
        return {
            **texts,
            "terms": list(self.terms),
            "issued_at": _time.format_instant(self.issued_at),
            "expires": _time.format_instant(self.expires),
        } | ({"decision": self.decision} if self.decision else {})

    def covers(self, term: str) -> bool:
        """Whether a violation with this term is covered."""
        return term in self.terms if term else not self.terms


def read_approval(statement: Statement) -> Approval:
    """The approval in a statement of :data:`APPROVAL_TYPE`."""
    return Approval.from_json(statement.predicate)


def read_waiver(statement: Statement) -> Waiver:
    """The waiver in a statement of :data:`WAIVER_TYPE`."""
    return Waiver.from_json(statement.predicate)


def _times(value: Mapping[str, Any], where: str) -> tuple[datetime, datetime]:
    issued = _time.parse_instant(value["issued_at"], where=f"{where}.issued_at")
    expires = _time.parse_instant(value["expires"], where=f"{where}.expires")
    if expires <= issued:
        raise MalformedError("it expires before it is issued", where=f"{where}.expires", code="approval.expires")
    return issued, expires
