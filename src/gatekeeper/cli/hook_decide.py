"""For ``hook decide``: the stage cut down to what runs here, asked of the tree that would be committed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import SourceError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from gatekeeper.gate import Gate
    from gatekeeper.stage import Stage


def decide(tree: Path, reports: Path, arguments: argparse.Namespace) -> int:
    """Print the decision; 0 when it is an allow. What is returned by the gate is a preview: nothing seals it."""
    from gatekeeper.cli.terminal import style
    from gatekeeper.gate import Gate
    from gatekeeper.gather import gather
    from gatekeeper.subject import Subject

    _need_staged(tree, arguments.gate)
    gate = Gate.load(tree / arguments.gate)
    commands = [_command(text) for text in arguments.run]
    slots = {*arguments.slot, *(slot for slot, _ in commands)}
    stage = local_stage(gate, arguments.stage, slots)
    subject = Subject.index()
    made = list(_run_all(commands, tree, reports))
    named = [_as_staged(argument, tree) for argument in arguments.evidence]
    cut = _cut(gate, stage)
    preview = cut.preview(subject, stage.name, gather([*named, *made], stage, subject), at=datetime.now(UTC))
    arguments.format = "text"
    sys.stdout.write(preview.explain("text", **style(arguments, sys.stdout)))
    return 0 if preview.decision.outcome == "allow" else 1


def _need_staged(tree: Path, gate: str) -> None:
    if not (tree / gate).is_file():
        hint = "git add it, with its lock, trust and policies"
        raise UsageError("the gate is not staged", where=gate, hint=hint, code="usage.gate")


def local_stage(gate: Gate, name: str, slots: set[str]) -> Stage:
    """A stage without people, time and the stage before; with some slots only, and the rules those are enough for.

    Raises:
        UsageError: The stage has no such slot, or no rule is left.
    """
    from gatekeeper.load.table import suggestion
    from gatekeeper.policy import RuleSet

    stage = gate.stage(name)
    for slot in sorted(slots - stage.slots.keys()):
        hint = suggestion(slot, stage.slots)
        raise UsageError(f"stage {name} has no slot {slot!r}", hint=hint, code="usage.slot")
    kept = {slot: stage.slots[slot] for slot in stage.slots if not slots or slot in slots}
    kinds = {slot.kind for slot in kept.values()}
    rules = tuple(rule for rule in stage.rules if rule.needs.keys() <= kinds)
    if not rules:
        raise UsageError(
            f"no rule of stage {name} is about these slots alone", hint="name more slots", code="usage.slot"
        )
    packs = {rule.pack for rule in rules}
    libraries = {path: text for path, text in stage.rule_set.libraries.items() if path.partition("/")[0] in packs}
    return replace(
        stage,
        rule_set=RuleSet(rules=rules, libraries=libraries),
        parameters={rule.id: stage.parameters[rule.id] for rule in rules},
        slots=kept,
        after="",
        after_unsigned=False,
        approvals=(),
        freezes=(),
    )


def _cut(gate: Gate, stage: Stage) -> Gate:
    """The gate with nothing but this stage: another digest, so that nobody takes its answer for the gate's."""
    from gatekeeper.gate import Gate

    return Gate(replace(gate.spec, stages={stage.name: stage}), gate.path)


def _command(text: str) -> tuple[str, str]:
    slot, equals, command = text.partition("=")
    if not equals or not slot.strip() or not command.strip():
        raise UsageError("--run needs SLOT=COMMAND", where=text, code="usage.run")
    return slot.strip(), command


def _run_all(commands: Sequence[tuple[str, str]], tree: Path, reports: Path) -> Iterator[str]:
    """``SLOT=FILE`` for the report of each command. The exit code says nothing: a tool that finds something has one."""
    reports.mkdir()
    for number, (slot, command) in enumerate(commands):
        report = reports / f"{number}-{slot}"
        environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        try:
            done = subprocess.run(  # noqa: S603 - a command of the user's own hook configuration
                ["/bin/sh", "-c", command],
                cwd=tree,
                env={**environment, "REPORT": str(report)},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno() if _has_descriptor() else subprocess.DEVNULL,
                check=False,
            )
        except OSError as cause:
            raise SourceError(f"cannot be run: {cause}", where=command, code="source.run") from cause
        if not report.is_file():
            hint = f"it ended with exit code {done.returncode}; let it write its report to $REPORT"
            raise UsageError(f"the command for {slot} left no report", where=command, hint=hint, code="usage.run")
        yield f"{slot}={report}"


def _has_descriptor() -> bool:
    try:
        sys.stderr.fileno()
    except (OSError, ValueError):
        return False
    return True


def _as_staged(argument: str, tree: Path) -> str:
    """A piece of evidence by its path in the tree when it is staged, else as it lies here."""
    slot, equals, path = argument.partition("=")
    if not equals or Path(argument).exists():
        slot, equals, path = "", "", argument
    staged = tree / path
    is_inside = not Path(path).is_absolute() and staged.resolve().is_relative_to(tree.resolve())
    return f"{slot}{equals}{staged}" if is_inside and staged.exists() else argument
