"""What `decide --evidence` takes: attestations, raw reports for the slots of the stage, folders of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.attestation import parse_statement
from gatekeeper.errors import GatekeeperError, UsageError
from gatekeeper.gather import gather
from gatekeeper.load.gate_file import load_gate
from project import coverage, ran_tests

if TYPE_CHECKING:
    from gatekeeper.evidence import Evidence
    from project import Project

JUNIT = '<testsuite name="s" tests="1"><testcase classname="s" name="p"/></testsuite>'
FAILED = '<testsuite name="s" tests="1"><testcase classname="s" name="f"><failure message="no"/></testcase></testsuite>'
CUT = '<testsuite name="s" tests="2"><testcase classname="s" name="p"/>'
COBERTURA = """\
<coverage lines-valid="1" lines-covered="1" line-rate="1" version="1" timestamp="1">
<packages><package name="p"><classes><class name="a" filename="a.py"><lines><line number="1" hits="1"/></lines></class></classes>
</package></packages></coverage>
"""


def gathered(project: Project, *arguments: str, stage: str = "build") -> Evidence:
    return gather(arguments, load_gate(project.folder / "gate.toml").stages[stage], project.subject)


def refusal(project: Project, *arguments: str, stage: str = "build") -> GatekeeperError:
    with pytest.raises(GatekeeperError) as refused:
        gathered(project, *arguments, stage=stage)
    return refused.value


def slots(body: Evidence) -> list[tuple[str, str]]:
    """The name of each report, and the slot that its statement says."""
    return sorted((item.name, parse_statement(item.payload).predicate["slot"]) for item in body)


def loosen(project: Project) -> None:
    """Unsigned test results and coverage count."""
    project.edit("trust.toml", 'test_results = ["ci"]', 'test_results = ["ci", "unsigned"]')
    project.edit("trust.toml", 'coverage = ["ci"]', 'coverage = ["ci", "unsigned"]')


def test_raw_reports_fill_the_slots_of_their_kind(project: Project) -> None:
    loosen(project)
    project.write("reports/junit.xml", JUNIT)
    project.write("reports/deep/cobertura.xml", COBERTURA)
    project.write("reports/README", "nothing to read here")
    ran = project.decide("build", evidence=("reports",))
    assert ran.code == 0, ran.reasons
    assert ran.err == "ignored: README: not an attestation, and no report that is read for this stage\n"
    items = {item["slot"]: item for item in ran.json["evidence"]["items"]}
    assert {slot: (item["status"], item["name"]) for slot, item in items.items()} == {
        "unit": ("unsigned", "junit.xml"),
        "coverage": ("unsigned", "cobertura.xml"),
    }
    assert ran.json["rests_on_unsigned"] is True


def test_a_raw_report_is_by_the_gate_and_unsigned_and_is_not_believed_for_that(project: Project) -> None:
    project.write("reports/junit.xml", JUNIT)
    project.attest("coverage", coverage(), slot="coverage")
    ran = project.decide("build", evidence=("reports", "evidence"))
    assert ran.code == 1
    [item] = [item for item in ran.json["evidence"]["items"] if item["slot"] == "unit"]
    assert (item["status"], item["reason"]) == (
        "rejected",
        "signed by nobody; test_results is accepted from ci at build",
    )


def test_a_signed_attestation_keeps_its_slot_from_a_raw_report(project: Project) -> None:
    project.attest("test_results", ran_tests(), slot="unit", name="unit")
    project.write("junit.xml", FAILED)
    refused = refusal(project, "evidence", "junit.xml")
    assert (type(refused), str(refused)) == (
        UsageError,
        "junit.xml: no slot of stage build is free for test_results (taken already: unit)",
    )


def test_a_slot_is_named_for_a_report(project: Project) -> None:
    project.write("a.xml", JUNIT)
    project.write("b.xml", FAILED)
    assert slots(gathered(project, "unit=a.xml", "unit=b.xml")) == [("a.xml", "unit"), ("b.xml", "unit")]


def test_a_named_slot_goes_first_and_the_rest_has_the_others(project: Project) -> None:
    project.edit("gate.toml", "[stages.integration]", 'e2e = { kind = "test_results" }\n[stages.integration]')
    project.lock()
    project.write("a.xml", JUNIT)
    project.write("b.xml", FAILED)
    for arguments in (("a.xml", "e2e=b.xml"), ("e2e=b.xml", "a.xml")):
        assert slots(gathered(project, *arguments)) == [("a.xml", "unit"), ("b.xml", "e2e")]
    refused = refusal(project, "a.xml")
    assert str(refused) == (
        "a.xml: 2 slots of stage build could take this test_results (--evidence unit=a.xml or --evidence e2e=a.xml)"
    )
    assert refused.code == "usage.slot"


def test_a_kind_that_the_stage_has_no_slot_for(project: Project) -> None:
    project.write("cov/cobertura.xml", COBERTURA)
    refused = refusal(project, "cov/cobertura.xml", stage="integration")
    assert str(refused) == (
        "cobertura.xml: no slot of stage integration is free for coverage (add a slot of kind coverage to the gate)"
    )
    assert gathered(project, "cov", stage="integration").ignored == ("cobertura.xml",)


def test_a_slot_given_to_an_attestation_that_names_none(project: Project) -> None:
    path = project.attest("test_results", ran_tests(), slot="unit")
    [item] = gathered(project, f"unit={path}")
    assert item.slot == "unit"


def test_a_file_whose_name_has_an_equals_sign_is_the_file(project: Project) -> None:
    project.write("unit=a.xml", JUNIT)
    assert slots(gathered(project, "unit=a.xml")) == [("unit=a.xml", "unit")]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("no-such.xml", "no-such.xml: there is no such file"),
        ("unit=no-such.xml", "no-such.xml: there is no such file"),
        ("empty", "empty: nothing is in this folder"),
        ("UNIT=a.xml", "UNIT=a.xml: there is no such file"),
    ],
)
def test_what_is_not_there_is_named(project: Project, argument: str, message: str) -> None:
    (project.folder / "empty").mkdir()
    project.write("a.xml", JUNIT)
    refused = refusal(project, argument)
    assert (type(refused), str(refused)) == (UsageError, message)


def test_a_name_too_long_for_a_file_is_an_error_and_no_crash(project: Project) -> None:
    assert refusal(project, "x" * 5000).exit_code == 3
    assert refusal(project, "unit=" + "x" * 5000).exit_code == 3


def test_a_file_that_nothing_recognises_is_refused_where_it_is_named(project: Project) -> None:
    project.write("notes.txt", "nothing")
    refused = refusal(project, "notes.txt")
    assert (type(refused), refused.where) == (UsageError, "notes.txt")
    project.write("more/notes.txt", "nothing")
    assert gathered(project, "more").ignored == ("notes.txt",)


@pytest.mark.parametrize("argument", ["cut.xml", "unit=cut.xml", "cut"])
def test_a_report_that_is_cut_off_is_a_rejected_item_and_no_smaller_report(project: Project, argument: str) -> None:
    loosen(project)
    project.attest("coverage", coverage(), slot="coverage")
    project.write("cut.xml", CUT)
    project.write("cut/cut.xml", CUT)
    ran = project.decide("build", evidence=("evidence", argument))
    assert ran.code == 1
    [item] = [item for item in ran.json["evidence"]["items"] if item["name"] == "cut.xml"]
    assert item["status"] == "rejected"
    assert "not well-formed" in item["reason"] or "no element" in item["reason"] or "not XML" in item["reason"]
    assert ran.results["slot.unit"]["outcome"] == "fail"


def test_a_report_that_is_about_another_artifact_is_rejected(project: Project) -> None:
    sbom = (
        '{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": {"type": "file",'
        ' "name": "other.whl", "hashes": [{"alg": "SHA-256", "content": "' + "0" * 64 + '"}]}}, "components": []}'
    )
    project.edit("gate.toml", "[stages.integration]", 'bill = { kind = "sbom" }\n[stages.integration]')
    project.lock()
    project.write("bom.json", sbom)
    [item] = gathered(project, "bom.json")
    assert (item.form, item.slot, item.name) == ("unreadable", "bill", "bom.json")
    assert "another" in item.problem


def test_of_two_reports_for_one_slot_nobody_guesses(project: Project) -> None:
    project.write("reports/a.xml", JUNIT)
    project.write("reports/b.xml", JUNIT)
    refused = refusal(project, "reports")
    assert str(refused) == "b.xml: no slot of stage build is free for test_results (taken already: unit)"


MANIFESTS = """\
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [] }
"""


def test_of_several_kinds_a_report_is_of_the_one_that_its_slot_asks_for(project: Project) -> None:
    own = 'coverage = { kind = "coverage" }'
    project.edit("gate.toml", own, f'{own}\nidentity = {{ kind = "workload_identity" }}')
    project.write("web.yaml", MANIFESTS)
    assert slots(gathered(project, "identity=web.yaml")) == [("web.yaml", "identity")]
    assert refusal(project, "web.yaml").code == "collect.ambiguous"
    assert refusal(project, "unit=web.yaml").code == "collect.unrecognised"
