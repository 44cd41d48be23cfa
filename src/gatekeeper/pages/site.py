"""All pages about some packs and gates: one for each rule and gate, an index, and the matrix of controls both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper import _time
from gatekeeper.pages.blocks import SUFFIX, Heading, Link, Name, Paragraph, Table, joined, name, prose, render
from gatekeeper.pages.rules import rule_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.load.packs import Packs
    from gatekeeper.pages.blocks import Block, Form, Inline
    from gatekeeper.policy import Rule
    from gatekeeper.stage import GateSpec, Stage

INDEX: Final = "README"
CONTROLS: Final = "controls"
NOTE: Final = "written by gatekeeper policy docs; change the rules, then write it again"


def pages(packs: Packs, gates: Sequence[GateSpec] = (), *, form: Form = "markdown") -> dict[str, str]:
    """Every page by its file name, sorted.

    Args:
        packs: The packs.
        gates: Gates that ask their rules.
        form: ``markdown`` or ``html``.
    """
    index = INDEX if form == "markdown" else "index"
    made: dict[str, list[Block]] = {
        index: list(_index(packs, gates)),
        CONTROLS: list(_controls(packs)),
        **{f"gate-{gate.name}": list(_gate(gate, packs)) for gate in gates},
        **{
            rule.id: rule_page(rule, pack, asked_by=_askers(rule, gates))
            for pack in packs.packs.values()
            for rule in pack.rules
        },
    }
    return {f"{page}{SUFFIX[form]}": render(made[page], form, note=NOTE) for page in sorted(made)}


def _askers(rule: Rule, gates: Sequence[GateSpec]) -> list[tuple[str, str]]:
    return [
        (gate.name, stage.name)
        for gate in gates
        for stage in gate.stages.values()
        if rule.id in {asked.id for asked in stage.rules}
    ]


def _index(packs: Packs, gates: Sequence[GateSpec]) -> Iterator[Block]:
    count = len(packs.rules)
    yield Heading(1, prose("Rules"))
    yield Paragraph(
        (
            *prose(
                f"{count} {'rule' if count == 1 else 'rules'} in {len(packs.packs)} packs. What checks which control: "
            ),
            Link("controls", CONTROLS),
            *prose("."),
        )
    )
    if gates:
        yield Paragraph((*prose("Gates: "), *joined([Link(gate.name, f"gate-{gate.name}") for gate in gates])))
    for pack in packs.packs.values():
        yield Heading(2, name(f"{pack.name} {pack.version}"))
        yield Paragraph(prose(pack.description))
        rows = tuple(
            (
                (Link(rule.id, rule.id),),
                prose(rule.title),
                joined([Name(kind) for kind in sorted({*rule.facts, *rule.baseline})]),
                prose(rule.severity or "-"),
            )
            for rule in pack.rules
        )
        yield Table(("rule", "what is true when it passes", "reads", "severity"), rows)


def _controls(packs: Packs) -> Iterator[Block]:
    rules = list(packs.rules.values())
    by_control: dict[str, list[Inline]] = {}
    for rule in rules:
        for control in rule.controls:
            by_control.setdefault(control, []).append(Link(rule.id, rule.id))
    yield Heading(1, prose("Controls"))
    yield Paragraph(
        prose(
            "What a rule checks is evidence for a control, and seldom all of it. The first part of a control's name "
            "is its framework."
        )
    )
    yield Heading(2, prose("By control"))
    yield Table(
        ("control", "rules"), tuple((name(control), joined(by_control[control])) for control in sorted(by_control))
    )
    yield Heading(2, prose("By rule"))
    yield Table(
        ("rule", "controls"),
        tuple(((Link(rule.id, rule.id),), joined([Name(control) for control in rule.controls])) for rule in rules),
    )


def _gate(gate: GateSpec, packs: Packs) -> Iterator[Block]:
    yield Heading(1, (*prose("The gate "), Name(gate.name)))
    yield Paragraph((*prose("Engine "), Name(f"opa {gate.engine}")))
    for stage in gate.stages.values():
        yield from _stage(stage, packs)


def _stage(stage: Stage, packs: Packs) -> Iterator[Block]:
    yield Heading(2, name(stage.name))
    after = f" It comes after {stage.after}." if stage.after else ""
    yield Paragraph(prose(f"An allow is valid for {_time.format_duration(stage.valid_for)}.{after}"))
    known = packs.rules
    yield Table(
        ("rule", "what is true when it passes", "parameters"),
        tuple(
            (
                (Link(rule.id, rule.id),) if rule.id in known else name(rule.id),
                prose(rule.title),
                _set(stage.parameters.get(rule.id, {})),
            )
            for rule in stage.rules
        ),
    )
    yield Table(
        ("slot", "kind", "how much", "how old"),
        tuple(
            (
                name(slot.name),
                name(slot.kind),
                prose(f"{slot.shards} shards" if slot.shards > 1 else f"{slot.count}"),
                prose(_time.format_duration(slot.max_age) if slot.max_age else "-"),
            )
            for slot in stage.slots.values()
        ),
    )


def _set(values: Mapping[str, object]) -> tuple[Inline, ...]:
    return joined([Name(f"{called} = {value}") for called, value in sorted(values.items())])
