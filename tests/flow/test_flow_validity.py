"""Until ``valid_until`` an allow stays one: deciding the same evidence again, at any instant before, allows it too.

OPA has no clock, so an engine that answers the same whatever it is asked stands for it here; keys, signatures,
approvals, waivers and records are real.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from world import digest, rule

from gatekeeper.algebra import ApprovalAsk
from gatekeeper.approval import APPROVAL_NAMESPACE, APPROVAL_TYPE, WAIVER_NAMESPACE, WAIVER_TYPE
from gatekeeper.attestation import PAYLOAD_TYPE, read_attestation, statement_bytes
from gatekeeper.evidence import Evidence
from gatekeeper.facts import FACTS_TYPE
from gatekeeper.gate import Gate
from gatekeeper.policy import Parameter, RuleSet
from gatekeeper.question import EngineIdentity, RuleAnswer
from gatekeeper.roster import HeldKey, KeySigner, Period, Person, Trust
from gatekeeper.sealing import seal
from gatekeeper.stage import Freeze, GateSpec, Slot, Stage, WaiverTerms
from gatekeeper.subject import Subject
from gatekeeper.trust import dsse, ssh, ssh_sign
from gatekeeper.trust.keys import load_public_key
from gatekeeper.trust.signer import KeySigner as Signer
from project import PEOPLE, coverage, public_of, ran_tests, signing_key, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.decision import Decision
    from gatekeeper.policy import Rule
    from gatekeeper.question import Answer, Question

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
SUBJECT = Subject.of("app.whl", {"sha256": "a" * 64})
ENGINE = EngineIdentity(name="opa", version="1.22.2", digest=digest("opa"), platform="linux/amd64")


class Steady:
    """Answers the same for every question: one rule denies, the others do not."""

    identity = ENGINE

    def check(self, rules: RuleSet, *, deadline: float) -> None:
        """Nothing to compile."""

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:  # noqa: ARG002 - the protocol
        """The same for every question."""
        return tuple({name: RuleAnswer(deny=self._deny(name)) for name in question.ask} for question in questions)

    @staticmethod
    def _deny(name: str) -> list[dict[str, str]]:
        return [{"message": "a.py is low", "term": "a.py"}] if name == "own.denies" else []


@dataclass(frozen=True)
class World:
    """A gate and a body of evidence, with every instant that either mentions."""

    gate: Gate
    evidence: Evidence = field(repr=False)
    instants: tuple[datetime, ...]

    def decide(self, at: datetime) -> Decision:
        return self.gate.decide(SUBJECT, "integration", self.evidence, at=at)


class Maker:
    """Draws a world; remembers the instants it drew."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.instants: set[datetime] = set()

    def often(self, times: int = 4) -> bool:
        return bool(self.draw(st.integers(0, times)))

    def instant(self, low: int, high: int) -> datetime:
        """Hours from now, on the second or between two."""
        hours, odd = self.draw(st.integers(low, high)), self.draw(st.sampled_from([0, 0, 500_000]))
        drawn: datetime = NOW + hours * HOUR + timedelta(microseconds=odd)
        self.instants.add(drawn)
        return drawn

    def past(self) -> datetime:
        return self.instant(-20, 0) if self.often(9) else self.instant(1, 6)

    def future(self) -> datetime:
        return self.instant(1, 12)

    def period(self) -> Period:
        kind = self.draw(st.sampled_from(["open", "open", "until", "until", "from", "later"]))
        made: dict[str, Callable[[], Period]] = {
            "open": Period,
            "until": lambda: Period(end=self.future()),
            "from": lambda: Period(start=self.past()),
            "later": lambda: Period(start=self.future()),
        }
        return made[kind]()

    def key(self, name: str) -> HeldKey:
        text = public_of(name)
        return HeldKey(text=text, fingerprint=load_public_key(text).fingerprint, period=self.period())

    def trust(self) -> Trust:
        both = ("ci", "scanner")
        accept = {"test_results": both, "coverage": both, "vulnerabilities": both, "decision": ("gate", "scanner")}
        roles = st.lists(st.sampled_from(["manager", "manager", "waivers", "commander"]), min_size=1, max_size=3)
        people = {
            name: Person(
                name=name, roles=tuple((role, self.period()) for role in self.draw(roles)), keys=(self.key(name),)
            )
            for name in PEOPLE
        }
        signers = {name: KeySigner(name=name, key=self.key(name)) for name in ("ci", "scanner", "gate")}
        return Trust(signers=signers, people=people, accept=accept)

    def rules(self) -> list[Rule]:
        effective = self.draw(st.sampled_from([None, None, date(2026, 11, 25), date(2026, 11, 24)]))
        found = [rule("own.tests", needs={"test_results": ("failed",)}, parameters={}, effective_on=effective)]
        if self.draw(st.booleans()):
            limit = Parameter(schema={"type": "string"}, default=self.draw(st.sampled_from(["4h", "18h", "2d"])))
            ages = {"vulnerabilities.scanned_at": "limit"}
            needs = {"vulnerabilities": ("scanned_at",)}
            found.append(rule("own.aged", needs=needs, parameters={"limit": limit}, ages=ages))
        if self.draw(st.booleans()):
            found.append(rule("own.denies", needs={"test_results": ("failed",)}, parameters={}))
        return sorted(found, key=lambda one: one.id)

    def stage(self, name: str) -> Stage:
        rules = tuple(self.rules()) if name == "integration" else (rule("own.tests", needs={}, parameters={}),)
        age = self.draw(st.sampled_from([None, 10 * HOUR, 30 * HOUR]))
        slots = {
            "unit": Slot(name="unit", kind="test_results", max_age=age, time="claimed"),
            "scan": Slot(name="scan", kind="vulnerabilities"),
        }
        asks = st.lists(st.builds(ApprovalAsk, role=st.just("manager"), count=st.integers(1, 2)), max_size=1)
        freezes = [Freeze(name="f", period=self.span(), exception="commander")] if not self.often(2) else []
        later = name == "integration"
        return Stage(
            name=name,
            rule_set=RuleSet(rules=rules),
            parameters={one.id: {key: item.default for key, item in one.parameters.items()} for one in rules},
            slots=slots if later else {"first": Slot(name="first", kind="coverage")},
            valid_for=DAY,
            after="build" if later and self.draw(st.booleans()) else "",
            approvals=tuple(self.draw(asks)) if later else (),
            freezes=tuple(freezes) if later else (),
        )

    def span(self) -> Period:
        start = self.past() if self.draw(st.booleans()) else self.future()
        return Period(start=start, end=start + 8 * HOUR)

    def spec(self) -> GateSpec:
        stages = {name: self.stage(name) for name in ("build", "integration")}
        terms = WaiverTerms(role="waivers", max_length=30 * DAY)
        return GateSpec(name="parcel", engine="1.22.2", trust=self.trust(), stages=stages, waivers=terms)

    def facts(self, kind: str, slot: str, facts: dict[str, Any], signer: str) -> bytes:
        said = {
            "kind": kind,
            "slot": slot,
            "shard": "1/1",
            "format": "test",
            "facts": facts,
            "raw": {"name": f"{slot}.json", "digest": digest(repr(facts))},
            "attested_at": stamp(self.past()),
        }
        payload = statement_bytes(subject=SUBJECT.as_json(), predicate_type=FACTS_TYPE, predicate=said)
        return dsse.sign(payload, PAYLOAD_TYPE, signing_key(signer))

    def document(self) -> bytes:
        signer = self.draw(st.sampled_from(["ci", "scanner"]))
        if self.draw(st.booleans()):
            return self.facts("test_results", "unit", ran_tests(self.draw(st.integers(1, 2))), signer)
        return self.scan(signer)

    def scan(self, signer: str) -> bytes:
        counts = dict.fromkeys(("critical", "high", "medium", "low", "negligible", "unknown"), 0)
        facts = {"scanner": "trivy", "findings": [], "counts": counts, "complete": True}
        return self.facts("vulnerabilities", "scan", {**facts, "scanned_at": stamp(self.past())}, signer)

    def approval(self, gate: GateSpec, person: str) -> bytes:
        issued = self.past()
        said = {
            "verdict": self.draw(st.sampled_from(["approve", "approve", "approve", "approve", "reject"])),
            "stage": "integration",
            "gate": {"name": gate.name, "digest": gate.digest},
            "issued_at": stamp(issued),
            "expires": stamp(max(self.future(), issued + HOUR)),
        }
        return self.by_people(said, APPROVAL_TYPE, APPROVAL_NAMESPACE, [person])

    def waiver(self) -> bytes:
        asks, approves = self.draw(st.permutations(PEOPLE))[:2]
        said = {
            "rule": "own.denies",
            "terms": ["a.py"],
            "stage": "integration",
            "gate": "parcel",
            "reason": "legacy",
            "ticket": "OPS-1",
            "requester": asks,
            "issued_at": stamp(NOW - DAY),
            "expires": stamp(self.future()),
        }
        return self.by_people(said, WAIVER_TYPE, WAIVER_NAMESPACE, [asks, approves])

    def by_people(self, said: dict[str, Any], kind: str, namespace: str, people: list[str]) -> bytes:
        payload = statement_bytes(subject=SUBJECT.as_json(), predicate_type=kind, predicate=said)
        return ssh.envelope(payload, [ssh_sign.sign(payload, signing_key(name), namespace) for name in people])

    def record(self, gate: Gate) -> bytes:
        at = self.instant(-20, -1)
        subject_only = Evidence.of([read(self.facts("coverage", "first", coverage(), "ci"))])
        decision = gate.decide(SUBJECT, "build", subject_only, at=at)
        signer = Signer(key=signing_key(self.draw(st.sampled_from(["gate", "scanner"]))))
        return seal(decision, signer=signer, now=decision.at).data

    def world(self) -> World:
        spec = self.spec()
        gate = Gate(spec, Path("gate.toml"), engine=Steady())
        first = [self.facts("test_results", "unit", ran_tests(3), "ci"), self.scan("ci")]
        data = [*first, *(self.document() for _ in range(self.draw(st.integers(0, 1))))]
        data += [self.approval(spec, person) for person in self.draw(st.lists(st.sampled_from(PEOPLE), max_size=5))]
        data += [self.waiver() for _ in range(self.draw(st.integers(0, 2)))]
        if spec.stages["integration"].after:
            data += [self.record(gate) for _ in range(self.draw(st.integers(1, 2)))]
        return World(gate, Evidence.of(map(read, data)), tuple(sorted(self.instants)))


def read(data: bytes) -> Any:
    return read_attestation(data)


worlds = st.composite(lambda draw: Maker(draw).world())


@given(worlds())
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_allow_stays_one_until_it_ends(world: World) -> None:
    decision = world.decide(NOW)
    event(decision.outcome)
    if not decision:
        return
    for instant in world.instants:
        for at in (instant - SECOND, instant, instant + SECOND, decision.valid_until - SECOND):
            if NOW <= at < decision.valid_until:
                again = world.decide(at)
                assert again, (at, [(result.id, result.violations) for result in again.results if not result.is_open])
