"""``gatekeeper init --template``: five stages that a team fills in, and that open for nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import gatekeeper as gk
from gatekeeper import _data
from gatekeeper.cli.init_template import files
from gatekeeper.load.base import read_ground
from gatekeeper.load.extends import shipped
from gatekeeper.load.gate_file import gate_on, load_gate
from gatekeeper.load.packs import SHIPPED, load_packs

if TYPE_CHECKING:
    from gatekeeper.stage import GateSpec
    from project import Project

TEMPLATES = ("container-service", "python-package", "regulated-service")
ASKS_NO_EVIDENCE = {"naming.subject"}
STAGES = ["build", "integration", "resilience", "canary", "post-release"]


@pytest.fixture
def empty(project: Project) -> Project:
    """A folder with nothing but an artifact and some keys."""
    for name in ("gate.toml", "gate.lock", "trust.toml"):
        (project.folder / name).unlink()
    return project


def fill_in(project: Project) -> None:
    """What a team writes: whose repository it is, and keys for everybody."""
    project.edit("gate.toml", "OWNER/NAME", "acme/parcel")
    while "ssh-ed25519 FILL-IN" in (text := (project.folder / "trust.toml").read_text()):
        project.write("trust.toml", text.replace("ssh-ed25519 FILL-IN", some_key(text.count("FILL-IN")), 1))


@cache
def some_key(number: int) -> str:
    """The public key of somebody who has no other use here."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def filled(project: Project, template: str, *more: str) -> None:
    ran = project.run("init", "--template", template, *more)
    assert (ran.code, ran.err) == (0, "")
    fill_in(project)


@cache
def shipped_gate(template: str) -> GateSpec:
    return gate_on(read_ground(_data.folder("gates") / template / "gate.toml", is_base=True))


def test_these_are_the_templates() -> None:
    assert shipped() == TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_loads_locks_and_checks_and_opens_for_nothing(empty: Project, template: str) -> None:
    filled(empty, template)
    empty.lock()
    checked = empty.run("gate", "check")
    assert (checked.code, checked.out[:4]) == (0, "ok: "), checked.out
    gate = gk.Gate.load()

    assert list(gate.spec.stages) == STAGES
    for stage in STAGES:
        decision = gate.decide(empty.subject, stage, gk.Evidence.of([]), at=empty.now)
        assert not decision
        opened = {result.id for result in decision.results if result.outcome == "pass"}
        assert opened <= ASKS_NO_EVIDENCE
    assert empty.decide("build", evidence=()).code == 1
    assert empty.decide("build").code == 2, "an empty folder was named: that is a mistake of whoever calls"


@pytest.mark.parametrize("template", TEMPLATES)
def test_five_stages_each_after_the_one_before(template: str) -> None:
    stages = shipped_gate(template).stages

    assert list(stages) == STAGES
    assert [stage.after for stage in stages.values()] == ["", *STAGES[:-1]]
    assert stages["canary"].canary
    assert not any(stage.after_unsigned for stage in stages.values())


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_slot_is_read_by_a_rule_or_an_approval(template: str) -> None:
    for stage in shipped_gate(template).stages.values():
        read = {kind for rule in stage.rules for kind in rule.facts}
        read |= {kind for rule in stage.rules for kind in rule.baseline}
        read |= {"change"} if stage.approvals else set()
        assert {slot.kind for slot in stage.slots.values()} <= read | {"sbom", "provenance"}, stage.name


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_stage_asks_of_one_report_what_manifests_say_and_what_plans_say(template: str) -> None:
    for stage in shipped_gate(template).stages.values():
        asked = {rule.id for rule in stage.rules}
        assert "configuration.baseline" not in asked or not asked & {
            "configuration.deviations",
            "configuration.no_destroy",
        }


def test_each_standard_rule_is_asked_by_a_stage_of_a_template(empty: Project) -> None:
    asked = set()
    for template in TEMPLATES:
        for path, text in files(template, name="x").items():
            empty.write(path, text)
        fill_in(empty)
        gate = load_gate(empty.folder / "gate.toml")
        asked |= {rule.id for stage in gate.stages.values() for rule in stage.rules}

    assert set(load_packs([SHIPPED]).rules) - asked == set()


