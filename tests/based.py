"""A project that extends its organisation's gate: the files of :class:`project.Project`, most of them in ``org/``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gatekeeper.load.base import read_ground
from gatekeeper.load.gate_file import gate_on

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.stage import GateSpec
    from project import Project

OWN = """\
extends = "org"
name = "parcel"
"""

TESTS_MORE = """\
# METADATA
# title: Nothing is skipped
# description: What is skipped is not tested.
# custom:
#   severity: low
#   needs: {test_results: [skipped]}
#   remedy: Mend the test or take it out.
package gatekeeper.team.skipped

import rego.v2

deny contains violation if {
	some report in input.test_results
	report.skipped > 0
	violation := {"message": $"{report.skipped} tests are skipped", "source": report.source}
}
"""


def move_to_base(project: Project, folder: str = "org") -> None:
    """Make what the project has the organisation's gate, and let the project extend it."""
    base = project.folder / folder
    base.mkdir(parents=True)
    for name in ("gate.toml", "trust.toml", "policies"):
        shutil.move(project.folder / name, base / name)
    shutil.copytree(project.folder / "keys", base / "keys", ignore=shutil.ignore_patterns("*.key"))
    project.edit(f"{folder}/gate.toml", 'name = "parcel"', 'name = "org"')
    project.write("gate.toml", OWN.replace('"org"', f'"{folder}"'))
    project.lock()


def own(project: Project, lines: str) -> None:
    """Add lines to the project's own gate, and lock it."""
    add(project, lines)
    project.lock()


def add(project: Project, lines: str) -> None:
    """Add lines to the project's own gate; its lock stays as it is."""
    project.write("gate.toml", (project.folder / "gate.toml").read_text() + lines)


def team_pack(project: Project, folder: str = "team") -> None:
    """A pack of the project's own: its rule wants nothing skipped."""
    project.write(f"{folder}/team/pack.toml", 'name = "team"\nversion = "1.0.0"\ndescription = "Of the team."\n')
    project.write(f"{folder}/team/skipped/skipped.rego", TESTS_MORE)


def base_digest(project: Project) -> str:
    """The digest of the gate that the project extends."""
    digest = spec_of(project.folder / "gate.toml").base_digest
    assert digest is not None
    return digest


def spec_of(path: Path) -> GateSpec:
    """A gate as it is written, whether it loosens its base or not."""
    return gate_on(read_ground(path))
