"""``gatekeeper gate check|show|diff|lock``."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper import _time
from gatekeeper.cli import gate_diff
from gatekeeper.cli.arguments import Parser, add_format, add_gate, given

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from gatekeeper.report.layout import Page
    from gatekeeper.stage import GateSpec, Stage


def parser(_name: str) -> Parser:
    """The arguments of the command."""
    made = Parser(prog="gatekeeper gate", description="For those who write gates.")
    actions = made.add_subparsers(dest="action", required=True, metavar="check|show|diff|lock", parser_class=Parser)
    check = actions.add_parser("check", help="read the gate, compile its rules, compare the lock; exit 1 on drift")
    show = actions.add_parser("show", help="what each stage asks, and the gate's digest")
    lock = actions.add_parser("lock", help="write gate.lock again")
    diff = actions.add_parser("diff", help="what a gate changes of its base, or of another gate; exit 1 on a loosening")
    gate_diff.add_arguments(diff)
    for action in (check, show, lock):
        add_gate(action)
    lock.add_argument("--refresh", action="store_true", help="take the commit that the tag of a base in git is now")
    for action in (check, show):
        action.add_argument("--at", type=given, metavar="TIME", help="can people still approve then (default: now)")
    add_format(show, ("text", "json"))
    return made


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked of the gate."""
    if arguments.action == "diff":
        return gate_diff.run(arguments)
    from gatekeeper.load.gate_file import load_gate

    path = Path(arguments.gate)
    spec = load_gate(path, refresh=getattr(arguments, "refresh", False))
    if arguments.action == "show":
        return _show(spec, arguments)
    _compile(spec)
    return _lock(spec, path) if arguments.action == "lock" else _check(spec, path, _at(arguments))


def _compile(spec: GateSpec) -> None:
    from gatekeeper.gate import Gate

    engine = Gate(spec, Path()).engine
    for stage in spec.stages.values():
        if stage.rules:
            engine.check(stage.rule_set, deadline=60.0)


def _lock(spec: GateSpec, path: Path) -> int:
    from gatekeeper.load.lock import lock_path, write_lock

    write_lock(spec, lock_path(path))
    sys.stdout.write(f"{lock_path(path)}\n")
    return 0


def _at(arguments: argparse.Namespace) -> datetime:
    return _time.parse_instant(arguments.at, where="--at") if arguments.at else datetime.now(UTC)


def _check(spec: GateSpec, path: Path, at: datetime) -> int:
    from gatekeeper.load.lock import differences, lock_path

    found = differences(spec, lock_path(path))
    for difference in found:
        sys.stdout.write(f"drift: {difference}\n")
    lines = list(_people_lines(spec, at))
    sys.stdout.write("".join(f"{line}\n" for _, line in lines))
    is_wrong = bool(found) or any(is_error for is_error, _ in lines)
    if not is_wrong:
        sys.stdout.write(f"ok: {size(spec)}, {spec.digest}\n")
    return int(is_wrong)


def _people_lines(spec: GateSpec, at: datetime) -> Iterator[tuple[bool, str]]:
    """Whether the people of the trust can approve each stage, a line for each finding, with its place."""
    from gatekeeper.satisfiable import unsatisfiable

    for finding in unsatisfiable(spec, at=at):
        name, line = spec.places[finding.stage][finding.result]
        level = "error" if finding.is_error else "warning"
        about = f"{finding.stage}: " if finding.stage else ""
        yield finding.is_error, f"{level}: {name}:{line}: {about}{finding.message}"


