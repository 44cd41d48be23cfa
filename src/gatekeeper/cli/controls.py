"""For ``init --template``: which control of which framework a gate's rules and requirements are evidence for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from gatekeeper.load.table import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatekeeper.stage import GateSpec

FRAMEWORKS: Final[Mapping[str, str]] = {
    "SOC2": "SOC 2 (AICPA, Trust Services Criteria 2017)",
    "ISO27001": "ISO/IEC 27001:2022, Annex A",
    "SSDF": "SSDF (NIST SP 800-218)",
    "SLSA": "SLSA 1.0 and its source track",
}
"""Beginnings of a control's name in METADATA, and what they are."""

_HEAD: Final = """\
# Controls of {name}

Which rule or requirement is evidence for which control, by what the rules themselves say. A gate shows that something
was checked for one release; it is no certificate, and it does not see what happens elsewhere.
"""


def controls_page(gate: GateSpec, told: Path) -> str:
    """The table as Markdown.

    Args:
        gate: The gate whose rules and requirements are listed.
        told: A file with ``[titles]`` of controls by name, and ``[requirements]`` with the controls of each of them.
    """
    table = read_toml(told)
    named, required = table.table("titles"), table.table("requirements")
    titles = {name: named.text(name) for name in named.values}
    asked = _asked(gate)
    for requirement in required.values:
        for control in required.texts(requirement):
            asked[control].add(requirement)
    sections = (_section(framework, asked, titles) for framework in FRAMEWORKS)
    return "\n".join([_HEAD.format(name=gate.name), *(line for section in sections for line in section)])


def _asked(gate: GateSpec) -> defaultdict[str, set[str]]:
    """The rules by control, each with the stages that ask it."""
    stages: dict[str, list[str]] = defaultdict(list)
    controls: defaultdict[str, set[str]] = defaultdict(set)
    for stage in gate.stages.values():
        for rule in stage.rules:
            stages[rule.id].append(stage.name)
    for rule in (rule for stage in gate.stages.values() for rule in stage.rules):
        for control in rule.controls:
            controls[control].add(f"{rule.id} ({', '.join(stages[rule.id])})")
    return controls


def _section(framework: str, asked: Mapping[str, set[str]], titles: Mapping[str, str]) -> Iterator[str]:
    yield from (f"## {FRAMEWORKS[framework]}", "", "| control | what it asks | asked by |", "|---|---|---|")
    for control in sorted(asked, key=_order):
        if control.startswith(f"{framework}-"):
            by = "; ".join(sorted(asked[control]))
            yield f"| {control.removeprefix(f'{framework}-')} | {titles.get(control, control)} | {by} |"
    yield ""


def _order(control: str) -> list[tuple[int, str]]:
    """``A.5.9`` before ``A.5.12``."""
    parts = control.replace("-", ".").split(".")
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
