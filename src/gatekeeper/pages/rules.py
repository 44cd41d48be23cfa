"""The page of a rule: its METADATA in the words of its readers, its code, and what its tests show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gatekeeper.facts import kinds
from gatekeeper.load._module import parse_module
from gatekeeper.load._pack import read_text
from gatekeeper.pages.blocks import Code, Heading, Link, Name, Paragraph, Table, Text, joined, name, prose
from gatekeeper.policy import code_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.load._pack import Pack
    from gatekeeper.pages.blocks import Block, Run
    from gatekeeper.policy import Parameter, Rule

_DIRECTIONS: Final = {
    "up": "a larger value is stricter",
    "down": "a smaller value is stricter",
    "subset": "a shorter list is stricter",
    "superset": "a longer list is stricter",
    None: "cannot be changed by a project that extends a base gate",
}
_BOUNDS: Final = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "of length at least",
    "minItems": "items at least",
}


def rule_page(rule: Rule, pack: Pack, *, asked_by: Sequence[tuple[str, str]] = ()) -> list[Block]:
    """The page of a rule.

    Args:
        rule: The rule.
        pack: Its pack.
        asked_by: Gates and stages that ask it.
    """
    return [
        Heading(1, name(rule.id)),
        Paragraph((Text(f"{rule.title}."),)),
        Paragraph(tuple(_standing(rule, pack))),
        Heading(2, prose("Why")),
        Paragraph(prose(rule.description)),
        Heading(2, prose("What it reads")),
        *_reads(rule),
        Heading(2, prose("Parameters")),
        *_parameters(rule),
        Heading(2, prose("What to do about a violation")),
        Paragraph(prose(rule.remedy)),
        *_asked(asked_by),
        Heading(2, prose("The rule")),
        Code("rego", code_of(rule.text).strip()),
        Heading(2, prose("What its tests show")),
        *_tests(rule, pack),
    ]


def _standing(rule: Rule, pack: Pack) -> Iterator[Any]:
    yield Text(f"Severity {rule.severity or 'not stated'} · pack ")
    yield Name(f"{pack.name} {pack.version}")
    yield Text(" · controls ")
    yield from joined([Name(control) for control in rule.controls])
    if rule.on_fail == "roll_back":
        yield Text(" · in a canary its failure asks for a rollback")
    if not rule.waivable:
        yield Text(" · cannot be waived")
    if rule.effective_on is not None:
        yield Text(f" · warns before {rule.effective_on.isoformat()}, denies from that day")


def _reads(rule: Rule) -> Iterator[Block]:
    rows = [
        (name(kind), name(path), prose(what), prose(_described(kind, path)))
        for what, declared in (
            ("has to be there", rule.needs),
            ("may be absent", rule.reads),
            ("of the release before, has to be there", rule.baseline),
        )
        for kind, paths in declared.items()
        for path in paths
    ]
    if not rows:
        yield Paragraph(prose("The subject's name and digest alone."))
        return
    yield Table(("kind", "fact", "is", "means"), tuple(rows))
    for path, parameter in rule.ages.items():
        yield Paragraph((Name(path), Text(" may be as old as "), Name(parameter), Text(" says.")))


def _described(kind: str, path: str) -> str:
    inner: Mapping[str, Any] = kinds()[kind].schema
    for part in path.split("."):
        inner = inner.get("items", inner).get("properties", {}).get(part, {})
    words = f"one of {', '.join(map(str, inner['enum']))}" if "enum" in inner else str(inner.get("type", ""))
    return f"{inner['description']} ({words})" if "description" in inner else words


def _parameters(rule: Rule) -> Iterator[Block]:
    if not rule.parameters:
        yield Paragraph(prose("None."))
        return
    rows = tuple(
        (name(called), prose(_type(item)), _default(item), prose(_DIRECTIONS[item.tighten]), prose(_meaning(item)))
        for called, item in rule.parameters.items()
    )
    yield Table(("parameter", "type", "default", "direction", "means"), rows)


def _type(parameter: Parameter) -> str:
    schema = parameter.schema
    inner = schema.get("items", {})
    words = [str(schema["type"])] + ([f"of {inner.get('type', '')}"] if inner else [])
    allowed = schema.get("enum") or inner.get("enum") or ()
    words += [f"one of {', '.join(map(str, allowed))}"] if allowed else []
    words += [f"{text} {schema[bound]}" for bound, text in _BOUNDS.items() if bound in schema]
    return ", ".join(words).replace("array, of", "list of")


def _default(parameter: Parameter) -> Run:
    if not parameter.has_default:
        return prose("to be set")
    return name(json.dumps(parameter.default, ensure_ascii=False))


def _meaning(parameter: Parameter) -> str:
    return str(parameter.schema.get("description", "-"))


def _asked(asked_by: Sequence[tuple[str, str]]) -> Iterator[Block]:
    if asked_by:
        yield Heading(2, prose("Who asks it"))
        rows = tuple(((Link(gate, f"gate-{gate}"),), name(stage)) for gate, stage in asked_by)
        yield Table(("gate", "stage"), rows)


def _tests(rule: Rule, pack: Pack) -> Iterator[Block]:
    beside = (pack.folder.parent / rule.path).parent
    names = [
        statement.name
        for path in pack.tests
        if path.parent == beside
        for statement in parse_module(read_text(path), path.name).statements
        if statement.name.startswith(("test_", "todo_test_"))
    ]
    if not names:
        yield Paragraph(prose("There are none."))
        return
    shown = [Name(called.removeprefix("test_").replace("_", " ")) for called in dict.fromkeys(names)]
    yield Paragraph(joined(shown, " · "))