def test_the_regulated_one_asks_more_than_that_of_any_service() -> None:
    regulated, plain = shipped_gate("regulated-service"), shipped_gate("container-service")

    for name in STAGES:
        missing = {rule.id for rule in plain.stages[name].rules} - {rule.id for rule in regulated.stages[name].rules}
        assert missing <= {"vulnerabilities.severity"}, name  # asked of what VEX leaves: exploitability.vex
        assert "exploitability.vex" in {rule.id for rule in regulated.stages[name].rules} or not missing, name
        assert regulated.stages[name].valid_for <= plain.stages[name].valid_for


# what is written


def test_what_was_there_is_left_as_it_was(project: Project) -> None:
    before = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
    ran = project.run("init", "--template", "python-package")

    assert ran.code == 2
    assert ran.error["error"] == "it is there already"
    assert {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()} == before


def test_nothing_is_written_where_one_file_is_in_the_way(empty: Project) -> None:
    empty.write("trust.toml", "mine")
    ran = empty.run("init", "--template", "python-package")

    assert (ran.code, ran.error["where"]) == (2, "trust.toml")
    assert not (empty.folder / "gate.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--template", "python-pakage"), "there is no template 'python-pakage'"),
        (("--template", "start"), "there is no template 'start'"),
        (("--template", "../start"), "there is no template '../start'"),
        (("--copy",), "--copy goes with --template"),
    ],
)
def test_what_is_no_template_is_wrong_use(empty: Project, arguments: tuple[str, ...], message: str) -> None:
    ran = empty.run("init", *arguments)

    assert (ran.code, ran.error["error"]) == (2, message)


def test_what_is_left_to_fill_in_is_an_error_with_its_line(empty: Project) -> None:
    empty.run("init", "--template", "python-package")
    ran = empty.run("gate", "lock")

    assert ran.code == 3
    assert ran.error["where"].startswith("trust.toml:")


def test_a_copy_is_a_base_that_its_owner_may_change(empty: Project) -> None:
    filled(empty, "python-package", "--copy")
    empty.edit("base/gate.toml", '"artifact.*", ', "")
    gate = load_gate(empty.folder / "gate.toml")

    assert "artifact.metadata" not in {rule.id for rule in gate.stages["build"].rules}
    ran = empty.run("gate", "diff", "gatekeeper:python-package", "base", "--format", "json")
    assert ran.code == 1
    assert "artifact.metadata is no longer asked" in [change["message"] for change in ran.json["changes"]]


def test_a_project_that_asks_less_than_its_template_is_refused(empty: Project) -> None:
    filled(empty, "container-service")
    text = (empty.folder / "gate.toml").read_text()
    empty.write("gate.toml", text.replace("[stages.build]\n", "[stages.build]\nvalid_for = '30d'\n", 1))
    ran = empty.run("gate", "lock")

    assert ran.code == 3
    assert ran.error["error"].startswith("it loosens its base container-service: valid_for of build goes from")


# controls


def test_the_regulated_one_carries_its_table_of_controls() -> None:
    page = files("regulated-service", name="x")["controls.md"]
    rules = {rule.id: rule for stage in shipped_gate("regulated-service").stages.values() for rule in stage.rules}
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ") and "---" not in line]

    for heading in ("SOC 2", "ISO/IEC 27001:2022", "SSDF", "SLSA"):
        assert f"## {heading}" in page
    for rule in rules.values():
        for control in rule.controls:
            framework, _, name = control.partition("-")
            if framework in {"SOC2", "ISO27001", "SSDF", "SLSA"}:
                row = next(row for row in rows if row[0] == f"| {name}" and f"{rule.id} (" in row[2])
                assert row[2].count(f"{rule.id} (") == 1


def test_controls_are_in_their_order_and_have_titles() -> None:
    page = files("regulated-service", name="x")["controls.md"]

    assert page.index("| A.5.3 |") < page.index("| A.5.12 |") < page.index("| A.8.2 |") < page.index("| A.8.10 |")
    assert "| CC8.1 | Changes are authorised, tested, approved and documented |" in page


def test_only_the_regulated_one_writes_a_table() -> None:
    assert Path("controls.md").name not in files("python-package", name="x")
