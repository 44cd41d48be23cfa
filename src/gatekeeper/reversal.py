"""Rolling back: what a stage asks before an earlier release comes back, and what a record says that asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.errors import MalformedError
from gatekeeper.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertAsk:
    """What a stage asks in which the question is "may we roll back now": ``revert`` of ``gate.toml``.

    Attributes:
        when: The canary stage whose record about another subject has to say ``roll_back``.
        to: The stage that has let the target in before.
        max_age: How old the record that asks for it may be.
        within: How old the release may be that is come back to.
        role: Who may ask for it instead, by an approval; empty where nobody may.
        gates: Digests of this gate as it was, whose releases may be come back to.
    """

    when: str
    to: str
    max_age: timedelta
    within: timedelta
    role: str = ""
    gates: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The ask in the gate's digest."""
        return {
            "when": self.when,
            "to": self.to,
            "max_age": _time.format_duration(self.max_age),
            "within": _time.format_duration(self.within),
            "role": self.role,
            "gates": sorted(self.gates),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RevertAsk:
        """The inverse of :meth:`as_json`."""
        times = {name: _time.parse_duration(value[name]) for name in ("max_age", "within")}
        return cls(**{**value, **times, "gates": tuple(value["gates"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """A sealed decision of a canary about another subject than the one that is asked about.

    Attributes:
        stage, gate, gate_digest, decision: What was decided, by which gate; the decision's id.
        next: ``proceed``, ``hold`` or ``roll_back``; empty where the stage was no canary.
        at: When it was made.
        subject: About what.
    """

    stage: str
    gate: str
    gate_digest: str
    decision: str
    next: str
    at: datetime
    subject: Subject

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        plain = {name: getattr(self, name) for name in ("stage", "gate", "gate_digest", "decision", "next")}
        return plain | {"at": _time.format_instant(self.at), "subject": self.subject.as_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], *, where: str = "$") -> Reversal:
        """The inverse of :meth:`as_json`.

        Raises:
            MalformedError: It is not what :meth:`as_json` writes.
        """
        try:
            subject = value["subject"]
            said = cls(
                **{name: str(value[name]) for name in ("stage", "gate", "gate_digest", "decision", "next")},
                at=_time.parse_instant(value["at"], where=f"{where}.at"),
                subject=Subject.of(subject["name"], subject["digest"]),
            )
        except (KeyError, TypeError, AttributeError) as cause:
            raise MalformedError(f"no record of a canary: {cause}", where=where, code="verdict") from cause
        if said.as_json() != value:
            raise MalformedError("not as it is written", where=where, code="verdict")
        return said
