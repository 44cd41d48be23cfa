"""The gate: one function from evidence to a decision, top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gatekeeper import _time
from gatekeeper.break_glass import break_glass
from gatekeeper.decision import Decision
from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.evaluate import ages, evaluate
from gatekeeper.load.gate_file import load_gate
from gatekeeper.load.lock import check_lock, lock_path
from gatekeeper.load.no_looser import base_of
from gatekeeper.load.table import suggestion
from gatekeeper.material import Material
from gatekeeper.memory import Memory
from gatekeeper.require import require
from gatekeeper.settle import settle
from gatekeeper.signatures import CLOCK_SKEW
from gatekeeper.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.evaluate import Documents, Evaluation
    from gatekeeper.evidence import Evidence
    from gatekeeper.question import Engine
    from gatekeeper.require import Lapse
    from gatekeeper.stage import GateSpec, Stage
    from gatekeeper.subject import Subject
    from gatekeeper.verified import Verified

DEADLINE: Final = 60.0
"""Seconds the engine may take where the caller does not say; then it is killed and there is no decision."""


class Gate:
    """A gate, loaded and prepared once; thread-safe, without a child or a file left open.

    Attributes:
        spec: What the gate asks.
        path: Where it was read.
    """

    def __init__(self, spec: GateSpec, path: Path, *, engine: Engine | None = None) -> None:
        self.spec = spec
        self.path = path
        self._engine = engine
        self._memory = Memory()
        self._insisted: Mapping[str, Any] | None = None
        self._fixed: dict[str, dict[str, Any]] = {}

    @classmethod
    def load(
        cls, path: str | PathLike[str] = "gate.toml", *, base: str | None = None, engine: Engine | None = None
    ) -> Gate:
        """Read a gate with its trust, packs and lock.

        Args:
            path: The ``gate.toml``.
            base: Digest of the organisation's gate that the caller insists on: the gate has to extend it, itself or by
                way of another base, and decides about its stages only.
            engine: What runs OPA; by default one process per decision, of the version that the gate names.

        Raises:
            ConfigError: The gate, trust or lock is wrong; with file, line and a suggestion.
            DriftError: The rules are no longer those that were locked.
            PolicyError: A pack or rule is wrong.
        """
        spec = load_gate(Path(path), whole=False)
        check_lock(spec, lock_path(Path(path)))
        gate = cls(spec, Path(path), engine=engine)
        gate._insisted = None if base is None else base_of(spec, base, where=Path(path).name)
        return gate

    @property
    def name(self) -> str:
        """The gate's name."""
        return self.spec.name

    @property
    def digest(self) -> str:
        """The digest of everything that can change a verdict."""
        return self.spec.digest

    @property
    def engine(self) -> Engine:
        """What runs OPA.

        Raises:
            EngineMissingError: OPA is not there, or not the one that the gate names.
        """
        if self._engine is None:
            self._engine = self._server() or self._command()
        return self._engine

    def _command(self) -> OpaCommand:
        from gatekeeper.engine.command import OpaCommand
        from gatekeeper.engine.find import find

        return OpaCommand(find(self.spec.engine, allowed_digests=self.spec.engine_digests))

    def _server(self) -> Engine | None:
        from gatekeeper.engine.server import OpaServer

        server = self.spec.server
        return OpaServer(server.url, command=self._command(), ca=server.ca or None) if server else None

    def confirm(self, decision: Decision, evidence: Evidence) -> Decision:
        """Decide the same again with an OPA process of our own; what ``seal`` asks where a server answered."""
        return self.decide(
            decision.subject,
            decision.stage,
            evidence,
            at=decision.at,
            engine=self._command(),
            emergency=(decision.emergency or {}).get("asked", ""),
        )

    def decide(
        self,
        subject: Subject,
        stage: str,
        evidence: Evidence,
        *,
        at: datetime,
        engine: Engine | None = None,
        deadline: float = DEADLINE,
        emergency: str = "",
    ) -> Decision:
        """Decide whether a subject may enter a stage at an instant. Pure but for running OPA.

        Args:
            subject: What is judged.
            stage: The stage it asks to enter.
            evidence: What speaks for and against it.
            at: The instant, aware; read the clock once. A decision about another instant cannot be sealed.
            engine: What runs OPA this once; it is not closed.
            deadline: Seconds the engine may take.
            emergency: Why an emergency that somebody has declared is to be used; empty for an ordinary decision.

        Raises:
            GatekeeperError: No decision could be reached; treat the gate as closed.
        """
        asked = self.stage(stage)
        if emergency and self.spec.emergency is None:
            raise UsageError("the gate declares no emergency", hint="decide without", code="usage.emergency")
        at = _whole_seconds(at)
        verified = verify(evidence, self.spec, stage, subject, at=at, memory=self._memory)
        return self.conclude(
            asked,
            subject,
            verified,
            evidence,
            at=at,
            engine=engine or self.engine,
            deadline=deadline,
            emergency=emergency,
        )

    def conclude(
        self,
        stage: Stage,
        subject: Subject,
        verified: Verified,
        evidence: Evidence,
        *,
        at: datetime,
        engine: Engine,
        deadline: float = DEADLINE,
        emergency: str = "",
    ) -> Decision:
        """The steps after verification; replay starts here, from the verdicts in a record."""
        _check_engine(self.spec, engine)
        required = require(self.spec, stage, subject, verified, at=at)
        evaluation = evaluate(
            stage,
            subject,
            required.documents,
            engine,
            at=at,
            deadline=deadline,
            baseline=required.compared.documents,
            excused=required.compared.excused,
        )
        results = sorted([*required.results, *evaluation.results], key=lambda result: result.id)
        settled = settle(self.spec, stage, results, verified, at=at)
        broken = break_glass(self.spec, stage, settled.results, verified, asked=emergency, at=at)
        lapses = [*required.lapses, *settled.lapses, *broken.lapses, *_own_lapses(stage, required.documents, at)]
        return Decision(
            subject=subject,
            stage=stage.name,
            at=at,
            gate_name=self.spec.name,
            gate_digest=self.spec.digest,
            gate_base=self.spec.base_digest,
            trust=self.spec.trust.digest,
            rules_digest=stage.rule_set.digest,
            engine=f"opa {self.spec.engine}",
            evidence_digest=verified.evidence_digest,
            items=verified.items,
            results=broken.results,
            waivers=settled.waivers,
            approvals=required.approvals,
            lapses=tuple(sorted({lapse for lapse in lapses if lapse[0] > at})),
            rests_on_unsigned=required.rests_on_unsigned,
            emergency=broken.emergency,
            after=required.after,
            trail=required.trail,
            baseline=required.compared.shown,
            links=required.links,
            canary=stage.canary,
            material=self._material(stage, verified, evidence, evaluation),
            engine_identity=engine.identity,
        )

    def preview(
        self,
        subject: Subject,
        stage: str,
        evidence: Evidence,
        *,
        at: datetime,
        deadline: float = DEADLINE,
        emergency: str = "",
    ) -> Preview:
        """What would be decided at another instant; not a decision, and never sealed."""
        decision = self.decide(subject, stage, evidence, at=at, deadline=deadline, emergency=emergency)
        return Preview(replace(decision, material=None))

    def stage(self, name: str) -> Stage:
        """A stage by name.

        Raises:
            UsageError: The gate has no such stage, or the base that was insisted on says nothing of it.
        """
        if self._insisted is not None and name in self.spec.stages and name not in self._insisted["stages"]:
            hint = "a project's own stage asks what the project likes"
            raise UsageError(f"the base has no stage {name!r}", hint=hint, code="usage.base_stage")
        if name not in self.spec.stages:
            hint = suggestion(name, self.spec.stages)
            raise UsageError(f"the gate {self.name} has no stage {name!r}", hint=hint, code="usage.stage")
        return self.spec.stages[name]

    def places(self, stage: str) -> dict[str, tuple[str, int]]:
        """Where in the gate's file each requirement and rule of a stage is asked, by the id of its result."""
        return self.spec.places.get(stage, {})

    def _material(self, stage: Stage, verified: Verified, evidence: Evidence, evaluation: Evaluation) -> Material:
        records = verified.records
        return Material(
            **self._fixed_material(stage),
            question=evaluation.question.data.decode() if evaluation.question.ask else "",
            verdicts=tuple(verdict.as_json() for verdict in verified.verdicts),
            attestations=tuple(item.raw for item in evidence if item.digest not in records),
            elsewhere=records,
        )

    def _fixed_material(self, stage: Stage) -> dict[str, Any]:
        """What is the same in the material of every decision about a stage; made once and only read."""
        if stage.name not in self._fixed:
            self._fixed[stage.name] = {
                "gate": self.spec.as_json(),
                "trust": self.spec.trust.as_material(),
                "rules": stage.rule_set.as_json(),
            }
        return self._fixed[stage.name]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be decided at an instant that is not now. It has no truth value, so that no ``if`` takes it for one.

    Attributes:
        decision: The decision as it would be.
    """

    decision: Decision

    def __bool__(self) -> bool:
        raise UsageError("a preview is not a decision", hint="look at preview.decision.outcome", code="usage.preview")

    def explain(self, form: str = "text", **options: Any) -> str:
        """Render it; see :meth:`gatekeeper.decision.Decision.explain`."""
        return self.decision.explain(form, preview=True, **options)


def _whole_seconds(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise UsageError("at has no time zone", hint="use datetime.now(UTC)", code="usage.at")
    return at.astimezone(UTC).replace(microsecond=0)


def _check_engine(spec: GateSpec, engine: Engine) -> None:
    if str(engine.identity) != f"opa {spec.engine}":
        raise ConfigError(
            f"the gate was tested with opa {spec.engine}, this is {engine.identity}",
            hint="run gatekeeper opa install, or change engine in gate.toml and test again",
            code="engine.version",
        )
    if not engine.identity.digest and spec.server is None:
        raise ConfigError(
            "an engine elsewhere answers, and the gate names none",
            hint="add [engine_server] url = ... to gate.toml",
            code="engine.server",
        )


def _own_lapses(stage: Stage, documents: Documents, at: datetime) -> Iterator[Lapse]:
    yield at + stage.valid_for, f"an allow of {stage.name} is valid for {_time.format_duration(stage.valid_for)}"
    for rule in stage.rules:
        if rule.effective_on is not None:
            yield datetime.combine(rule.effective_on, time(0), UTC), f"{rule.id} takes effect"
        for instant, document, path, limit in ages(rule, stage, documents):
            if instant <= at + CLOCK_SKEW:
                # decisions are about whole seconds: this is the first of them that is past the limit
                old = (instant + limit).replace(microsecond=0) + timedelta(seconds=1)
                yield old, f"{path} of {document.source.name} gets too old"
