"""A decision's JSON as typed values, grouped as explanations show them.

The JSON may come from a file that somebody wrote, so its shape is checked, and so is that its verdict follows from
its results: a deny edited into an allow is not rendered, it is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _json
from gatekeeper.errors import MalformedError
from gatekeeper.report.ground import Ground, read_ground
from gatekeeper.report.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OPEN: Final = frozenset({"pass", "warn", "waived"})
OUTCOMES: Final = OPEN | {"fail", "unanswered"}
NEXT: Final = frozenset({"proceed", "hold", "roll_back"})
EMERGENCY_STATUSES: Final = frozenset({"used", "unneeded", "refused"})
STATUSES: Final = frozenset({"verified", "unsigned", "rejected", "unsupported"})
_SEVERITIES: Final = ("critical", "high", "error", "medium", "warning", "low", "note", "negligible")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a violation was read: the report and who vouches for it."""

    digest: str
    kind: str
    slot: str
    shard: str
    name: str
    producer: str
    signers: tuple[str, ...]
    verified_at: str
    baseline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One violation; ``expected`` and ``actual`` are text already, empty when not given."""

    message: str
    term: str = ""
    origin: Origin | None = None
    locator: str = ""
    expected: str = ""
    actual: str = ""
    unit: str = ""
    remedy: str = ""
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one rule or requirement said."""

    id: str
    title: str
    description: str
    outcome: str
    severity: str
    controls: tuple[str, ...]
    effective_on: str
    on_fail: str
    emergency: str
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    waivers: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """It does not close the gate."""
        return self.outcome in OPEN or bool(self.emergency)

    @property
    def is_waiting(self) -> bool:
        """It closes the gate only for want of what may still arrive."""
        return not self.is_open and all(finding.waiting for finding in self.findings)

    @property
    def rolls_back(self) -> bool:
        """It fails, and its failure asks a canary to go back."""
        return self.outcome == "fail" and self.on_fail == "roll_back"

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Worst first: failed before unanswered, by severity, then by id."""
        known = _SEVERITIES.index(self.severity) if self.severity in _SEVERITIES else len(_SEVERITIES)
        return self.outcome == "unanswered", known, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One attestation and what became of it."""

    digest: str
    kind: str
    slot: str
    status: str
    reason: str
    signers: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A signed yes or no, and whether it counted."""

    person: str
    verdict: str
    counted: bool
    comment: str
    expires: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A signed waiver; ``why`` says why it does not cover anything."""

    rule: str
    terms: tuple[str, ...]
    status: str
    approved_by: tuple[str, ...]
    requester: str
    reason: str
    ticket: str
    expires: str
    why: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """An emergency that was asked for; ``why`` says why it is refused."""

    status: str
    asked: str
    why: str
    reason: str
    by: tuple[str, ...]
    digest: str
    declared_at: str
    ends: str


