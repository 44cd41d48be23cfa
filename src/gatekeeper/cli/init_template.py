"""``gatekeeper init --template``: a gate that extends one of the library, for a team to fill in names and keys."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gatekeeper import _data
from gatekeeper.cli.controls import controls_page
from gatekeeper.cli.placing import place
from gatekeeper.cli.start_files import gate_name
from gatekeeper.errors import UsageError
from gatekeeper.load.base import read_ground
from gatekeeper.load.extends import LIBRARY, shipped
from gatekeeper.load.gate_file import gate_on
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.stage import GateSpec

_PROJECT: Final = "project"
"""The folder of ``gates`` with the files of a project that extends a base."""

_MORE: Final = "project.toml"
"""What a project of this template says beside what all projects do."""

_COPY: Final = "base"
_CONTROLS: Final = "controls.toml"
_PROJECT_KINDS: Final = ("environment", "feature_flags", "off_switch")
"""Kinds that are asked where only the project can say what is right."""

_SIGNED_BY: Final = '["ci"]'


def run(template: str, *, copy: bool) -> int:
    """Write the files, and tell what to fill in."""
    if template not in shipped():
        hint = suggestion(template, shipped())
        raise UsageError(f"there is no template {template!r}", hint=hint, code="usage.template")
    texts = files(template, name=gate_name(Path.cwd().name), copy=copy)
    place(texts, needed=(*texts, "gate.lock"), finish=lambda _folder: ())
    for path in texts:
        sys.stdout.write(f"wrote  {path}\n")
    sys.stdout.write("\nFill in: OWNER/NAME in gate.toml, keys and people in trust.toml.\n")
    sys.stdout.write("\nNext:\n\ngatekeeper gate lock\ngatekeeper gate show\n")
    return 0


def files(template: str, *, name: str, copy: bool = False) -> dict[str, str]:
    """The texts of a template by path.

    Args:
        template: Its name, one of :func:`gatekeeper.load.extends.shipped`.
        name: What the gate is called.
        copy: Extend a copy in the folder ``base`` instead of what comes with the library.
    """
    folder = _data.folder("gates") / template
    base = gate_on(read_ground(folder / "gate.toml", is_base=True))
    words = {"template": template, "name": name, "extends": _COPY if copy else f"{LIBRARY}{template}"}
    lines = {"accept": list(_accept(base)), "people": list(_people(base))}
    texts = {path: _filled(path, words, lines) for path in ("gate.toml", "trust.toml")}
    if (folder / _MORE).is_file():
        texts["gate.toml"] += "\n" + (folder / _MORE).read_text(encoding="utf-8")
    if copy:
        texts[f"{_COPY}/gate.toml"] = (folder / "gate.toml").read_text(encoding="utf-8")
    if (folder / _CONTROLS).is_file():
        texts["controls.md"] = controls_page(base, folder / _CONTROLS)
    return texts


def _filled(path: str, words: dict[str, str], lines: dict[str, list[str]]) -> str:
    """A file with each ``@word@`` filled in, and a line ``# @word@`` replaced by several."""
    text = (_data.folder("gates") / _PROJECT / path).read_text(encoding="utf-8")
    for name, block in lines.items():
        text = text.replace(f"# @{name}@", "\n".join(block))
    return re.sub(r"@(\w+)@", lambda match: words[match[1]], text)


def _accept(base: GateSpec) -> Iterator[str]:
    """A line for each kind that the base or the project asks."""
    kinds = {slot.kind for stage in base.stages.values() for slot in stage.slots.values()} | {*_PROJECT_KINDS}
    width = max(map(len, kinds))
    yield from (f"{kind:<{width}} = {_SIGNED_BY}" for kind in sorted(kinds))


def _people(base: GateSpec) -> Iterator[str]:
    """Somebody for each role, and as many as the stage with the most asks."""
    for role, count in sorted(_roles(base).items()):
        for number in range(1, count + 1):
            yield f"[people.{role}-{number}]"
            yield f'roles  = ["{role}"]'
            yield 'keys   = [{ key = "ssh-ed25519 FILL-IN" }]'
            yield f'logins = ["github:FILL-IN-{role}-{number}"]'


def _roles(base: GateSpec) -> dict[str, int]:
    roles = {base.waivers.role: 1} if base.waivers else {}
    if base.emergency:  # whoever declares one does not review it
        asked = Counter((base.emergency.role, base.emergency.review))
        roles |= {role: max(count, roles.get(role, 0)) for role, count in asked.items()}
    for stage in base.stages.values():
        for ask in stage.approvals:
            if ask.role:  # one more where the author may be among them
                roles[ask.role] = max(ask.count + bool(ask.exclude), roles.get(ask.role, 0))
    return roles
