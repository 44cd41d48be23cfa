"""Stages that ask many standard rules."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from benchmarks.installed import ROOT
from benchmarks.table import Row, Section, shown
from benchmarks.timing import interleaved
from gatekeeper import Attestation, Evidence, Gate, KeySigner, OpaChild
from gatekeeper.attestation import read_attestation, statement_bytes
from gatekeeper.evaluate import ask
from gatekeeper.facts import FACTS_TYPE, kinds
from gatekeeper.facts.predicate import Attested
from gatekeeper.load.gate_file import load_gate
from gatekeeper.load.lock import lock_path, write_lock
from gatekeeper.load.packs import load_packs
from gatekeeper.require import require
from gatekeeper.testing import facts
from gatekeeper.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from benchmarks.measures import Bench
    from gatekeeper.decision import Decision
    from gatekeeper.policy import Rule

GOAL: Final = 1.5
_ANY: Final = {"string": "x", "array": ["x"], "integer": 1}


def whole(bench: Bench) -> Section:
    """Decisions of the largest stage that a template has, and of one with all rules, warm, against OPA alone."""
    packs = load_packs(["gatekeeper"])
    every = {id_: rule for id_, rule in packs.rules.items() if not rule.baseline}
    template, stage, patterns = max(_stages(), key=lambda found: len(packs.resolve(found[2])))
    largest = {rule.id: rule for rule in packs.resolve(patterns) if not rule.baseline}
    return Section(
        title="A stage with all its rules",
        text=(
            "`gate.decide` in a process that keeps running, on a signed document of each kind that the rules need: the "
            f"stage `{stage}` of the template `{template}`, the largest that there is, and a stage that asks every "
            "standard rule that needs no release before. The baseline is the engine alone, asked the same question "
            "about what was verified already."
        ),
        rows=[_row(bench, largest, GOAL), _row(bench, every, None)],
        missed=_MISSED,
    )


def _stages() -> Iterator[tuple[str, str, list[str]]]:
    """Template, stage and patterns of rules, of every stage of every template."""
    for path in sorted((ROOT / "gates").glob("*/gate.toml")):
        try:
            gate = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError:  # the one that init fills in
            continue
        for name, stage in gate.get("stages", {}).items():
            yield path.parent.name, name, stage["rules"]


def _row(bench: Bench, rules: Mapping[str, Rule], goal: float | None) -> Row:
    gate = Gate.load(_gate(bench, rules))
    stage = gate.stage("whole")
    evidence = Evidence.of([_attestation(bench, kind) for kind in _needed(rules)])
    question = _question(bench, gate, evidence)
    with OpaChild(bench.binary) as child:

        def decide() -> Decision:
            return gate.decide(bench.subject, "whole", evidence, at=datetime.now(UTC), engine=child)

        def bare() -> object:
            return child.evaluate(stage.rule_set, [question], deadline=60)

        decided = decide()
        times = interleaved({"ours": decide, "opa": bare}, bench.repetitions, warm_up=3)
    answered = sum(result.outcome in {"pass", "fail", "warn"} for result in decided.results if result.id in rules)
    if answered * 10 < len(rules) * 9:
        raise SystemExit(f"only {answered} of {len(rules)} rules answer")
    return Row(
        what=f"{len(rules)} rules, {len(evidence.items)} documents",
        ours=shown(times["ours"]),
        baseline="the engine alone",
        theirs=shown(times["opa"]),
        ratio=times["ours"].median / times["opa"].median,
        goal=goal,
    )


def _needed(rules: Mapping[str, Rule]) -> list[str]:
    return sorted({kind for rule in rules.values() for kind in rule.facts})


def _gate(bench: Bench, rules: Mapping[str, Rule]) -> Path:
    lines = [
        'name = "whole"',
        'engine = "opa 1.22.2"',
        f'engine_digests = ["{bench.binary.digest}"]',
        'pack_dirs = ["gatekeeper"]',
        'trust = "whole-trust.toml"',
        "[stages.whole]",
        f"rules = {json.dumps(sorted(rules))}",
        'valid_for = "7d"',
    ]
    for rule in rules.values():
        lines += [
            f"parameters.{rule.id}.{name} = {_value(parameter.schema)}"
            for name, parameter in rule.parameters.items()
            if not parameter.has_default
        ]
    lines += [f'evidence.{kind} = {{ kind = "{kind}" }}' for kind in _needed(rules)]
    accepted = "".join(f'{kind} = ["ci"]\n' for kind in sorted(kinds()))
    bench.world.write("whole-trust.toml", f'[signers.ci]\nkey = "ci.pub"\n\n[accept]\n{accepted}'.encode())
    path = bench.world.write("whole.toml", "\n".join([*lines, ""]).encode())
    write_lock(load_gate(path), lock_path(path))
    return path


def _value(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "array" and schema["items"].get("type") == "object":
        members = schema["items"]["properties"].items()
        return f"[{{ {', '.join(f'{name} = {_value(inner)}' for name, inner in members)} }}]"
    return json.dumps(schema["enum"][0] if "enum" in schema else _ANY[schema["type"]])


def _attestation(bench: Bench, kind: str) -> Attestation:
    made = getattr(facts, kind)()
    source = replace(made.source, slot=kind)
    attested = Attested(document=replace(made, source=source))
    payload = statement_bytes(
        subject=bench.subject.as_json(), predicate_type=FACTS_TYPE, predicate=attested.as_predicate()
    )
    found = read_attestation(KeySigner.load(bench.folder / "ci.key").sign(payload), name=f"{kind}.json")
    if found is None:
        raise SystemExit(f"no attestation of {kind}")
    return found


def _question(bench: Bench, gate: Gate, evidence: Evidence) -> Any:
    at = datetime.now(UTC).replace(microsecond=0)
    stage = gate.stage("whole")
    verified = verify(evidence, gate.spec, "whole", bench.subject, at=at)
    required = require(gate.spec, stage, bench.subject, verified, at=at)
    return ask(stage, bench.subject, required.documents, [rule.id for rule in stage.rules])


_MISSED: Final = (
    "Why: small documents leave OPA little to do; requirements, freshness and results of so many rules are Python's."
)
