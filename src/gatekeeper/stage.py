"""What a gate asks, stage by stage, as values: everything that its digest covers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from gatekeeper import _json, _time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from gatekeeper.algebra import ApprovalAsk
    from gatekeeper.emergency import EmergencyTerms
    from gatekeeper.policy import Rule, RuleSet
    from gatekeeper.reversal import RevertAsk
    from gatekeeper.roster import Period, Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A piece of evidence that a stage expects.

    Attributes:
        name, kind: What it is called and which kind fills it.
        shards: How many shards make it whole.
        count: How many different documents it needs, for each shard.
        max_age: How old what fills it may be, by the oldest time known.
        on_repeat: ``all``: every repeat is judged; ``latest``: the one with the newest verified time.
        time: ``claimed`` lets a signer without verified time fill an aged slot.
        of: What its evidence is about, where that is not the subject: ``commit``, ``artifact`` or ``image``.
        named: Which of several, by a pattern over names; empty for all.
    """

    name: str
    kind: str
    shards: int = 1
    count: int = 1
    max_age: timedelta | None = None
    on_repeat: Literal["all", "latest"] = "all"
    time: Literal["verified", "claimed"] = "verified"
    of: Literal["", "commit", "artifact", "image"] = ""
    named: str = ""

    def as_json(self) -> dict[str, Any]:
        """The slot in the gate's digest."""
        return {
            "kind": self.kind,
            "shards": self.shards,
            "count": self.count,
            "max_age": _time.format_duration(self.max_age) if self.max_age else None,
            "on_repeat": self.on_repeat,
            "time": self.time,
            **({"of": self.of, "named": self.named} if self.of else {}),
        }

    @classmethod
    def from_json(cls, name: str, value: Mapping[str, Any]) -> Slot:
        """The inverse of :meth:`as_json`."""
        max_age = value["max_age"]
        return cls(**{**value, "name": name, "max_age": _time.parse_duration(max_age) if max_age else None})


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineAsk:
    """An earlier release that a stage compares with: the newest admissible record of another subject.

    Attributes:
        name: The slot.
        stage: The stage whose signed allow it is.
        max_age: How old it may be.
        unsigned: It may rest on unsigned evidence.
        without: The role that may approve a release without one; empty where nobody may.
    """

    name: str
    stage: str
    max_age: timedelta
    unsigned: bool = False
    without: str = ""

    def as_json(self) -> dict[str, Any]:
        """The baseline in the gate's digest."""
        return {
            "name": self.name,
            "stage": self.stage,
            "max_age": _time.format_duration(self.max_age),
            "unsigned": self.unsigned,
            "without": self.without,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Nothing enters from ``period.start`` until ``period.end``, unless ``exception`` (a role) approves."""

    name: str
    period: Period
    exception: str = ""

    @property
    def result_id(self) -> str:
        """What its result is called: ``freeze.year_end``."""
        return f"freeze.{'_'.join(self.name.lower().split())}"

    def as_json(self) -> dict[str, Any]:
        """The freeze in the gate's digest."""
        return {"name": self.name, **self.period.as_json(), "exception": self.exception}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverTerms:
    """Who may approve waivers, how long one may last, and how much may be waived.

    Attributes:
        role: Who approves; never who asks.
        max_length: From when it is asked for.
        max_count: Violations that may be waived in one decision; None for any number.
        max_per_rule: Violations of one rule that may be.
    """

    role: str
    max_length: timedelta
    max_count: int | None = None
    max_per_rule: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The terms in the gate's digest."""
        limits = {"max_count": self.max_count, "max_per_rule": self.max_per_rule}
        return {"role": self.role, "max": _time.format_duration(self.max_length)} | {
            name: limit for name, limit in limits.items() if limit is not None
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> WaiverTerms:
        """The inverse of :meth:`as_json`."""
        limits = {name: value[name] for name in ("max_count", "max_per_rule") if name in value}
        return cls(role=value["role"], max_length=_time.parse_duration(value["max"]), **limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineServer:
    """An OPA that a team runs.

    Attributes:
        url: Its address.
        ca: File with the certificates to believe; empty for those of the system.
        ca_digest: The digest of that file; empty when there is none.
    """

    url: str
    ca: str = ""
    ca_digest: str = ""

    def as_json(self) -> dict[str, Any]:
        """The server in the gate's digest."""
        return {"url": self.url, "ca": self.ca_digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a pipeline.

    Attributes:
        rule_set: The rules it asks; empty only where it rolls back.
        parameters: Values by rule id, defaults filled in, valid by the rules' schemas.
        slots: By name.
        baseline: The earlier release that it compares with; None where it compares with none.
        after: The stage whose signed allow for the same subject is needed first; empty for none.
        after_unsigned: That allow may rest on unsigned evidence.
        trail: The record of every earlier stage has to be here, each the one that the next rested on.
        valid_for: How long an allow may be used.
        canary: Its decisions say what comes next: proceed, hold or roll back.
        revert: What it asks before an earlier release comes back; None for a stage that does not roll back.
    """

    name: str
    rule_set: RuleSet
    parameters: Mapping[str, Mapping[str, Any]]
    slots: Mapping[str, Slot]
    valid_for: timedelta
    baseline: BaselineAsk | None = None
    after: str = ""
    after_unsigned: bool = False
    trail: bool = False
    approvals: tuple[ApprovalAsk, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    canary: bool = False
    revert: RevertAsk | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, sorted by id."""
        return self.rule_set.rules

    def as_json(self) -> dict[str, Any]:
        """The stage in the gate's digest."""
        return {
            "rules": [rule.id for rule in self.rules],
            "rules_digest": self.rule_set.digest,
            "terms": {rule.id: _terms(rule) for rule in self.rules},
            "parameters": {rule: dict(values) for rule, values in self.parameters.items()},
            "slots": {name: slot.as_json() for name, slot in self.slots.items()},
            "after": {"stage": self.after, "unsigned": self.after_unsigned} if self.after else None,
            "approvals": [ask.as_json() for ask in self.approvals],
            "freezes": [freeze.as_json() for freeze in self.freezes],
            "valid_for": _time.format_duration(self.valid_for),
            **({"canary": True} if self.canary else {}),
            **({"baseline": self.baseline.as_json()} if self.baseline else {}),
            **({"trail": True} if self.trail else {}),
            **({"revert": self.revert.as_json()} if self.revert else {}),
        }


@dataclass(frozen=True, kw_only=True)
class GateSpec:
    """A gate: the stages of a pipeline and what they ask.

    Attributes:
        repository: What ``{subject.repository}`` is; empty where no signer uses it.
        engine: Version of OPA that the gate was tested with.
        engine_digests: Digests of further OPA binaries that the gate allows, beside the known ones.
        waivers: Who may approve waivers; None where nobody may.
        emergency: What an emergency may do; None where there is none.
        server: The OPA server that answers; None where a process of our own does.
        open_trust: It is a base that says nothing of whose word counts; whoever extends it does.
        base: The gate it extends, which it may only tighten; None where it stands alone.
        origin: Where its file says that base is, and the commit for one in git; for the lock, not part of the gate.
        recorded: The gate as a record keeps it, where only the stage of that record can be rebuilt.
        places: File and line of each requirement and rule, by stage and id of its result; what is
            said of all stages is below the empty name. It is not part of the gate.
    """

    name: str
    engine: str
    trust: Trust
    stages: Mapping[str, Stage]
    repository: str = ""
    engine_digests: tuple[str, ...] = ()
    waivers: WaiverTerms | None = None
    emergency: EmergencyTerms | None = None
    server: EngineServer | None = None
    open_trust: bool = False
    base: GateSpec | None = None
    origin: Mapping[str, str] | None = field(default=None, compare=False)
    recorded: Mapping[str, Any] | None = None
    places: Mapping[str, dict[str, tuple[str, int]]] = field(default_factory=dict, compare=False)

    def as_json(self) -> Mapping[str, Any]:
        """Everything that can change a verdict, rule texts and trust by digest."""
        if self.recorded is not None:
            return self.recorded
        return {
            "name": self.name,
            "repository": self.repository,
            "engine": f"opa {self.engine}",
            "engine_digests": sorted(self.engine_digests),
            "engine_server": self.server.as_json() if self.server else None,
            "trust": self.trust.digest,
            "waivers": self.waivers.as_json() if self.waivers else None,
            "stages": {name: stage.as_json() for name, stage in self.stages.items()},
            **({"emergency": self.emergency.as_json()} if self.emergency else {}),
            **({"open_trust": True} if self.open_trust else {}),
            **({"bases": list(self.bases)} if self.base else {}),
        }

    def after_of(self, stage: str) -> str:
        """The stage before another one; empty for the first."""
        if self.recorded is not None:
            return str((self.recorded["stages"][stage]["after"] or {}).get("stage", ""))
        return self.stages[stage].after

    def kinds_of(self, stage: str) -> dict[str, str]:
        """The slots of a stage, also of one that a record does not rebuild: the kind of each by name."""
        if self.recorded is not None:
            return {name: slot["kind"] for name, slot in self.recorded["stages"][stage]["slots"].items()}
        return {name: slot.kind for name, slot in self.stages[stage].slots.items()}

    @property
    def bases(self) -> tuple[Mapping[str, Any], ...]:
        """The gates that it stands on, the nearest first, as its digest covers them and ``admit`` insists on them."""
        if self.recorded is not None:
            return tuple(self.recorded.get("bases", ()))
        if self.base is None:
            return ()
        nearest = {
            "name": self.base.name,
            "digest": self.base.digest,
            "repository": self.base.repository,
            "stages": sorted(self.base.stages),
            "open_trust": self.base.open_trust,
        }
        return nearest, *self.base.bases

    @property
    def base_digest(self) -> str | None:
        """The digest of the gate that it extends; None where it stands alone."""
        return next((str(base["digest"]) for base in self.bases), None)

    @property
    def slot_names(self) -> frozenset[str]:
        """The slots of every stage, also of those that a record does not rebuild."""
        if self.recorded is not None:
            return frozenset(name for stage in self.recorded["stages"].values() for name in stage["slots"])
        return frozenset(name for stage in self.stages.values() for name in stage.slots)

    @cached_property
    def digest(self) -> str:
        """The gate's digest."""
        return _json.digest_of(self.as_json())


def _terms(rule: Rule) -> dict[str, Any]:
    """What METADATA says beside types that changes a verdict."""
    return {
        "effective_on": rule.effective_on.isoformat() if rule.effective_on else None,
        "ages": dict(rule.ages),
        "waivable": rule.waivable,
        **({"on_fail": rule.on_fail} if rule.on_fail != "hold" else {}),
    }