@dataclass(frozen=True, kw_only=True)
class View:
    """The decision, read and grouped."""

    id: str
    preview: bool
    outcome: str
    waiting: bool
    stage: str
    at: str
    valid_until: str
    lapses: tuple[tuple[str, str], ...]
    subject: str
    subject_digest: str
    gate: str
    gate_digest: str
    base: str
    trust: str
    rules_digest: str
    engine: str
    evidence_digest: str
    rests_on_unsigned: bool
    answers: tuple[Answer, ...]
    pieces: tuple[Piece, ...]
    waivers: tuple[Waiver, ...]
    approvals: tuple[Approval, ...]
    next: str
    grounds: tuple[Ground, ...]
    emergency: Emergency | None

    @property
    def allowed(self) -> bool:
        """The verdict."""
        return self.outcome == "allow"

    @cached_property
    def closed(self) -> tuple[Answer, ...]:
        """What closes the gate and is not only waiting, worst first."""
        return self._ranked(lambda answer: not answer.is_open and not answer.is_waiting)

    @cached_property
    def pending(self) -> tuple[Answer, ...]:
        """What is only waiting."""
        return self._ranked(lambda answer: answer.is_waiting)

    @cached_property
    def broken(self) -> tuple[Answer, ...]:
        """What an emergency breaks through, worst first."""
        return self._ranked(lambda answer: bool(answer.emergency))

    @cached_property
    def waived(self) -> tuple[Answer, ...]:
        """What has waived violations, whether or not others stand."""
        return self._ranked(lambda answer: bool(answer.waived) or answer.outcome == "waived")

    @cached_property
    def warned(self) -> tuple[Answer, ...]:
        """What warns; of an answer that closes the gate too, only its warnings."""
        plain = self._ranked(lambda answer: answer.outcome == "warn" or bool(answer.warnings))
        return tuple(
            replace(answer, findings=(answer.findings if answer.outcome == "warn" else ()) + answer.warnings)
            for answer in plain
        )

    @cached_property
    def passed(self) -> tuple[Answer, ...]:
        """What passed, by id."""
        return self._ranked(lambda answer: answer.outcome == "pass")

    @cached_property
    def disbelieved(self) -> tuple[Piece, ...]:
        """Evidence that is rejected or of an unsupported shape, by slot and name."""
        return self._pieces("rejected", "unsupported")

    @cached_property
    def unsigned(self) -> tuple[Piece, ...]:
        """Evidence that was accepted without a signature, by slot and name."""
        return self._pieces("unsigned")

    @cached_property
    def idle_waivers(self) -> tuple[Waiver, ...]:
        """Waivers that cover nothing here: unused, expired, over-broad, rejected."""
        return tuple(waiver for waiver in self.waivers if waiver.status != "used")

    def waiver(self, digest: str) -> Waiver | None:
        """The waiver with this digest."""
        return next((waiver for waiver in self.waivers if waiver.digest == digest), None)

    @cached_property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Every answer once, by what became of it; those that are none are left out."""
        outcomes = [answer.outcome for answer in self.answers if not answer.is_waiting and not answer.emergency]
        named = {"failed": "fail", "unanswered": "unanswered", "warned": "warn", "waived": "waived", "passed": "pass"}
        found = {word: outcomes.count(outcome) for word, outcome in named.items()}
        found |= {"waiting": len(self.pending), "broken through": len(self.broken)}
        order = ("failed", "unanswered", "waiting", "broken through", "waived", "warned", "passed")
        return tuple((word, found[word]) for word in order if found[word])

    def _pieces(self, *statuses: str) -> tuple[Piece, ...]:
        found = sorted(self.pieces, key=lambda piece: (piece.slot, piece.name, piece.digest))
        return tuple(piece for status in statuses for piece in found if piece.status == status)

    def _ranked(self, wanted: Callable[[Answer], bool]) -> tuple[Answer, ...]:
        return tuple(sorted((answer for answer in self.answers if wanted(answer)), key=lambda answer: answer.rank))


def read(decision: Mapping[str, Any], *, preview: bool = False) -> View:
    """Read the JSON of a decision (:meth:`gatekeeper.decision.Decision.as_json`).

    Raises:
        MalformedError: Its shape is not that of a decision, or its verdict does not follow from its results.
    """
    root = Node(decision, "$")
    subject, gate, evidence = root.node("subject"), root.node("gate"), root.node("evidence")
    digests = subject.node("digest")
    view = View(
        id=_json.digest_of(decision),
        preview=preview,
        outcome=root.one_of("outcome", frozenset({"allow", "deny"})),
        waiting=root.flag("waiting"),
        stage=root.text("stage"),
        at=root.text("at"),
        valid_until=root.text("valid_until"),
        lapses=tuple((lapse.text("at"), lapse.text("reason")) for lapse in root.nodes("lapses")),
        subject=subject.text("name"),
        subject_digest=", ".join(f"{name}:{digests.text(name)}" for name in sorted(digests.value)),
        gate=gate.text("name"),
        gate_digest=gate.text("digest"),
        base="" if gate.value.get("base") is None else gate.text("base"),
        trust=root.text("trust"),
        rules_digest=root.text("rules_digest"),
        engine=root.text("engine"),
        evidence_digest=evidence.text("digest"),
        rests_on_unsigned=root.flag("rests_on_unsigned"),
        answers=tuple(_answer(node) for node in root.nodes("results")),
        pieces=tuple(_piece(node) for node in evidence.nodes("items")),
        waivers=tuple(_waiver(node) for node in root.nodes("waivers")),
        approvals=tuple(_approval(node) for node in root.nodes("approvals")),
        grounds=read_ground(root),
        next=root.one_of("next", NEXT) if "next" in root.value else "",
        emergency=_emergency(root.node("emergency")) if root.value.get("emergency") is not None else None,
    )
    _check_verdict(view)
    return view


def _check_verdict(view: View) -> None:
    allowed = bool(view.answers) and all(answer.is_open for answer in view.answers)
    excused = [answer for answer in view.answers if answer.outcome in {"pass", "waived"} and answer.findings]
    if view.allowed != allowed or excused or _broken_otherwise(view) or view.next not in {"", _next(view)}:
        raise MalformedError(
            f"the decision says {view.outcome}, its results do not",
            where="$.outcome",
            hint="the file was edited; take the record itself",
            code="report.verdict",
        )


def _broken_otherwise(view: View) -> bool:
    """Something is said to be broken through, and not by the emergency that is used; or nothing is."""
    used = {view.emergency.digest} if view.emergency and view.emergency.status == "used" else set()
    return {answer.emergency for answer in view.broken} != used


def _next(view: View) -> str:
    if view.allowed:
        return "proceed"
    return "roll_back" if any(answer.rolls_back for answer in view.answers) else "hold"


def _answer(node: Node) -> Answer:
    outcome = node.one_of("outcome", OUTCOMES)
    findings = tuple(_finding(item) for item in node.nodes("violations"))
    if not findings and outcome not in OPEN:
        findings = (Finding(message="it gave no reason", remedy="mend the rule"),)
    return Answer(
        id=node.text("id"),
        title=node.text("title"),
        description=node.text("description", optional=True),
        outcome=outcome,
        severity=node.text("severity", optional=True),
        controls=node.texts("controls"),
        effective_on=node.text("effective_on", optional=True),
        on_fail=node.text("on_fail", optional=True),
        emergency=node.text("emergency", optional=True),
        findings=findings,
        warnings=tuple(_finding(item) for item in node.nodes("warnings", optional=True)),
        waived=tuple(_finding(item) for item in node.nodes("waived", optional=True)),
        waivers=node.texts("waiver"),
    )


def _finding(node: Node) -> Finding:
    return Finding(
        message=node.text("message"),
        term=node.text("term", optional=True),
        origin=_origin(node.node("source")) if node.value.get("source") is not None else None,
        locator=node.text("locator", optional=True),
        expected=node.shown("expected"),
        actual=node.shown("actual"),
        unit=node.text("unit", optional=True),
        remedy=node.text("remedy", optional=True),
        waiting=node.value.get("waiting") is True,
    )


def _origin(node: Node) -> Origin:
    names = ("digest", "kind", "slot", "shard", "name", "producer", "verified_at", "baseline")
    return Origin(**{name: node.text(name, optional=True) for name in names}, signers=node.texts("signers"))


def _piece(node: Node) -> Piece:
    return Piece(
        digest=node.text("digest"),
        kind=node.text("kind", optional=True),
        slot=node.text("slot", optional=True),
        status=node.one_of("status", STATUSES),
        reason=node.text("reason", optional=True),
        signers=node.texts("signers"),
        name=node.text("name", optional=True),
    )


def _approval(node: Node) -> Approval:
    names = ("person", "verdict", "comment", "expires", "digest")
    return Approval(counted=node.flag("counted"), **{name: node.text(name, optional=True) for name in names})


def _emergency(node: Node) -> Emergency:
    names = ("asked", "why", "reason", "digest", "declared_at", "ends")
    texts = {name: node.text(name, optional=True) for name in names}
    return Emergency(status=node.one_of("status", EMERGENCY_STATUSES), by=node.texts("by"), **texts)


def _waiver(node: Node) -> Waiver:
    names = ("rule", "status", "requester", "reason", "ticket", "expires", "why", "digest")
    texts = {name: node.text(name, optional=True) for name in names}
    return Waiver(terms=node.texts("terms"), approved_by=node.texts("approved_by"), **texts)
