"""The decision: allow or deny for one subject, one stage and one instant, with every reason.

A pure value. ``outcome``, ``waiting``, ``next`` and ``valid_until`` are computed from what it holds and stored nowhere,
so that no copy of a deny can be edited into an allow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from gatekeeper import _json, _time

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.material import Material
    from gatekeeper.question import EngineIdentity
    from gatekeeper.subject import Subject

DECISION_SCHEMA: Final = "https://gatekeeper.dev/decision/v1"

Outcome = Literal["pass", "fail", "warn", "waived", "unanswered"]
Status = Literal["verified", "unsigned", "rejected", "unsupported"]
Next = Literal["proceed", "hold", "roll_back"]
OPEN_OUTCOMES: Final = frozenset({"pass", "warn", "waived"})
"""Outcomes of a result that do not close the gate. Whatever is not in here does."""


def _known(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", (), [])}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One reason of a rule or requirement to say no.

    Attributes:
        message: What is wrong, one sentence.
        term: Which of many (a test, a package, a path); what a waiver names. Empty when there is only one.
        source: Where it was read, as :meth:`gatekeeper.facts.Source.as_json`; None for what is not there.
        locator: The place inside the report.
        expected, actual: Values, with ``unit``.
        remedy: What to do.
        waiting: It may still be met by what arrives later: an approval, a record, an empty slot.
    """

    message: str
    term: str = ""
    source: dict[str, Any] | None = None
    locator: str = ""
    expected: Any = None
    actual: Any = None
    unit: str = ""
    remedy: str = ""
    waiting: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form in a decision; what is unknown is absent."""
        return {"message": self.message} | _known(
            term=self.term,
            source=self.source,
            locator=self.locator,
            expected=self.expected,
            actual=self.actual,
            unit=self.unit,
            remedy=self.remedy,
            waiting=self.waiting or None,
        )

    @property
    def sort_key(self) -> tuple[str, str, str, str]:
        """Violations stand in one order whatever order they were found in."""
        return self.term, self.message, self.locator, _json.canonical(self.as_json()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one rule or requirement says.

    Attributes:
        id: ``coverage.lines``, ``slot.unit``, ``approval.release-manager``, ``stage.build``.
        title: One line for people.
        description: Why the rule exists.
        outcome: ``unanswered`` and ``fail`` close the gate.
        violations: The reasons, sorted; what is warned of where the outcome is ``warn``.
        warnings: What the rule warns of besides, where it also denies.
        waived: Violations that a waiver covers.
        waiver: Digests of the waivers that cover them, sorted.
        severity, controls: From the rule's METADATA.
        effective_on: The day (``2027-01-01``) from which what is now only warned of closes the gate; empty for none.
        emergency: Digest of the signed emergency that breaks through it; empty for none. Its outcome stays what it is.
        on_fail: ``roll_back`` where a failure asks a canary to go back; empty where it only holds it.
    """

    id: str
    title: str
    outcome: Outcome
    description: str = ""
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    waived: tuple[Violation, ...] = ()
    waiver: tuple[str, ...] = ()
    severity: str = ""
    controls: tuple[str, ...] = ()
    effective_on: str = ""
    on_fail: Literal["", "roll_back"] = ""
    emergency: str = ""

    @property
    def is_open(self) -> bool:
        """It does not close the gate."""
        return self.outcome in OPEN_OUTCOMES or bool(self.emergency)

    @property
    def is_waiting(self) -> bool:
        """It closes the gate only for want of what may still arrive."""
        return not self.is_open and bool(self.violations) and all(item.waiting for item in self.violations)

    @property
    def rolls_back(self) -> bool:
        """It fails, and its failure asks a canary to go back. What is unanswered says nothing of the release."""
        return self.outcome == "fail" and self.on_fail == "roll_back"

    def as_json(self) -> dict[str, Any]:
        """The form in a decision."""
        return {
            "id": self.id,
            "title": self.title,
            "outcome": self.outcome,
            "violations": [violation.as_json() for violation in self.violations],
        } | _known(
            description=self.description,
            warnings=[violation.as_json() for violation in self.warnings],
            waived=[violation.as_json() for violation in self.waived],
            waiver=list(self.waiver),
            severity=self.severity,
            controls=list(self.controls),
            effective_on=self.effective_on,
            on_fail=self.on_fail,
            emergency=self.emergency,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One attestation of the evidence and what became of it.

    Attributes:
        digest: Of the bytes received.
        kind: The kind of evidence; ``approval``, ``waiver``, ``decision``; empty when it cannot be told.
        slot: The slot it is for.
        status: Whether its word is believed.
        reason: Why it is rejected or unsupported, or what is to be known of it (``time is claimed``).
        signers: Names of the signers whose signatures hold, sorted.
        read_by: The reader and its version, such as ``facts/1``.
        name: The file name the producer gave.
    """

    digest: str
    kind: str
    slot: str
    status: Status
    reason: str = ""
    signers: tuple[str, ...] = ()
    read_by: str = ""
    name: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form in a decision."""
        return {
            "digest": self.digest,
            "kind": self.kind,
            "slot": self.slot,
            "status": self.status,
            "signers": list(self.signers),
        } | _known(reason=self.reason, read_by=self.read_by, name=self.name)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """May this subject enter this stage, and why.

    ``bool(decision)`` is True for an allow and for nothing else.

    Attributes:
        subject, stage, at: What was asked, about the instant ``at`` (UTC).
        gate_name, gate_digest: The gate that answered.
        gate_base: The digest of the gate that it extends; None where it stands alone.
        trust: Digest of the trust that was applied.
        rules_digest: Digest of what the engine received as rules.
        engine: Name and version, such as ``opa 1.22.2``.
        evidence_digest: Over the sorted digests of the bytes received.
        items: What became of each attestation, sorted.
        results: Requirements and rules alike, sorted by id; never empty.
        waivers: Waivers seen, each with ``status`` used, unused, expired, self-approved, over-broad or rejected.
        approvals: Approvals seen, each with ``status`` counted or not, and why.
        lapses: ``(instant, reason)`` for each instant at which this decision may change, sorted.
        rests_on_unsigned: A slot is filled by unsigned evidence, or the stage before rests on some.
        emergency: What became of an emergency that was asked for: ``status`` used, unneeded or refused.
        after: ``stage`` and ``decision`` of the allow that it rests on; None for a first stage, or where there is none.
        trail: The records behind it, the nearest stage first, where the stage asks for them.
        baseline: The earlier release that it is compared with, or who approves that there is none; None where the stage
            compares with none, or none was found.
        links: How slots were followed from the subject to what their evidence is about.
        canary: The stage is a canary, and the decision says what comes ``next``.
        material: What it was made from, for sealing; not part of the decision.
        engine_identity: Which binary answered, for the record; not part of the decision.
    """

    subject: Subject
    stage: str
    at: datetime
    gate_name: str
    gate_digest: str
    trust: str
    rules_digest: str
    engine: str
    evidence_digest: str
    items: tuple[Item, ...]
    results: tuple[Result, ...]
    waivers: tuple[dict[str, Any], ...] = ()
    approvals: tuple[dict[str, Any], ...] = ()
    lapses: tuple[tuple[datetime, str], ...]
    rests_on_unsigned: bool = False
    emergency: dict[str, Any] | None = None
    after: dict[str, str] | None = None
    trail: tuple[dict[str, Any], ...] = ()
    baseline: dict[str, Any] | None = None
    links: tuple[dict[str, Any], ...] = ()
    canary: bool = False
    gate_base: str | None = None
    material: Material | None = field(default=None, compare=False, repr=False)
    engine_identity: EngineIdentity | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def allowed(self) -> bool:
        """Every result is open, and there are some."""
        return bool(self.results) and all(result.is_open for result in self.results)

    @property
    def outcome(self) -> Literal["allow", "deny"]:
        """The verdict in a word."""
        return "allow" if self.allowed else "deny"

    @property
    def waiting(self) -> bool:
        """A deny only for want of what may still arrive."""
        closed = [result for result in self.results if not result.is_open]
        return bool(closed) and all(result.is_waiting for result in closed)

    @property
    def broken(self) -> tuple[str, ...]:
        """Ids of the results that an emergency breaks through; none in an ordinary decision."""
        return tuple(result.id for result in self.results if result.emergency)

    @property
    def next(self) -> Next | None:
        """What a canary does now; None where the stage is none. ``proceed`` goes with an allow and nothing else."""
        if not self.canary:
            return None
        if self.allowed:
            return "proceed"
        return "roll_back" if any(result.rolls_back for result in self.results) else "hold"

    @property
    def valid_until(self) -> datetime:
        """The earliest instant at which this decision may change."""
        return min(instant for instant, _ in self.lapses)

    @cached_property
    def canonical(self) -> bytes:
        """The decision as canonical JSON (RFC 8785): the same bytes for the same inputs on any machine."""
        return _json.canonical(self.as_json())

    @property
    def id(self) -> str:
        """The SHA-256 of the canonical form."""
        return _json.digest(self.canonical)

    def as_json(self) -> dict[str, Any]:
        """The decision as the contract's JSON object."""
        return {
            "schema": DECISION_SCHEMA,
            "outcome": self.outcome,
            "waiting": self.waiting,
            "stage": self.stage,
            "at": _time.format_instant(self.at),
            "valid_until": _time.format_instant(self.valid_until),
            "lapses": [{"at": _time.format_instant(instant), "reason": reason} for instant, reason in self.lapses],
            "subject": self.subject.as_json(),
            "gate": {"name": self.gate_name, "digest": self.gate_digest, "base": self.gate_base},
            "trust": self.trust,
            "rules_digest": self.rules_digest,
            "engine": self.engine,
            "evidence": {"digest": self.evidence_digest, "items": [item.as_json() for item in self.items]},
            "results": [result.as_json() for result in self.results],
            "waivers": list(self.waivers),
            "approvals": list(self.approvals),
            "emergency": self.emergency,
            "rests_on_unsigned": self.rests_on_unsigned,
        } | _known(
            next=self.next, after=self.after, trail=list(self.trail), baseline=self.baseline, links=list(self.links)
        )

    def explain(self, form: str = "text", **options: Any) -> str:
        """Render the decision for people or tools; see :func:`gatekeeper.report.render`."""
        from gatekeeper.report import render

        return render(self.as_json(), form, **options)
