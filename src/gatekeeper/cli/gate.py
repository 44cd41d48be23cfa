"""``gatekeeper gate check|show|lock``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.cli.arguments import Parser, add_format, add_gate

if TYPE_CHECKING:
    import argparse

    from gatekeeper.stage import GateSpec, Stage


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper gate", description="For those who write gates.")
    actions = made.add_subparsers(dest="action", required=True, metavar="check|show|lock", parser_class=Parser)
    check = actions.add_parser("check", help="read the gate, compile its rules, compare the lock; exit 1 on drift")
    show = actions.add_parser("show", help="what each stage asks, and the gate's digest")
    lock = actions.add_parser("lock", help="write gate.lock again")
    for action in (check, show, lock):
        add_gate(action)
    add_format(show, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked of the gate."""
    from gatekeeper.load.gate_file import load_gate

    path = Path(arguments.gate)
    spec = load_gate(path)
    if arguments.action == "show":
        return _show(spec, arguments.format)
    _compile(spec)
    return _lock(spec, path) if arguments.action == "lock" else _check(spec, path)


def _compile(spec: GateSpec) -> None:
    from gatekeeper.gate import Gate

    engine = Gate(spec, Path()).engine
    for stage in spec.stages.values():
        engine.check(stage.rule_set, deadline=60.0)


def _lock(spec: GateSpec, path: Path) -> int:
    from gatekeeper.load.lock import lock_path, write_lock

    write_lock(spec, lock_path(path))
    sys.stdout.write(f"{lock_path(path)}\n")
    return 0


def _check(spec: GateSpec, path: Path) -> int:
    from gatekeeper.load.lock import differences, lock_path

    found = differences(spec, lock_path(path))
    for difference in found:
        sys.stdout.write(f"drift: {difference}\n")
    if not found:
        rules = sum(len(stage.rules) for stage in spec.stages.values())
        sys.stdout.write(f"ok: {spec.name}, {len(spec.stages)} stages, {rules} rules, {spec.digest}\n")
    return int(bool(found))


def _show(spec: GateSpec, form: str) -> int:
    if form == "json":
        value: dict[str, Any] = {**spec.as_json(), "digest": spec.digest, "trust_detail": spec.trust.as_json()}
        sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")
        return 0
    lines = [f"{spec.name}  {spec.digest}", f"opa {spec.engine}  trust {spec.trust.digest}", ""]
    for stage in spec.stages.values():
        lines += [*_stage_lines(stage), ""]
    sys.stdout.write("\n".join(lines))
    return 0


def _stage_lines(stage: Stage) -> list[str]:
    after = f"  after {stage.after}" if stage.after else ""
    lines = [f"{stage.name}{after}  valid for {stage.as_json()['valid_for']}"]
    for name, slot in stage.slots.items():
        bounds = [f"{slot.shards} shards"] if slot.shards > 1 else []
        bounds += [f"at most {slot.as_json()['max_age']} old"] if slot.max_age else []
        lines.append(f"  slot {name:<16} {slot.kind}" + (f"  ({', '.join(bounds)})" if bounds else ""))
    for rule in stage.rules:
        values = ", ".join(f"{name} = {json.dumps(value)}" for name, value in stage.parameters[rule.id].items())
        lines.append(f"  rule {rule.id:<26} {rule.title}" + (f"  [{values}]" if values else ""))
    lines += [f"  approval {ask.count} of {ask.role}" + _not(ask.exclude) for ask in stage.approvals]
    for freeze in stage.freezes:
        period = freeze.period.as_json()
        lines.append(f"  freeze {freeze.name}: {period['from']} until {period['until']}")
    return lines


def _not(excluded: tuple[str, ...]) -> str:
    return f", not {', '.join(excluded)}" if excluded else ""
