"""``gatekeeper gate diff``: every change with its way and its line, and 1 for a loosening."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from based import add, base_digest, move_to_base, own

if TYPE_CHECKING:
    from project import Project


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # whatever the terminal of whoever runs the tests


@pytest.fixture
def based(project: Project) -> Project:
    """A project that extends its organisation's gate."""
    move_to_base(project)
    return project


def test_a_project_that_tightens_its_base(based: Project) -> None:
    own(based, 'stages.build.valid_for = "3d"\nstages.build.parameters.own.coverage.minimum_percent = 90\n')
    ran = based.run("gate", "diff")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "neutral     gate.toml:2  it is called parcel instead of org\n"
        "tightening  gate.toml:4  minimum_percent of own.coverage goes from 80 to 90\n"
        "tightening  gate.toml:3  valid_for of build goes from 7d to 3d\n"
        "org -> parcel: 2 tightening, 1 neutral\n"
    )


def test_a_loosening_is_shown_and_is_1(based: Project) -> None:
    add(based, 'stages.build.valid_for = "9d"\nwaivers.max = "1d"\n')
    based.write("trust.toml", '[accept]\ncoverage = ["ci", "scanner"]\n')
    ran = based.run("gate", "diff", "--format", "json")

    assert ran.code == 1
    assert ran.json["looser"] is True
    assert [(change["way"], change["where"], change["place"]) for change in ran.json["changes"]] == [
        ("neutral", "gate.toml:2", ["name"]),
        ("tightening", "gate.toml:4", ["waivers", "max"]),
        ("loosening", "trust.toml:2", ["trust", "accept", "coverage"]),
        ("loosening", "gate.toml:3", ["stages", "build", "valid_for"]),
    ]
    assert ran.json["old"] == {"name": "org", "digest": base_digest(based)}


def test_a_lock_that_no_longer_fits_is_1_too(based: Project) -> None:
    based.edit("org/gate.toml", 'valid_for = "7d"', 'valid_for = "6d"')
    ran = based.run("gate", "diff")

    assert ran.code == 1
    assert "drift       the base org is sha256:" in ran.out


def test_a_gate_that_stands_alone_differs_from_its_lock_only(project: Project) -> None:
    assert (project.run("gate", "diff").code, project.run("gate", "diff").out) == (
        0,
        "parcel -> parcel: no difference\n",
    )

    project.edit("gate.toml", '["own.*"]', '["own.tests"]')
    ran = project.run("gate", "diff")
    assert ran.code == 1
    assert "drift       stage build no longer asks own.coverage" in ran.out


def test_two_gates_by_their_folders(project: Project) -> None:
    for name, old, new in (("before", "x", "x"), ("after", 'valid_for = "1d"', 'valid_for = "2d"')):
        for part in ("policies", "keys"):
            shutil.copytree(project.folder / part, project.folder / name / part)
        project.write(f"{name}/trust.toml", (project.folder / "trust.toml").read_text())
        project.write(f"{name}/gate.toml", (project.folder / "gate.toml").read_text().replace(old, new))
    ran = project.run("gate", "diff", "before", "after")

    assert ran.code == 1
    assert ran.out == (
        "loosening   after/gate.toml:21  valid_for of integration goes from 1d to 2d; only less is stricter\n"
        "parcel -> parcel: 1 loosening\n"
    )
    assert project.run("gate", "diff", "after", "before/gate.toml").code == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"own.*"', '"own.tests"', "own.coverage is no longer asked"),
        ('coverage = { kind = "coverage" }\n', 'cov = { kind = "coverage" }\n', "the slot coverage is gone"),
        ("approvals = [", "approvals = [] # [", "an approval is asked for no longer"),
        ('[waivers]\nrole = "security"\nmax = "30d"\n', "", "nothing can be waived any more"),
        ("[stages.integration.evidence]", "unsigned = true\n[stages.integration.evidence]", "may rest on unsigned"),
        ('engine = "opa 1.22.2"', 'engine = "opa 1.22.1"', "engine goes from opa 1.22.2 to opa 1.22.1"),
    ],
)
def test_what_was_taken_away_is_found(project: Project, old: str, new: str, message: str) -> None:
    project.write("before.toml", (project.folder / "gate.toml").read_text())
    project.edit("gate.toml", old, new)
    ran = project.run("gate", "diff", "before.toml", "gate.toml", "--format", "json")

    messages = [change["message"] for change in ran.json["changes"]]
    assert any(message in text for text in messages), messages
    assert ran.code == (0 if "waived" in message else 1)


def test_a_rule_that_changed_is_a_loosening_for_nobody_can_tell(project: Project) -> None:
    shutil.copytree(project.folder / "policies", project.folder / "before/policies")
    shutil.copytree(project.folder / "keys", project.folder / "before/keys")
    for name in ("gate.toml", "trust.toml"):
        project.write(f"before/{name}", (project.folder / name).read_text())
    project.edit("policies/own/tests/tests.rego", "Mend the code or the test.", "Mend it.")
    assert project.run("gate", "diff", "before", "gate.toml").code == 0

    project.edit("policies/own/tests/tests.rego", '"failed", "errored"', '"failed"')
    ran = project.run("gate", "diff", "before", "gate.toml", "--format", "json")
    assert ran.code == 1
    assert [change["place"] for change in ran.json["changes"]] == [
        ["stages", stage, "rules", "own.tests", "text"] for stage in ("build", "integration")
    ]


@pytest.mark.parametrize("named", ["nowhere", "sha256:" + "0" * 64, "gatekeeper:nothing"])
def test_what_is_no_gate_is_wrong_use_or_no_answer(project: Project, named: str) -> None:
    assert project.run("gate", "diff", named).code in {2, 3}


def test_json_and_text_say_the_same(based: Project) -> None:
    add(based, 'stages.build.valid_for = "9d"\n')
    text, form = based.run("gate", "diff"), based.run("gate", "diff", "--format", "json")

    assert text.code == form.code == 1
    assert len(json.loads(form.out)["changes"]) == len(text.out.splitlines()) - 1
