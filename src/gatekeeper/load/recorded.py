"""From the material of a record back to the gate that decided: one stage, its rules, its trust."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from gatekeeper import _json, _time
from gatekeeper.algebra import ApprovalAsk, problem_of
from gatekeeper.emergency import EmergencyTerms
from gatekeeper.errors import MalformedError
from gatekeeper.policy import Parameter, Rule, RuleSet
from gatekeeper.reversal import RevertAsk
from gatekeeper.roster import HeldKey, IdentitySigner, KeySigner, Period, Person, Trust
from gatekeeper.stage import BaselineAsk, Freeze, GateSpec, Slot, Stage, WaiverTerms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.material import Material


def recorded_gate(material: Material, stage: str) -> GateSpec:
    """The gate of a record, as far as its one stage goes; its digest is that of the recorded gate.

    Raises:
        MalformedError: The material does not make a gate, or its parts do not have the digests they refer to by.
    """
    try:
        trust = _trust(material.trust)
        gate = _gate(material, stage, trust)
        differing = _differing(material.gate, stage, gate)
    except MalformedError as refusal:
        raise refusal.within("$.material") from refusal
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        problem = f"it does not make a gate: {type(cause).__name__}: {cause}"
        raise MalformedError(problem, where="$.material", code="record.material") from cause
    if differing:
        where = f"$.material.{'gate.stages' if differing == 'stage' else differing}"
        problem = f"the recorded {differing} is not what the gate refers to"
        raise MalformedError(problem, where=where, code="record.material")
    return gate


def _differing(recorded: Mapping[str, Any], stage: str, gate: GateSpec) -> str:
    """The first part that has another digest than the one the gate refers to it by; empty when there is none."""
    recorded_stage, rebuilt = recorded["stages"][stage], gate.stages[stage]
    parts = (
        ("trust", recorded["trust"] == gate.trust.digest),
        ("rules", recorded_stage["rules_digest"] == rebuilt.rule_set.digest),
        ("stage", _json.digest_of(recorded_stage) == _json.digest_of(rebuilt.as_json())),
    )
    return next((name for name, is_same in parts if not is_same), "")


def _gate(material: Material, stage: str, trust: Trust) -> GateSpec:
    recorded = material.gate
    waivers = recorded["waivers"]
    return GateSpec(
        name=recorded["name"],
        repository=recorded["repository"],
        engine=recorded["engine"].removeprefix("opa "),
        engine_digests=tuple(recorded["engine_digests"]),
        trust=trust,
        waivers=WaiverTerms.from_json(waivers) if waivers is not None else None,
        emergency=EmergencyTerms.from_json(recorded["emergency"]) if "emergency" in recorded else None,
        stages={stage: _stage(stage, recorded["stages"][stage], _rule_set(material.rules))},
        open_trust=recorded.get("open_trust", False),
        recorded=recorded,
    )


def _stage(name: str, value: Mapping[str, Any], rule_set: RuleSet) -> Stage:
    after = value["after"] or {}
    return Stage(
        name=name,
        rule_set=rule_set,
        parameters=value["parameters"],
        slots={slot: Slot.from_json(slot, entry) for slot, entry in value["slots"].items()},
        valid_for=_time.parse_duration(value["valid_for"]),
        after=after.get("stage", ""),
        after_unsigned=after.get("unsigned", False),
        approvals=_approvals(value["approvals"]),
        freezes=tuple(
            Freeze(name=freeze["name"], period=_period(freeze), exception=freeze["exception"])
            for freeze in value["freezes"]
        ),
        canary=value.get("canary", False),
        trail=value.get("trail", False),
        baseline=_baseline(value.get("baseline")),
        revert=RevertAsk.from_json(value["revert"]) if "revert" in value else None,
    )


def _approvals(value: Any) -> tuple[ApprovalAsk, ...]:
    asks = tuple(map(ApprovalAsk.from_json, value))
    problem = problem_of(asks)
    if problem:
        raise ValueError(problem)
    return asks


def _baseline(value: Mapping[str, Any] | None) -> BaselineAsk | None:
    return None if value is None else BaselineAsk(**{**value, "max_age": _time.parse_duration(value["max_age"])})


def _rule_set(value: Mapping[str, Any]) -> RuleSet:
    return RuleSet(rules=tuple(_rule(rule) for rule in value["rules"]), libraries=value["libraries"])


def _rule(value: Mapping[str, Any]) -> Rule:
    effective_on = value["effective_on"]
    return Rule(
        **{
            **value,
            "needs": {kind: tuple(paths) for kind, paths in value["needs"].items()},
            "reads": {kind: tuple(paths) for kind, paths in value["reads"].items()},
            "baseline": {kind: tuple(paths) for kind, paths in value.get("baseline", {}).items()},
            "parameters": {name: Parameter(**parameter) for name, parameter in value["parameters"].items()},
            "controls": tuple(value["controls"]),
            "effective_on": date.fromisoformat(effective_on) if effective_on else None,
            "answers": tuple(value["answers"]),
        }
    )


def _trust(value: Mapping[str, Any]) -> Trust:
    said, texts, root = value["trust"], value["keys"], value["trusted_root"]
    return Trust(
        signers={name: _signer(name, entry, texts) for name, entry in said["signers"].items()},
        people={name: _person(name, entry, texts) for name, entry in said["people"].items()},
        accept={kind: tuple(names) for kind, names in said["accept"].items()},
        stage_accept={
            stage: {kind: tuple(names) for kind, names in lines.items()} for stage, lines in said["stages"].items()
        },
        trusted_root=root.encode() if root is not None else None,
    )


def _signer(name: str, value: Mapping[str, Any], texts: Mapping[str, str]) -> KeySigner | IdentitySigner:
    if "key" in value:
        return KeySigner(name=name, key=_key(value["key"], texts))
    return IdentitySigner(name=name, **value)


def _person(name: str, value: Mapping[str, Any], texts: Mapping[str, str]) -> Person:
    return Person(
        name=name,
        roles=tuple((role["role"], _period(role)) for role in value["roles"]),
        keys=tuple(_key(key, texts) for key in value["keys"]),
        logins=tuple(value["logins"]),
    )


def _key(value: Mapping[str, Any], texts: Mapping[str, str]) -> HeldKey:
    text = texts[value["fingerprint"]]
    if not isinstance(text, str):
        raise TypeError(f"the key {value['fingerprint']} is not text")
    return HeldKey(text=text, fingerprint=value["fingerprint"], period=_period(value))


def _period(value: Mapping[str, Any]) -> Period:
    bounds = {name: _time.parse_instant(value[name]) if name in value else None for name in ("from", "until")}
    return Period(start=bounds["from"], end=bounds["until"])