def _show(spec: GateSpec, arguments: argparse.Namespace) -> int:
    if arguments.format == "json":
        value: dict[str, Any] = {**spec.as_json(), "digest": spec.digest, "trust_detail": spec.trust.as_json()}
        sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")
        return 0
    from gatekeeper.cli.terminal import style
    from gatekeeper.report.layout import Page

    shown = style(arguments, sys.stdout)
    page = Page.of(width=shown["width"], color=shown["color"], ascii_only=shown["ascii"])
    lines = [
        *_row(page, "gate     ", spec.name),
        *_row(page, "digest   ", spec.digest),
        *_row(page, "trust    ", spec.trust.digest),
        *(line for base in spec.bases for line in _row(page, "base     ", base["digest"], base["name"])),
        *_row(page, "engine   ", f"opa {spec.engine}"),
        *_terms_lines(page, spec),
    ]
    for stage in spec.stages.values():
        lines += ["", *_stage_lines(page, stage)]
    people = [line for _, line in _people_lines(spec, _at(arguments))]
    lines += ["", *(row for line in people for row in _row(page, "", line))] if people else []
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _terms_lines(page: Page, spec: GateSpec) -> Iterator[str]:
    """Who may waive, and who may break through what."""
    waivers = spec.waivers.as_json() if spec.waivers else None
    if waivers:
        limits = {"max_count": "in one decision", "max_per_rule": "of one rule"}
        counted = [f"at most {waivers[name]} violations {of}" for name, of in limits.items() if name in waivers]
        yield from _row(page, "waivers  ", f"approved by {waivers['role']}", f"for at most {waivers['max']}", *counted)
    emergency = spec.emergency.as_json() if spec.emergency else None
    if emergency:
        never = f"never through {', '.join(emergency['never'])}" if emergency["never"] else ""
        declared = f"declared by {emergency['role']}", f"reviewed by {emergency['review']}"
        yield from _row(page, "emergency ", *declared, f"for at most {emergency['max']}", never)


def _stage_lines(page: Page, stage: Stage) -> Iterator[str]:
    after = f"after {stage.after}" if stage.after else ""
    canary = "a canary: decisions say what comes next" if stage.canary else ""
    trail = "with the records of all earlier stages" if stage.trail else ""
    yield from _row(page, "", stage.name, after, trail, canary, f"an allow is valid for {stage.as_json()['valid_for']}")
    for name, slot in stage.slots.items():
        shards = f"{slot.shards} shards" if slot.shards > 1 else ""
        age = f"at most {slot.as_json()['max_age']} old" if slot.max_age else ""
        named = f" named {slot.named}" if slot.named else ""
        of = f"of the {slot.of}{named}" if slot.of else ""
        yield from _row(page, "  slot     ", name, slot.kind, of, shards, age)
    if stage.baseline:
        asked = stage.baseline.as_json()
        role = f"or a {asked['without']} approves a release without one" if asked["without"] else ""
        what = f"what {asked['stage']} allowed before, at most {asked['max_age']} ago"
        yield from _row(page, "  baseline ", asked["name"], what, role)
    for rule in stage.rules:
        yield from _row(page, "  rule     ", rule.id, rule.title)
        for name, value in stage.parameters[rule.id].items():
            told = ", ".join(map(_plain, value)) if isinstance(value, list) else _plain(value)
            yield from _row(page, f"{'':11}{name} = ", told or "none")
    for ask in stage.approvals:
        excluded = f"not {', '.join(sorted(ask.excluded))}" if ask.excluded else ""
        veto = f"veto: {', '.join(ask.veto)}" if ask.veto else ""
        yield from _row(page, "  approval ", ask.words, excluded, veto)
    if stage.revert:
        asked = stage.revert.as_json()
        role = f"or a {asked['role']} approves" if asked["role"] else ""
        when = f"when {asked['when']} says roll_back, at most {asked['max_age']} ago"
        back = f"to what {asked['to']} allowed at most {asked['within']} ago"
        yield from _row(page, "  revert   ", when, role, back)
    for freeze in stage.freezes:
        period = freeze.period.as_json()
        yield from _row(page, "  freeze   ", freeze.name, f"from {period['from']} until {period['until']}")


def _row(page: Page, lead: str, *parts: str) -> Iterator[str]:
    spans = [span for part in parts if part for span in (page.own(" · ", "quiet"), page.quote(part))]
    yield from page.wrap(spans[1:], lead=page.own(lead, "quiet"))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def size(spec: GateSpec) -> str:
    """``parcel, 2 stages, 11 rules``."""
    rules = sum(len(stage.rules) for stage in spec.stages.values())
    stages = "1 stage" if len(spec.stages) == 1 else f"{len(spec.stages)} stages"
    return f"{spec.name}, {stages}, {rules} {'rule' if rules == 1 else 'rules'}"
